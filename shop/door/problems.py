"""The one translation of everything that can be refused into JSON: a code for programs, a sentence for people."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler

from shop.core.errors import Refusal
from shop.door.statuses import status_of


class Problem(serializers.Serializer[Any]):
    """What every refused request gets."""

    code = serializers.CharField(help_text="For programs.")
    sentence = serializers.CharField(help_text="For people.")
    wrong_fields = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="Which field, and why."
    )
    details = serializers.DictField(required=False, help_text="What else is known, such as ms_left.")


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: a Problem for what is refused, wrong or absent; None, and so a crash, for a bug."""
    if isinstance(error, Refusal):
        return refused(error)
    if isinstance(error, Http404 | ObjectDoesNotExist):
        return Response({"code": "not_found", "sentence": "There is nothing here, or it is not yours."}, status=404)
    if isinstance(error, exceptions.ValidationError):
        return Response(
            {"code": "invalid", "sentence": "Some fields are not right.", "wrong_fields": _by_field(error.detail)},
            status=400,
        )
    response = exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.APIException):
        response.data = {"code": error.default_code, "sentence": str(error.detail)}
    return response


def refused(refusal: Refusal) -> Response:
    """A refusal as its status, code, sentence and details; at its fields where it names them."""
    details = {name: value for name, value in refusal.details.items() if isinstance(value, int | str)}
    field, problems = details.pop("field", None), refusal.details.get("problems")
    body: dict[str, Any] = {"code": refusal.code, "sentence": refusal.said}
    if isinstance(problems, dict):
        body["wrong_fields"] = {name: [said] for name, said in problems.items()}
    elif field:
        body["wrong_fields"] = {str(field): [refusal.said]}
    if details:
        body["details"] = details
    headers = {"Retry-After": str(details["wait_s"])} if "wait_s" in details else None
    return Response(body, status=status_of(refusal), headers=headers)


def _by_field(detail: Any) -> dict[str, list[str]]:
    """DRF's nested lists and dicts as one level: "address.city" to its sentences."""
    if not isinstance(detail, dict):
        return {"": [str(item) for item in (detail if isinstance(detail, list) else [detail])]}
    flat: dict[str, list[str]] = {}
    for name, inner in detail.items():
        for path, sentences in _by_field(inner).items():
            flat[f"{name}.{path}" if path else str(name)] = sentences
    return flat
