"""The composition root: the only place that knows both the shop and the live side.

Promises that everything the house needs from outside is read, checked and named in one place.
Nothing imports it but the processes it starts.
"""
