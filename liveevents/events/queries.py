"""Reading shows."""

from django.db.models import Exists, OuterRef, QuerySet, Value

from liveevents.events.models import LiveEvent
from liveevents.events.states import EventState
from shop.accounts.models import User
from shop.core.clock import DatabaseNow
from shop.stores.models import Follow, Member, Role


def public_events() -> QuerySet[LiveEvent]:
    """What everybody may see, in stores that are open."""
    return LiveEvent.objects.exclude(state=EventState.DRAFT).filter(store__closed_at=None).select_related("store")


def public_event(*, store_handle: str, slug: str, user_id: int | None = None) -> LiveEvent:
    """A show by its address, with `now` by the database's clock, and whether this account `follows` its store.

    Raises LiveEvent.DoesNotExist.
    """
    follow = Follow.objects.filter(store=OuterRef("store"), user=user_id)
    shown = public_events().annotate(now=DatabaseNow(), follows=Exists(follow) if user_id else Value(False))
    return shown.get(store__handle=store_handle, slug=slug)


def live_now() -> QuerySet[LiveEvent]:
    """On air, the latest first."""
    return public_events().filter(state=EventState.LIVE).order_by("-live_at")


def coming_up() -> QuerySet[LiveEvent]:
    """Scheduled, the next first."""
    return public_events().filter(state=EventState.SCHEDULED).order_by("starts_at")


def shows_to_come() -> QuerySet[LiveEvent]:
    """Live ones first, then by their start."""
    return public_events().filter(state__in=[EventState.LIVE, EventState.SCHEDULED]).order_by("state", "starts_at")


def next_of(store: str) -> LiveEvent | None:
    """What a store has on stage now, else its next show."""
    of_store = {"store__handle": store}
    return live_now().filter(**of_store).first() or coming_up().filter(**of_store).first()


def events_of(user: User) -> QuerySet[LiveEvent]:
    """The shows of the stores that this person owns, the latest first."""
    owned = Member.objects.filter(user=user, role=Role.OWNER).values("store")
    return LiveEvent.objects.filter(store__in=owned).select_related("store").order_by("-starts_at", "-pk")


def event_of(*, user: User, event_id: int) -> LiveEvent:
    """A show of one of this person's own stores. Raises LiveEvent.DoesNotExist."""
    return events_of(user).get(pk=event_id)
