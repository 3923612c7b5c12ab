"""Stripe's resources, one module each: how an object of it looks, and the table of its endpoints.

Promises: every field that Stripe always sends is there, and every parameter is one of Stripe's.
Must not know: HTTP, the hosted pages. Transfers, disputes and Connect get modules of their own here.
"""
