"""A complete shop that has never heard of live video.

Promises stock, money and parcels that agree.
Must not know liveevents or config.
"""
