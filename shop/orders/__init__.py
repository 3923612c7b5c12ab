"""What was agreed: an order and its lines, frozen when it was placed.

Promises that an order never changes its prices, and its state only by the table.
Must not know Stripe or parcels.
"""
