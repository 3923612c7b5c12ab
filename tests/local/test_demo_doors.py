"""The demo's doors and its mailbox exist in the demo only, and open for nobody whom we did not sign."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command
from django.test import Client

from config.local.people import PEOPLE, account
from shop.accounts.models import Shopper
from shop.door.shopper import COOKIE, SIGNER, read_cookie
from tests import make

pytestmark = pytest.mark.django_db
CORA, FRED = PEOPLE[0], PEOPLE[1]


@pytest.fixture
def demo(settings: Any, tmp_path: Path) -> None:
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.local.demo_urls"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")


@pytest.mark.parametrize("page", ["/demo/", "/demo/mail/", "/demo/enter/anything/"])
def test_outside_the_demo_there_is_no_door(client: Client, page: str) -> None:
    assert client.get(page).status_code == 404


def test_outside_the_demo_no_links_are_printed() -> None:
    with pytest.raises(CommandError, match="only in the demo"):
        call_command("demo_links")


def test_a_link_signs_its_person_in_and_leads_to_their_place(
    demo: None, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    cora = account(CORA)
    call_command("demo_links")
    name, _, link = capsys.readouterr().out.splitlines()[0].partition("\t")

    answer = client.get(urlsplit(link).path + "?" + urlsplit(link).query)

    assert name == "Cora, creator"
    assert answer["Location"] == "/studio/"
    assert client.session["_auth_user_id"] == str(cora.pk)
    assert Shopper.objects.get(user=cora).pk == read_cookie(client.cookies[COOKIE].value)


def test_a_second_link_makes_the_browser_another_person(
    demo: None, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    fred = account(FRED)
    of_cora = make.shopper(account(CORA))
    client.cookies[COOKIE] = SIGNER.sign(str(of_cora.pk))
    call_command("demo_links")
    link = urlsplit(capsys.readouterr().out.splitlines()[1].partition("\t")[2])

    client.get(link.path)

    assert client.session["_auth_user_id"] == str(fred.pk)
    assert read_cookie(client.cookies[COOKIE].value) != of_cora.pk


def test_a_forged_link_is_no_link(demo: None, client: Client) -> None:
    account(CORA)

    assert client.get("/demo/enter/ImNvcmEi:forged/").status_code == 404
    assert "_auth_user_id" not in client.session


def test_a_link_leads_nowhere_but_here(demo: None, client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    account(CORA)
    call_command("demo_links")
    link = urlsplit(capsys.readouterr().out.splitlines()[0].partition("\t")[2])

    for wanted in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        assert client.get(link.path, {"next": wanted})["Location"] == "/"


def test_the_mailbox_shows_what_was_sent_newest_first(demo: None, client: Client) -> None:
    assert "No mail yet" in client.get("/demo/mail/").content.decode()
    send("Your code", "It is AB12CD")
    send(
        "Paid", "Thank you: http://testserver/orders/x/", "<html><head></head><body><b>Thank you, Zoë</b></body></html>"
    )

    page = client.get("/demo/mail/").content.decode()
    newest = page[page.index("/demo/mail/2") :].partition('"')[0]

    assert page.index("Paid") < page.index("Your code")
    letter = client.get(newest)
    assert '<a href="http://testserver/orders/x/" rel="nofollow">' in letter.content.decode()
    assert f'src="{newest}html/" sandbox=' in letter.content.decode()
    assert "'self'" in letter["Content-Security-Policy"].partition("frame-src")[2].partition(";")[0]
    html = client.get(f"{newest}html/")
    assert "<b>Thank you, Zoë</b>" in html.content.decode()
    assert "default-src 'none'" in html["Content-Security-Policy"]
    assert html["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("key", ["x", "20260101-120000-1.0", "..%2f..%2fsettings", "20260101-120000-1.99"])
def test_a_mail_that_is_not_there_is_not_found(demo: None, client: Client, key: str) -> None:
    send("Your code", "It is AB12CD")

    assert client.get(f"/demo/mail/{key}/").status_code == 404


def send(subject: str, text: str, html: str = "") -> None:
    letter = EmailMultiAlternatives(subject, text, to=["vera@stagedoor.example"])
    if html:
        letter.attach_alternative(html, "text/html")
    letter.send()
