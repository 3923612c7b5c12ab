"""From an order to money and back: attempts, refunds, the webhook inbox.

Promises that money and goods change hands together, or not at all.
Must not know parcels, downloads or pages.
"""
