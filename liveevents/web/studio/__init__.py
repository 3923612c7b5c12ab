"""The studio: where a store's owner plans shows and runs them.

Promises 404 to everybody else, and one service call for each press of a button.
Must not know Stripe.
"""
