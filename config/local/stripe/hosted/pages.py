"""The pages, from rows to HTML."""

from config.local.stripe.account import Account
from config.local.stripe.currencies import written
from config.local.stripe.hosted.card_form import CardForm
from config.local.stripe.hosted.templates import Html, joined, render
from config.local.stripe.resources.session_fields import INTENT_FIELD
from config.local.stripe.shapes import Fields

FIELDS = {
    "email": ("Email", "email", "email", "you@example.com", "", 120),
    "card_number": ("Card number", "text", "cc-number", "1234 1234 1234 1234", 'inputmode="numeric"', 23),
    "card_expiry": ("Expiry", "text", "cc-exp", "MM / YY", 'inputmode="numeric"', 9),
    "card_cvc": ("Security code", "text", "cc-csc", "CVC", 'inputmode="numeric"', 4),
    "card_name": ("Name on card", "text", "cc-name", "Full name", "", 120),
}
TEST_CARDS = (
    ("4242 4242 4242 4242", "Succeeds"),
    ("4000 0000 0000 0002", "Declined"),
    ("4000 0000 0000 9995", "Insufficient funds"),
    ("4000 0027 6000 3184", "3-D Secure required"),
    ("4000 0084 0000 1629", "3-D Secure, then declined"),
)
BUTTONS = {"pay": "Pay", "book": "Book", "donate": "Donate", "auto": "Pay"}


def checkout_page(account: Account, session: Fields, *, form: CardForm, errors: dict[str, str]) -> Html:
    """The payment page of an open session, with what was typed and what was wrong with it."""
    merchant = account.settings.merchant
    alert = _alert(account, session, errors=errors)
    first = next(iter(errors), "card_number" if alert else "")
    content = render(
        "checkout.html",
        action=session["url"],
        alert=alert,
        back=_back(session),
        button=_button(session),
        fine_print=_fine_print(session, merchant=merchant),
        heading=f"Pay {merchant}" if session["mode"] == "payment" else "Save a card",
        initial=merchant[:1].upper(),
        items=_items(account, session),
        merchant=merchant,
        save=_save_box(session, ticked=form.save),
        test_cards=joined([Html(f"<tr><td>{number}</td><td>{what}</td></tr>") for number, what in TEST_CARDS]),
        total=_total(session),
        **{
            name: _field(name, value=form.typed[name], error=errors.get(name), focused=name == first) for name in FIELDS
        },
    )
    return _page(account, content, title=f"{merchant} · Payment", kind="checkout-page")


def bank_page(account: Account, challenge: Fields) -> Html:
    """The bank's page of an open challenge: who wants how much from which card."""
    intent = account.find(challenge["intent_kind"], challenge["intent"])
    card = account.find("payment_method", intent["payment_method"])["card"]
    facts = {"Merchant": account.settings.merchant, "Card": f"{card['brand'].title()} ending {card['last4']}"}
    if intent["object"] == "payment_intent":
        facts["Amount"] = written(amount=intent["amount"], currency=intent["currency"])
    content = render(
        "bank.html",
        action=f"{account.settings.public_url}/3ds/{challenge['id']}",
        facts=joined([render("_fact.html", name=name, value=value) for name, value in facts.items()]),
        purpose="paying" if intent["object"] == "payment_intent" else "saving this card",
    )
    return _page(account, content, title="Sandbox Bank · Confirm it is you", kind="bank-page")


def notice_page(account: Account, *, mark: str, heading: str, text: str, link: tuple[str, str] | None = None) -> Html:
    """A page that only says something, perhaps with one way onward (words, address)."""
    onward = render("_onward.html", words=link[0], address=link[1]) if link else Html("")
    content = render("notice.html", mark=mark, heading=heading, text=text, link=onward)
    return _page(account, content, title=heading, kind="notice-page")


def prefilled(account: Account, session: Fields) -> CardForm:
    """The form as a buyer first sees it: with what the shop or an earlier attempt told."""
    entered = account.private(session["id"]).get("entered", {})
    known = session["customer_details"] or {}
    return CardForm(
        typed={
            "email": entered.get("email") or known.get("email") or "",
            "card_number": "",
            "card_expiry": "",
            "card_cvc": "",
            "card_name": entered.get("name") or "",
        }
    )


def _page(account: Account, content: Html, *, title: str, kind: str) -> Html:
    return render("page.html", title=title, root=account.settings.public_url, kind=kind, content=content)


def _alert(account: Account, session: Fields, *, errors: dict[str, str]) -> Html:
    if errors:
        return Html('<p class="alert" role="alert">Please check the fields marked below.</p>')
    field = INTENT_FIELD[session["mode"]]
    intent = account.find(field, session[field]) if session[field] else {}
    failure = intent.get("last_payment_error") or intent.get("last_setup_error")
    return render("_alert.html", message=failure["message"]) if failure else Html("")


def _back(session: Fields) -> Html:
    return render("_back.html", address=session["cancel_url"]) if session["cancel_url"] else Html("")


def _button(session: Fields) -> str:
    if session["mode"] == "setup":
        return "Save card"
    amount = written(amount=session["amount_total"], currency=session["currency"])
    return f"{BUTTONS[session['submit_type'] or 'auto']} {amount}"


def _fine_print(session: Fields, *, merchant: str) -> str:
    if session["mode"] == "setup":
        return f"You allow {merchant} to charge this card later."
    return f"Your payment goes to {merchant}. You will return to the shop afterwards."


def _total(session: Fields) -> str:
    if session["mode"] == "setup":
        return "Nothing to pay now"
    return written(amount=session["amount_total"], currency=session["currency"])


def _items(account: Account, session: Fields) -> Html:
    items = [account.find("item", id) for id in account.private(session["id"])["line_items"]]
    if not items:
        return Html("")
    rows = [_item(account, item) for item in items]
    total = render("_sum.html", amount=_total(session))
    return Html(f'<ul class="items">{joined(rows)}{total}</ul>')


def _item(account: Account, item: Fields) -> Html:
    product = account.find("product", item["price"]["product"])
    detail = [product["description"]] if product["description"] else []
    if item["quantity"] > 1:
        each = written(amount=item["price"]["unit_amount"], currency=item["currency"])
        detail.append(f"{item['quantity']} × {each}")
    return render(
        "_item.html",
        picture=render("_picture.html", address=product["images"][0]) if product["images"] else Html(""),
        name=product["name"],
        detail=joined([render("_detail.html", text=text) for text in detail]),
        amount=written(amount=item["amount_total"], currency=item["currency"]),
    )


def _save_box(session: Fields, *, ticked: bool) -> Html:
    options = session["saved_payment_method_options"] or {}
    if session["mode"] != "payment" or options.get("payment_method_save") != "enabled":
        return Html("")
    return render("_save_card.html", checked="checked" if ticked else "")


def _field(name: str, *, value: str, error: str | None, focused: bool) -> Html:
    label, type, autocomplete, placeholder, more, longest = FIELDS[name]
    marks = f'{more} aria-invalid="true" aria-describedby="{name}-error"' if error else more
    marks += " autofocus" if focused else ""
    return render(
        "_field.html",
        name=name,
        label=label,
        type=type,
        value=value,
        autocomplete=autocomplete,
        placeholder=placeholder,
        longest=longest,
        more=Html(marks),
        error=render("_error.html", name=name, message=error) if error else Html(""),
    )
