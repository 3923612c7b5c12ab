"""Where the money is."""

from django.db.models import Sum

from shop.core.money import Money
from shop.ledger.models import Posting


def balance(name: str, currency: str) -> Money:
    """The sum of an account's postings; zero for an account that nothing was posted to."""
    postings = Posting.objects.filter(account__name=name, account__currency=currency)
    return Money(postings.aggregate(sum=Sum("amount_minor"))["sum"] or 0, currency)
