"""Who may fetch which file.

Promises one right for each unit bought, revoked with exactly that unit.
Must not know payments.
"""
