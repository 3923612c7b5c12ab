"""The shape of the house: what a tool can see of the conventions."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.diagrams import PLACE, draw_all

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
EDGES = {"web", "api", "door", "management"}
NOT_PARTS = {"migrations", "management", "static", "sql", "templatetags"}


def sources() -> Iterator[Path]:
    for top in ("shop", "liveevents", "config", "tests"):
        yield from (path for path in sorted((ROOT / top).rglob("*.py")) if "migrations" not in path.parts)


def parts() -> list[Path]:
    return [
        path
        for app in ("shop", "liveevents")
        for path in sorted((ROOT / app).iterdir())
        if path.is_dir() and path.name not in NOT_PARTS and not path.name.startswith("_")
    ]


def below_the_edge() -> list[Path]:
    """Modules of parts that are no edge: neither pages nor API nor commands."""
    return [path for part in parts() if part.name not in EDGES for path in sorted(part.rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("part", parts(), ids=lambda part: f"{part.parent.name}.{part.name}")
def test_each_part_says_what_it_is_promises_and_must_not_know(part: Path) -> None:
    said = ast.get_docstring(ast.parse((part / "__init__.py").read_text())) or ""

    lines = [line for line in said.splitlines() if line]
    assert len(lines) >= 3
    assert any(line.startswith("Promises") for line in lines)
    assert any(line.startswith("Must not know") for line in lines)


def test_no_file_and_no_function_is_too_long() -> None:
    too_long = []
    for path in sources():
        text = path.read_text()
        if len(text.splitlines()) > LONGEST_FILE:
            too_long.append(f"{path.relative_to(ROOT)} is a long file")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION:
                too_long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} is a long function")

    assert too_long == []


def test_only_edges_know_http_and_celery() -> None:
    strangers = ("django.http", "django.shortcuts", "django.contrib.sessions", "rest_framework", "celery")

    knowing = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in below_the_edge()
        for name in imported(path)
        if name.startswith(strangers)
    ]

    assert knowing == []


def test_only_edges_and_the_kernel_read_the_clock() -> None:
    reading = [
        str(path.relative_to(ROOT))
        for path in below_the_edge()
        if "core" not in path.parts
        and ({"django.utils.timezone", "shop.core.clock.now"} & imported(path) or "clock.now(" in path.read_text())
    ]

    assert reading == []


def test_there_are_no_drawers_for_odds_and_ends() -> None:
    drawers = {"utils", "helpers", "mixins", "common", "signals"}

    assert [str(path) for path in sources() if path.stem in drawers] == []


def test_the_state_diagrams_are_current() -> None:
    assert PLACE.read_text() == draw_all(), "run manage.py draw_states"
