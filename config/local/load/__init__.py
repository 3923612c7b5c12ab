"""Load over HTTP/1.1: raw bytes on keep-alive sockets, fast enough not to be what is measured.

Promises an outcome for every request sent, also where no answer came. Must not know the house, its addresses or Django.
"""
