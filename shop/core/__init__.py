"""The kernel: money, transactions, states, facts, the clock and refusals.

Promises small, typed tools that every part may use.
Must not know any part of the shop, nor HTTP.
"""
