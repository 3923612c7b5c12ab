"""The parts that every page is made of."""

import re
import xml.etree.ElementTree as ElementTree

import html5lib  # type: ignore[import-untyped]
import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import translation

from config.local.design import specimens
from shop.catalog.models import Picture
from shop.core.money import Money
from shop.web.icons import ICONS
from shop.web.templatetags.stagedoor import clock_face, grams, icon, money, srcset


@pytest.fixture
def design_page() -> str:
    """Every component, with goods and without pictures."""
    return render_to_string("design.html", specimens({}))


def test_every_component_is_valid_html(design_page: str) -> None:
    html5lib.HTMLParser(strict=True).parse(design_page)


def test_no_component_needs_an_inline_style_or_script(design_page: str) -> None:
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", design_page)


def test_a_field_s_error_is_tied_to_its_control(design_page: str) -> None:
    control = re.search(r'<input type="email"[^>]*>', design_page)

    assert control is not None
    assert 'aria-invalid="true"' in control[0]
    assert 'aria-describedby="id_email_helptext id_email_error"' in control[0]
    assert 'id="id_email_error"' in design_page


def test_an_error_page_needs_nothing_but_itself() -> None:
    html5lib.HTMLParser(strict=True).parse(render_to_string("500.html"))


def test_money_is_written_as_the_reader_s_language_writes_it() -> None:
    with translation.override("en"):
        assert money(Money(123_450, "EUR")) == "€1,234.50"
    with translation.override("de"):
        assert money(Money(123_450, "EUR")) == "1.234,50\N{NO-BREAK SPACE}€"


@pytest.mark.parametrize(
    ("remaining_ms", "face"),
    [
        (-5, "0:00"),
        (0, "0:00"),
        (1, "0:01"),
        (60_000, "1:00"),
        (60_001, "1:01"),
        (3_599_000, "59:59"),
        (3_661_000, "1:01:01"),
    ],
)
def test_a_clock_counts_a_second_until_it_is_over(remaining_ms: int, face: str) -> None:
    assert clock_face(remaining_ms) == face


@pytest.mark.parametrize(("weight_g", "written"), [(0, "0 g"), (999, "999 g"), (1000, "1 kg"), (1250, "1.25 kg")])
def test_weights_turn_to_kilograms_where_people_do(weight_g: int, written: str) -> None:
    assert grams(weight_g) == written


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_one_well_formed_picture_that_a_screen_reader_skips(name: str) -> None:
    drawing = ElementTree.fromstring(icon(name))  # noqa: S314 - our own constants

    assert drawing.tag == "svg"
    assert drawing.get("aria-hidden") == "true"
    assert len(drawing) > 0


def test_a_name_that_is_no_icon_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        icon("unicorn")


def test_a_picture_offers_its_widths_from_narrow_to_wide() -> None:
    picture = Picture(renditions={"1200": "a-1200.webp", "320": "a-320.webp"})

    assert srcset(picture) == "/media/a-320.webp 320w, /media/a-1200.webp 1200w"


def test_a_price_is_struck_only_when_it_was_higher() -> None:
    price = Template('{% include "_price.html" %}')

    lower = price.render(Context({"price": Money(5200, "EUR"), "was": Money(7400, "EUR")}))
    same = price.render(Context({"price": Money(7400, "EUR"), "was": Money(7400, "EUR")}))

    assert "<s>€74.00</s>" in lower
    assert "<s>" not in same
