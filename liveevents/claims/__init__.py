"""Who may take pieces of a drop, and the taking.

Promises an answer that stays the same for the same key.
Must not know chat or analytics.
"""
