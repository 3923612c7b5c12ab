"""Stripe's own description of its API, read from beside the checkout: what objects and parameters must look like."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.protocols import Validator

from tests.stripe.sandbox import ROOT

FOLDER = ROOT.parent / "shared" / "data" / "stripe"
SPEC = FOLDER / "spec3.json"
ABSENT = f"LOUD SKIP: Stripe's description is not at {SPEC}; nothing holds the sandbox against it."


@cache
def description() -> Any:
    """The OpenAPI document, its `nullable` turned into JSON Schema."""
    return _with_nulls(json.loads(SPEC.read_text()))


@cache
def schema_of(name: str) -> Validator:
    """A validator for one kind of object, as Stripe names it."""
    return Draft4Validator({"$ref": f"#/components/schemas/{name}", "components": description()["components"]})


@cache
def samples() -> Any:
    """One object of each kind, by name."""
    return json.loads((FOLDER / "fixtures3.json").read_text())["resources"]


def problems(thing: Any) -> list[str]:
    """What is wrong with an object (or a list of them) by the schema that its `object` names."""
    name = thing["object"]
    if name == "list":
        return [problem for one in thing["data"] for problem in problems(one)]
    name = f"deleted_{name}" if thing.get("deleted") else name
    return [f"{name}{error.json_path}: {error.message[:300]}" for error in schema_of(name).iter_errors(thing)]


def parameters_of(*, method: str, path: str) -> dict[str, Any]:
    """The schema of each parameter of an endpoint, by name."""
    operation = description()["paths"][path][method.lower()]
    if method == "POST":
        content = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]
        return dict(content["schema"].get("properties", {}))
    return {one["name"]: one["schema"] for one in operation.get("parameters", []) if one["in"] == "query"}


def _with_nulls(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_nulls(one) for one in node]
    if not isinstance(node, dict):
        return node
    plain = {name: _with_nulls(value) for name, value in node.items() if name != "nullable"}
    if node.get("nullable") is True:
        return {"anyOf": [plain, {"type": "null"}]}
    return plain
