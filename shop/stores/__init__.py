"""A creator's shop front, the people who run it and what each of them may do.

Promises that a question about a store is answered for one person, or not at all.
Must not know goods, orders or shows.
"""
