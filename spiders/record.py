"""What a source answers, kept as it came: the raw material of a fixture, or of a new source file."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.settings import Settings
from core.source import Source
from db.engine import open_database
from db.upgrade import upgrade
from spiders.crawl import run_crawl
from spiders.discovery.content import is_html, start_of
from spiders.middlewares.recorder import recording
from spiders.run import RunResult


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer as it came, decompressed. `role` is index or page, `further` is true for an index
    page that another one led to.
    """

    url: str
    status: int
    content_type: str
    role: str
    further: bool
    body: bytes


def record(source: Source, *, settings: Settings, pages: int = 1) -> tuple[RunResult, list[Answer]]:
    """Ask a source as a crawl would, for `pages` listed pages at most, and keep what it answers.

    Nothing is stored in the database. Raises SettingsError when no contact is set.
    """
    brief = replace(source, politeness=replace(source.politeness, max_items=pages))
    with tempfile.TemporaryDirectory(prefix="amparo-record-") as name:
        folder = Path(name)
        database = open_database(f"sqlite:///{folder / 'empty.db'}")
        try:
            upgrade(database)
            (result,) = run_crawl(
                [brief],
                database=database,
                settings=settings,
                trigger="check",
                dry_run=True,
                overrides=recording(folder),
            )
        finally:
            database.close()
        return result, [_answer(path) for path in sorted(folder.glob("*.json"))]


def _answer(path: Path) -> Answer:
    return Answer(**json.loads(path.read_text(encoding="utf-8")), body=path.with_suffix(".body").read_bytes())


def fixture_files(answers: Sequence[Answer]) -> dict[str, bytes]:
    """The files of a fixture: the first index, the first that it led to, the first page of HTML."""
    files: dict[str, bytes] = {}
    for name, role, further in (
        ("index", "index", False),
        ("index-2", "index", True),
        ("page", "page", False),
    ):
        for answer in answers:
            if answer.status == 200 and (answer.role, answer.further) == (role, further):
                if role == "index" or is_html(answer.body):
                    files[f"{name}.{suffix_of(answer.body)}"] = answer.body
                break
    return files


def suffix_of(body: bytes) -> str:
    """The suffix that fits the first bytes of a body."""
    if is_html(body):
        return "html"
    first = start_of(body)[:1]
    return {b"<": "xml", b"{": "json", b"[": "json", b"%": "pdf"}.get(first, "txt")
