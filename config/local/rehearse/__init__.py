"""`./run rehearse`: a show as it would go, with a simulated audience, in a throw-away house beside the real one.

Promises to write nothing of the real house: its rows are read through one read-only transaction. Must not know Stripe.
"""
