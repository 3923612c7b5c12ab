"""Whatever is sent, the sandbox answers in Stripe's words and never crashes."""

import asyncio
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.local.stripe.account import Account, Settings
from config.local.stripe.api import Answer, Api, Request
from config.local.stripe.hosted import routes
from config.local.stripe.limits import RateLimits
from config.local.stripe.params import Array, Either, Parameter, Shape
from config.local.stripe.resources.table import ENDPOINTS
from config.local.stripe.store import Store
from tests.stripe.sandbox import KEY, card_form

ODD = (
    *("", "0", "1", "-1", "500", "99999999999999999999", "true", "false", "é\x00"),
    *("usd", "card", "setup", "payment", "manual", "a@b.cd", "https://x.example"),
    *("pm_card_visa", "pm_card_chargeDeclined", "pm_card_authenticationRequired"),
)
FORMS = st.dictionaries(st.sampled_from([*card_form(number="")]), st.text()).map(urlencode)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    """An account without a server in front."""
    state: Path = tmp_path_factory.mktemp("stripe") / "stripe.sqlite3"
    return Account(store=Store(str(state)), settings=Settings(public_url="https://x.example", secret_key=KEY))


def names_in(parameter: Parameter, at: str) -> list[str]:
    """Every form name that a parameter could be sent under."""
    if isinstance(parameter, Shape):
        inner = [names_in(one, f"{at}[{name}]" if at else name) for name, one in parameter.fields.items()]
        return [name for names in inner for name in names]
    if isinstance(parameter, Array):
        return names_in(parameter.of, f"{at}[0]")
    if isinstance(parameter, Either):
        return names_in(parameter.plain, at) + names_in(parameter.structured, at)
    return [at, f"{at}[0]", f"{at}[deep][er]"]


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, str, dict[str, str]]:
    """A method, a path with some id in it, and a form of known names and odd values."""
    endpoint = draw(st.sampled_from(ENDPOINTS))
    form = (
        draw(st.dictionaries(st.sampled_from(names_in(endpoint.params, "")), st.sampled_from(ODD), max_size=8))
        if endpoint.params.fields
        else {}
    )
    for name in endpoint.params.required:
        form.setdefault(name, draw(st.sampled_from(ODD)))
    return endpoint.method, endpoint.path, form


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=calls(), pick=st.integers(min_value=0))
def test_no_call_crashes(account: Account, call: tuple[str, str, dict[str, str]], pick: int) -> None:
    method, path, form = call

    answer = ask(account, method, with_ids(account, path, pick), urlencode(form))

    assert answer.status in (200, 400, 402, 403, 404)
    assert answer.status == 200 or answer.body["error"]["message"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.one_of(
        st.text(max_size=80), st.dictionaries(st.sampled_from([*card_form(number="")]), st.text()).map(urlencode)
    )
)
def test_no_form_crashes_the_page(account: Account, body: str) -> None:
    asked = (
        "mode=payment&success_url=https://x.example/&line_items[0][quantity]=1&line_items[0][price_data][currency]=eur"
        "&line_items[0][price_data][unit_amount]=900&line_items[0][price_data][product_data][name]=Mug"
    )
    session = ask(account, "POST", "/v1/checkout/sessions", asked).body["id"]

    assert routes.respond(account, method="POST", path=f"/c/pay/{session}", body=body).status in (303, 422)


def ask(account: Account, method: str, path: str, form: str) -> Answer:
    """One call without a network."""

    async def hang(_seconds: float) -> None:
        raise AssertionError("nothing was told to hang")

    api = Api(account=account, limits=RateLimits(enforced=False))
    headers = {"authorization": f"Bearer {KEY}"}
    query, body = ("", form) if method == "POST" else (form, "")
    request = Request(method=method, path=path, query=query, headers=headers, body=body)
    return asyncio.run(api.respond(request, hang=hang))


def with_ids(account: Account, path: str, pick: int) -> str:
    """The path with ids that exist, of the right kind or not."""
    kinds = {"intent": "payment_intent", "session": "checkout.session", "id": "event"}
    while "{" in path:
        name = path[path.index("{") + 1 : path.index("}")]
        rows = account.store.rows("SELECT id FROM object WHERE kind = ?", (kinds.get(name, name),))
        path = path.replace(f"{{{name}}}", rows[pick % len(rows)][0] if rows else "none", 1)
    return path
