"""The live feed: a bare ASGI process that streams to viewers.

Promises to answer while everything else is busy.
Must not know any other part.
"""
