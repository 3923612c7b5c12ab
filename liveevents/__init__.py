"""Everything that makes the shop live: shows, drops, claims.

Promises that a show never sells what the shop does not have.
Must not know config.
"""
