"""Goods from elsewhere: Shopify's product export.

Promises that importing twice changes nothing and a bad row spoils no other.
Must not know orders.
"""
