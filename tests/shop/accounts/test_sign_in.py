"""Signing up and in by a code that arrives by e-mail; no password anywhere."""

import re
from typing import Any
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.http import HttpResponseBase
from django.test import Client

from shop.accounts.models import Shopper, User
from shop.door.shopper import COOKIE, SIGNER, read_cookie
from tests import make

pytestmark = pytest.mark.django_db


def test_an_account_needs_nothing_but_an_address_and_the_code_sent_to_it(client: Client) -> None:
    client.post("/account/signup/", {"email": "Nora@Stagedoor.example"})
    assert "_auth_user_id" not in client.session

    answer = client.post("/account/confirm-email/", {"code": newest_code(to="nora@stagedoor.example")})

    nora = User.objects.get(email="nora@stagedoor.example")
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(nora.pk)
    assert not nora.has_usable_password()
    assert EmailAddress.objects.get(user=nora).verified


def test_signing_in_is_one_code(client: Client) -> None:
    cora = make.user("cora@stagedoor.example")

    answer = sign_in(client, cora)

    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert client.session["_auth_user_id"] == str(cora.pk)


def test_sign_in_leads_back_to_where_it_began_but_not_to_strangers(client: Client) -> None:
    cora = make.user("cora@stagedoor.example")

    assert sign_in(client, cora, to="/studio/")["Location"] == "/studio/"
    client.post("/account/logout/")
    assert sign_in(client, cora, to="https://evil.example/")["Location"] == "/account/"


def test_a_wrong_code_signs_nobody_in(client: Client) -> None:
    cora = make.user("cora@stagedoor.example")
    client.post("/account/login/", {"email": cora.email})

    answer = client.post("/account/login/code/confirm/", {"code": "WRONG1"})

    assert answer.status_code == 200
    assert "Incorrect code" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_code_that_did_not_arrive_is_sent_again_and_the_old_one_is_dead(client: Client) -> None:
    cora = make.user("cora@stagedoor.example")
    client.post("/account/login/", {"email": cora.email})
    lost = newest_code(to=cora.email)

    client.post("/account/login/code/confirm/", {"action": "resend"})
    client.post("/account/login/code/confirm/", {"code": lost})
    assert "_auth_user_id" not in client.session
    client.post("/account/login/code/confirm/", {"code": newest_code(to=cora.email)})

    assert client.session["_auth_user_id"] == str(cora.pk)


def test_a_mistyped_address_is_corrected_before_it_is_confirmed(client: Client) -> None:
    client.post("/account/signup/", {"email": "nroa@stagedoor.example"})

    client.post("/account/confirm-email/", {"action": "change", "email": "nora@stagedoor.example"})
    client.post("/account/confirm-email/", {"code": newest_code(to="nora@stagedoor.example")})

    assert User.objects.get(pk=client.session["_auth_user_id"]).email == "nora@stagedoor.example"


def test_an_account_moves_to_another_address_by_a_code_sent_there(client: Client) -> None:
    cora = make.user("cora@stagedoor.example")
    sign_in(client, cora)
    assert client.get("/account/email/").status_code == 200

    client.post("/account/email/", {"email": "cora@elsewhere.example", "action_add": ""})
    client.post("/account/confirm-email/", {"code": newest_code(to="cora@elsewhere.example")})

    cora.refresh_from_db()
    assert cora.email == "cora@elsewhere.example"


def test_an_unknown_address_gets_no_code_and_a_stranger_does_not_learn_that() -> None:
    known = make.user("cora@stagedoor.example")

    answers = [
        Client().post("/account/login/", {"email": email}) for email in (known.email, "nobody@stagedoor.example")
    ]

    assert [answer["Location"] for answer in answers] == ["/account/login/code/confirm/"] * 2
    assert mail.outbox[-1].to == ["nobody@stagedoor.example"]
    assert "there is no account with this address" in mail.outbox[-1].body
    assert "http://testserver/account/signup/" in mail.outbox[-1].body


def test_signing_up_twice_tells_the_owner_how_to_sign_in(client: Client) -> None:
    cora = make.user("cora@stagedoor.example")
    EmailAddress.objects.create(user=cora, email=cora.email, verified=True, primary=True)

    client.post("/account/signup/", {"email": cora.email})

    (told,) = mail.outbox
    assert "http://testserver/account/login/" in told.body
    assert User.objects.count() == 1


@pytest.mark.parametrize("page", ["/account/login/", "/account/signup/"])
def test_no_page_asks_for_a_password(client: Client, page: str) -> None:
    assert "password" not in re.sub(r"No password[^.]*\.", "", client.get(page).content.decode()).lower()
    assert client.get("/account/password/reset/").status_code == 404


def test_codes_for_one_address_are_limited_wherever_they_are_asked_for() -> None:
    cora = make.user("cora@stagedoor.example")

    for number in range(5):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post("/account/login/", {"email": cora.email})

    assert len(mail.outbox) == 3


def test_a_flood_of_sign_ups_is_stopped_for_the_one_who_sends_it(client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"signup": "2/m/ip"}

    answers = [
        client.post("/account/signup/", {"email": "not an address"}, HTTP_X_FORWARDED_FOR=sender)
        for sender in ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2")
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 200]
    assert "Wait a minute and try again" in answers[2].content.decode()


def test_what_a_guest_had_belongs_to_the_account_after_sign_in(client: Client) -> None:
    cora, guest = make.user("cora@stagedoor.example"), make.shopper()
    client.cookies[COOKIE] = SIGNER.sign(str(guest.pk))

    sign_in(client, cora)

    guest.refresh_from_db()
    assert guest.user == cora
    assert shopper_of(client) == guest.pk


def test_a_browser_without_a_shopper_gets_one_at_sign_in(client: Client) -> None:
    cora = make.user("cora@stagedoor.example")

    sign_in(client, cora)

    assert [shopper.pk for shopper in Shopper.objects.filter(user=cora)] == [shopper_of(client)]


def test_after_sign_out_the_next_guest_is_a_stranger(client: Client) -> None:
    cora, guest = make.user("cora@stagedoor.example"), make.shopper()
    client.cookies[COOKIE] = SIGNER.sign(str(guest.pk))
    sign_in(client, cora)

    client.post("/account/logout/")

    assert shopper_of(client) is None


def test_signing_in_as_another_person_gives_that_persons_own_shopper(client: Client) -> None:
    cora, fred = make.user("cora@stagedoor.example"), make.user("fred@stagedoor.example")
    of_cora, of_fred = make.shopper(cora), make.shopper(fred)
    client.cookies[COOKIE] = SIGNER.sign(str(of_cora.pk))

    sign_in(client, fred)

    of_cora.refresh_from_db()
    assert of_cora.user == cora
    assert shopper_of(client) == of_fred.pk


def sign_in(client: Client, user: User, to: str = "") -> HttpResponseBase:
    where = {"next": to} if to else {}
    client.post("/account/login/", {"email": user.email, **where})
    return client.post("/account/login/code/confirm/", {"code": newest_code(to=user.email), **where})


def newest_code(to: str) -> str:
    letter = mail.outbox[-1]
    assert letter.to == [to]
    code = re.search(r"^ {4}(\S+)$", str(letter.body), re.MULTILINE)
    assert code
    assert code[1] in letter.subject
    return code[1]


def shopper_of(client: Client) -> UUID | None:
    return read_cookie(client.cookies[COOKIE].value) if COOKIE in client.cookies else None
