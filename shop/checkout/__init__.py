"""From cart and held pieces to one order that is being paid.

Promises one order and one payment, however often the button is pressed.
Must not know HTTP or Stripe.
"""
