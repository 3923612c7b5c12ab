"""Letters are written once and sent once, whatever dies in between."""

import smtplib
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from pytest_django import Settings

from shop.core.clock import DatabaseNow
from shop.mails.letter import Letter, Link, one_line
from shop.mails.models import Mail, MailState
from shop.mails.queries import owed
from shop.mails.services import MOST_TRIES, is_for_good, send, write
from tests.conftest import set_clock


def letter(reference: str = "order.paid:17", to: str = "vera@stagedoor.example", subject: str = "Hello") -> Letter:
    return Letter(
        reference=reference,
        to=to,
        subject=subject,
        heading="Thank you <3",
        paragraphs=("Your mug & your cap.",),
        links=(Link("See it", "https://shop.example/orders/abc/"),),
    )


def written(**said: str) -> Mail:
    with transaction.atomic():
        write(letter(**said))
    return Mail.objects.get()


class Postbox(socketserver.BaseRequestHandler):
    """An SMTP server of four words: it takes everything except for an address that begins with "gone"."""

    def handle(self) -> None:
        lines = self.request.makefile("rb")
        self.request.sendall(b"220 postbox\r\n")
        for line in lines:
            word = line[:4].upper()
            if word == b"RCPT" and b"<gone" in line:
                self.request.sendall(b"550 no such person\r\n")
            elif word == b"DATA":
                self.request.sendall(b"354 go on\r\n")
                taken = b"".join(iter(lambda: next(lines), b".\r\n"))
                self.server.letters.append(taken)  # type: ignore[attr-defined]
                self.request.sendall(b"250 taken\r\n")
            elif word == b"QUIT":
                self.request.sendall(b"221 bye\r\n")
                return
            else:
                self.request.sendall(b"250 ok\r\n")


@pytest.fixture
def postbox(settings: Settings) -> Iterator[list[bytes]]:
    """What a real SMTP server on this machine was given."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Postbox)
    server.letters = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield server.letters  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def test_a_letter_is_written_once_for_its_reference(db: None) -> None:
    first = written()

    assert written(subject="Another").subject == first.subject


def test_a_letter_goes_out_as_text_and_html_under_its_own_id(db: None) -> None:
    mail = written()

    assert send(mail_id=mail.id)
    assert not send(mail_id=mail.id)

    (sent,) = outbox.outbox
    assert sent.extra_headers["Message-ID"] == mail.message_id
    assert "Your mug & your cap." in sent.body
    assert isinstance(sent, EmailMultiAlternatives)
    html, kind = sent.alternatives[0]
    assert kind == "text/html"
    assert "Your mug &amp; your cap." in str(html)
    assert "Thank you &lt;3" in str(html)
    assert Mail.objects.get().state == MailState.SENT
    assert not owed()


@pytest.mark.parametrize("subject", ["Hi\r\nBcc: all@stagedoor.example", "Hi\n\nBody", "x" * 500])
def test_a_subject_is_one_line_whatever_a_product_is_called(subject: str) -> None:
    assert "\n" not in one_line(subject)
    assert "\r" not in one_line(subject)
    assert len(one_line(subject)) <= 200


def test_a_sender_that_dies_is_replaced_after_a_minute_under_the_same_id(noon: object, postbox: list[bytes]) -> None:
    mail = written()
    Mail.objects.update(state=MailState.SENDING, tries=1, next_try_at=DatabaseNow())
    set_clock(Mail.objects.get().next_try_at)

    assert list(owed()) == [mail.id]
    assert send(mail_id=mail.id)

    parsed = message_from_bytes(postbox[0], policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    assert parsed["Message-ID"] == mail.message_id
    assert Mail.objects.get().state == MailState.SENT


def test_a_letter_that_kills_every_sender_is_given_up(db: None) -> None:
    mail = written()
    Mail.objects.update(state=MailState.SENDING, tries=MOST_TRIES)

    assert not send(mail_id=mail.id)

    assert Mail.objects.get().state == MailState.FAILED
    assert outbox.outbox == []


def test_a_letter_in_somebodys_hands_is_left_there_for_a_minute(noon: object) -> None:
    mail = written()
    Mail.objects.update(state=MailState.SENDING, tries=1)
    in_a_minute = Mail.objects.get().next_try_at.replace(minute=1)
    Mail.objects.update(next_try_at=in_a_minute)

    assert not owed()
    assert not send(mail_id=mail.id)
    assert outbox.outbox == []


def test_a_mail_server_that_is_away_is_asked_again_later_until_it_is_enough(noon: object, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    mail = written()

    waits = []
    for _ in range(MOST_TRIES):
        before = Mail.objects.get().next_try_at
        set_clock(before)
        assert send(mail_id=mail.id)
        waits.append((Mail.objects.get().next_try_at - before).total_seconds())
        assert not owed()

    assert waits[:3] == [5, 10, 20]
    after = Mail.objects.get()
    assert (after.state, after.tries) == (MailState.FAILED, MOST_TRIES)
    assert "refused" in after.last_error.lower()


def test_an_address_that_does_not_exist_is_not_asked_twice(db: None, postbox: list[bytes]) -> None:
    mail = written(to="gone@stagedoor.example")

    send(mail_id=mail.id)

    assert Mail.objects.get().state == MailState.FAILED
    assert postbox == []


def test_only_a_no_to_every_address_is_for_good() -> None:
    assert is_for_good(smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"")}))
    assert not is_for_good(smtplib.SMTPRecipientsRefused({"a@b.example": (451, b"")}))
    assert not is_for_good(smtplib.SMTPServerDisconnected("gone"))


@pytest.mark.django_db(transaction=True)
def test_two_senders_send_it_once(postbox: list[bytes]) -> None:
    mail, ready = written(), threading.Barrier(3)

    def sender() -> None:
        ready.wait()
        send(mail_id=mail.id)
        connection.close()

    threads = [threading.Thread(target=sender) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(postbox) == 1


def test_sending_inside_a_transaction_is_refused(db: None) -> None:
    mail = written()

    with transaction.atomic(), pytest.raises(RuntimeError, match="must not run inside"):
        send(mail_id=mail.id)
