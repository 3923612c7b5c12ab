"""The Stripe sandbox, driven from outside by the official client and by plain HTTP."""
