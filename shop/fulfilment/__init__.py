"""From a paid order to a parcel at the door.

Promises that a parcel holds what was paid for and its tracking tells the truth.
Must not know payments or prices.
"""
