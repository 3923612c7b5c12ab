"""What it costs: offers with a window, shipping and tax rates, and the quote.

Promises the same totals for the same lines, in whole minor units.
Must not know shows, Stripe or stock.
"""
