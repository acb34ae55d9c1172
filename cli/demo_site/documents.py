"""What the replay site publishes, read from the files beside this module."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent

_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Publisher:
    """An invented publisher: `page` names its template, `index` the form in which it lists its pages."""

    id: str
    name: str
    language: str
    page: str
    index: str
    encoding: str = "utf-8"


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One page of a publisher. `form`: html, pdf, damaged-pdf, broken or challenge.

    `published` is written as the publisher would write it: a day, or a time with its zone.
    """

    publisher: str
    path: str
    title: str
    published: str
    paragraphs: tuple[str, ...]
    author: str = ""
    summary: str = ""
    section: str = ""
    form: str = "html"

    @property
    def when(self) -> datetime:
        """The publication time in UTC; midnight for a bare day."""
        written = datetime.fromisoformat(self.published)
        return written.astimezone(UTC) if written.tzinfo else written.replace(tzinfo=UTC)

    def long_date(self, language: str) -> str:
        """The day as a reader sees it: 3 de junio de 2025, or June 3, 2025."""
        day = datetime.fromisoformat(self.published)
        month = _MONTHS[language][day.month - 1]
        return f"{day.day} de {month} de {day.year}" if language == "es" else f"{month} {day.day}, {day.year}"


def load_publishers() -> dict[str, Publisher]:
    """The publishers by id."""
    entries: dict[str, dict[str, str]] = yaml.safe_load((FOLDER / "publishers.yaml").read_text("utf-8"))
    return {key: Publisher(id=key, **entry) for key, entry in entries.items()}


def load_documents() -> list[Document]:
    """Every document, newest first."""
    files = sorted((FOLDER / "documents").glob("*.yaml"))
    entries: dict[str, dict[str, str]] = {
        file.stem: yaml.safe_load(file.read_text("utf-8")) for file in files
    }
    documents = [_document(entry, entries) for entry in entries.values()]
    return sorted(documents, key=lambda document: document.when, reverse=True)


def _document(entry: dict[str, str], entries: Mapping[str, dict[str, str]]) -> Document:
    """A document, or a reprint: another one's paragraphs with a frame, its last ones cut."""
    fields = dict(entry)
    body = fields.pop("body", "")
    paragraphs = tuple(part.strip() for part in body.split("\n\n") if part.strip())
    if "copy_of" in fields:
        original = entries[fields.pop("copy_of")]["body"].strip().split("\n\n")
        kept = original[: len(original) - int(fields.pop("drop_last_paragraphs"))]
        paragraphs = (fields.pop("before"), *(part.strip() for part in kept), fields.pop("after"))
    return Document(paragraphs=paragraphs, **fields)
