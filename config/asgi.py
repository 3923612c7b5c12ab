"""The live stream and nothing else: bare ASGI, no Django request in it."""

from liveevents.stream.server import application

__all__ = ["application"]
