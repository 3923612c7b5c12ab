"""The audience's accounts, where a drop asks for them: invented people with a session, some follow the store."""

from datetime import timedelta
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction

from shop.accounts.models import Shopper, User
from shop.core import clock
from shop.door.shopper import COOKIE, SIGNER
from shop.stock.models import Audience
from shop.stores.models import Follow

NEED_AN_ACCOUNT: Final = (Audience.SIGNED_IN, Audience.FOLLOWERS)
LASTS: Final = timedelta(days=1)

Cookies = dict[str, str]


@transaction.atomic(durable=True)
def take_seats(*, store_id: int, people: int, followers: int) -> list[Cookies]:
    """The cookies of so many people who are signed in; the first `followers` of them follow the store."""
    password = make_password(None)
    users = User.objects.bulk_create(
        User(email=f"viewer-{number}@example.com", name=f"Viewer {number}", password=password)
        for number in range(people)
    )
    shoppers = Shopper.objects.bulk_create(Shopper(user=user) for user in users)
    Follow.objects.bulk_create(Follow(store_id=store_id, user=user) for user in users[:followers])
    sessions = Session.objects.bulk_create(_session(user) for user in users)
    return [
        {COOKIE: SIGNER.sign(str(shopper.pk)), settings.SESSION_COOKIE_NAME: session.session_key}
        for shopper, session in zip(shoppers, sessions, strict=True)
    ]


def _session(user: User) -> Session:
    """What signing in leaves behind."""
    kept = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    return Session(session_key=uuid4().hex, session_data=SessionStore().encode(kept), expire_date=clock.now() + LASTS)
