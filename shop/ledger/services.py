"""The only way money moves: balanced entries, once for each reference."""

from collections.abc import Mapping

from shop.core.db import inside_transaction
from shop.core.money import Money, total_of
from shop.ledger.models import Account, Entry, Posting


@inside_transaction
def post(*, reference: str, legs: Mapping[str, Money]) -> None:
    """Write one entry: account name to what goes into it, negative for out of it; once for each reference.

    A leg of nothing is left out, and so is an entry without legs. Raises ValueError where the legs, which share
    one currency, do not sum to zero.
    """
    moved = {name: amount for name, amount in legs.items() if amount}
    if not moved:
        return
    currency = next(iter(moved.values())).currency
    if total_of(moved.values(), currency=currency):
        raise ValueError(f"entry {reference} does not balance")
    entry, is_new = Entry.objects.get_or_create(reference=reference)
    if is_new:
        Posting.objects.bulk_create(
            Posting(entry=entry, account=_account(name, currency), amount_minor=amount.amount_minor)
            for name, amount in sorted(moved.items())
        )


def _account(name: str, currency: str) -> Account:
    account, _ = Account.objects.get_or_create(name=name, currency=currency)
    return account
