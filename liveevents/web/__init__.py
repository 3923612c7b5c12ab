"""The viewer's page and the studio.

Promises one service call for each press of a button.
Must not know Stripe.
"""
