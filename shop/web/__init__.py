"""The buyers' pages and the fulfilment desk.

Promises one service call for each press of a button.
Must not know Stripe.
"""
