"""The door: who comes in, and how a no is said over HTTP. What pages and API share.

Promises one shopper behind each browser, and one status for each refusal.
Must not know a page or an endpoint.
"""
