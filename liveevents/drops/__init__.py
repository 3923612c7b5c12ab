"""A sale inside a show: a shop Offer and a shop Allotment.

Promises that pieces are carved from stock once and handed back once.
Must not know carts, chat or payments.
"""
