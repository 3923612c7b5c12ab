"""Who is there: accounts, the shopper behind a cookie, their addresses.

Promises that a person is counted once, however many browsers they use.
Must not know stores, goods or orders.
"""
