"""A show: its time, its video, its states.

Promises a video that can be shown, or a reason.
Must not know drops or claims.
"""
