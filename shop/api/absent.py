"""The addresses below /api/ that are not there: told to programs, not drawn for people."""

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.views import APIView


class Absent(APIView):
    """Answers every method with the Problem that says so."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404
