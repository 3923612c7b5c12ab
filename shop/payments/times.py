"""How long a payment and its parts last."""

from datetime import timedelta

# What a buyer has from the opening of Stripe's page to its end.
PAY_S = 300
# A payment whose page was never opened, because Stripe is away or thousands were before it, ends after this. At the
# pace of `pace.py` twelve thousand pages are opened in that time.
OPENS_WITHIN = timedelta(minutes=10)
# Stripe wants half an hour at least from the call to the end of its page, and the same body for the same key: so the
# end counts from the start of the attempt, and leaves another twenty minutes to whatever delays the call.
SESSION_LASTS = OPENS_WITHIN + timedelta(minutes=50)
# Whose bank said no may try another card for so long, even where fewer seconds of the hold were left.
RETRY_S = 60
