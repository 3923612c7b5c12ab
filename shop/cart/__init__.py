"""What a shopper put aside without claiming it.

Promises that a cart survives a failed payment.
Must not know orders or payments.
"""
