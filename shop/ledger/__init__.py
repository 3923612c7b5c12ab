"""Where every cent is: accounts and balanced postings.

Promises that each entry sums to zero and none is ever changed.
Must not know orders or gifts.
"""
