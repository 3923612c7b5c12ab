"""What we write to people: each letter a row, sent once.

Promises that a letter is sent, under one Message-ID, even if the sender dies.
Must not know HTTP or Stripe.
"""
