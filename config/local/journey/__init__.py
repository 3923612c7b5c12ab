"""The main job of the house, driven from outside over HTTP: from a drop that is announced to a parcel that is followed.

It knows addresses, pages and the Stripe sandbox's switches, and nothing of the code behind them.
"""
