"""A Stripe sandbox: Stripe's HTTP API, hosted pages and signed webhooks for one account, in a process of its own.

Promises: the official client cannot tell it from Stripe for what it has; state survives a restart; faults on demand.
Must not know: Django, the shop, the shows, or anything else of the house.
"""
