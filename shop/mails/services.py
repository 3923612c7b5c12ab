"""Letters are written beside what they tell of, and sent by whoever takes them."""

from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused

import structlog
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from shop.core.clock import DatabaseNow
from shop.core.db import inside_transaction, outside_transaction
from shop.core.states import advance
from shop.core.trace import following
from shop.mails.letter import Letter, mail_of
from shop.mails.models import Mail, MailState

SENDER_DEAD_AFTER = timedelta(seconds=60)
FIRST_WAIT_S = 5
LONGEST_WAIT_S = 3600
MOST_TRIES = 12
PERMANENT = range(500, 600)

log = structlog.get_logger(__name__)


@inside_transaction
def write(letter: Letter) -> None:
    """Keep a letter to be sent after the transaction; a letter of the same reference stays as it was written first."""
    if not Mail.objects.filter(reference=letter.reference).exists():
        Mail.objects.bulk_create([mail_of(letter)], ignore_conflicts=True)


@outside_transaction
def send(*, mail_id: int) -> bool:
    """Send a letter that is owed; False where somebody else does, or did.

    Taking it is committed before the mail server is asked. A sender that dies in between leaves it SENDING; after a
    minute it goes again under the same Message-ID, so that a mailbox that got both shows one (RFC 5322, 3.6.4).
    A mail server that says no is asked again with growing waits; after the last try, or a no for good, it is FAILED,
    and so is a letter whose senders die as often.
    """
    mail = _take(mail_id=mail_id)
    if mail is None:
        return False
    with following(mail.request_id):
        try:
            _as_message(mail).send()
        except (SMTPException, OSError) as failure:
            _put_off(mail=mail, failure=failure)
        else:
            _mark_sent(mail=mail)
    return True


@transaction.atomic(durable=True)
def _take(*, mail_id: int) -> Mail | None:
    owed_ones = Mail.objects.select_for_update(skip_locked=True).filter(next_try_at__lte=DatabaseNow())
    mail = owed_ones.filter(id=mail_id, state__in=[MailState.WRITTEN, MailState.SENDING]).first()
    if mail is None:
        return None
    if mail.state == MailState.SENDING and mail.tries >= MOST_TRIES:
        advance(mail, MailState.FAILED, last_error="Its sender died each time.")
        log.error("letter_failed", mail=mail.id, reference=mail.reference, why=mail.last_error)
        return None
    if mail.state == MailState.SENDING:
        log.warning("letter_goes_again", mail=mail.id, tries=mail.tries)
        advance(mail, MailState.WRITTEN)
    return advance(mail, MailState.SENDING, tries=mail.tries + 1, next_try_at=DatabaseNow() + SENDER_DEAD_AFTER)


@transaction.atomic(durable=True)
def _mark_sent(*, mail: Mail) -> None:
    mine = _still_mine(mail)
    if mine:
        advance(mine, MailState.SENT, sent_at=DatabaseNow(), last_error="")
    log.info("letter_sent", mail=mail.id, reference=mail.reference)


@transaction.atomic(durable=True)
def _put_off(*, mail: Mail, failure: SMTPException | OSError) -> None:
    mine = _still_mine(mail)
    if not mine:
        return
    said = f"{type(failure).__name__}: {failure}"[:500]
    if is_for_good(failure) or mail.tries >= MOST_TRIES:
        advance(mine, MailState.FAILED, last_error=said)
        log.error("letter_failed", mail=mail.id, reference=mail.reference, why=said)
    else:
        wait = timedelta(seconds=min(FIRST_WAIT_S * 2 ** (mail.tries - 1), LONGEST_WAIT_S))
        advance(mine, MailState.WRITTEN, last_error=said, next_try_at=DatabaseNow() + wait)
        log.warning("letter_put_off", mail=mail.id, tries=mail.tries, why=said)


def _still_mine(mail: Mail) -> Mail | None:
    """The row, locked, unless another sender took it meanwhile: each taking counts a try."""
    return Mail.objects.select_for_update().filter(id=mail.id, state=MailState.SENDING, tries=mail.tries).first()


def is_for_good(failure: Exception) -> bool:
    """The mail server will never take this address: every recipient was refused with a 5xx (RFC 5321, 4.2.1)."""
    return isinstance(failure, SMTPRecipientsRefused) and all(
        code in PERMANENT for code, _ in failure.recipients.values()
    )


def _as_message(mail: Mail) -> EmailMultiAlternatives:
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(subject=mail.subject, body=mail.text, to=[mail.to], headers=headers)
    message.attach_alternative(mail.html, "text/html")
    return message
