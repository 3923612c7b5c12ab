"""`manage.py import_products FILE --store HANDLE`: a Shopify product export into a store."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.core import clock
from shop.core.errors import Refusal
from shop.imports.reading import MOST_BYTES
from shop.imports.services import Report, import_products
from shop.stores.models import Store


class Command(BaseCommand):
    help = "Import a Shopify product CSV into a store. Importing it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file and the store."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--store", required=True, help="the store's handle")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and tell what happened; what did not go in is told on stderr with its line."""
        try:
            report = import_products(store=_store(options["store"]), content=_content(options["file"]), at=clock.now())
        except Refusal as refused:
            raise CommandError(refused.said) from refused
        for problem in report.problems:
            self.stderr.write(f"line {problem.line}: {problem.why}")
        self.stdout.write(_summary(report))


def _store(handle: str) -> Store:
    try:
        return Store.objects.get(handle=handle)
    except Store.DoesNotExist as absent:
        raise CommandError(f"There is no store “{handle}”.") from absent


def _content(path: Path) -> bytes:
    """The file, or a little more of it than is allowed."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as absent:
        raise CommandError(f"{path} cannot be read: {absent.strerror}.") from absent


def _summary(report: Report) -> str:
    products = report.new + report.changed + report.unchanged
    problems = f"{len(report.problems)} problems, above." if report.problems else "No problems."
    return (
        f"{products} products ({report.new} new, {report.changed} changed, {report.unchanged} as before) "
        f"with {report.variants} variants; {report.pictures} pictures fetched. {problems}"
    )
