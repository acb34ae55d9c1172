"""`amparo sources check --live`: ask a source politely, store nothing, and say what came."""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core.settings import Settings
from core.source import Source
from db.engine import open_database
from db.upgrade import upgrade
from spiders.command import Progress
from spiders.crawl import run_crawl
from spiders.run import RunResult

PAGES = 2
"""Pages of a source that are asked for: one may be odd, three would be rude for a look."""

WORKS, LISTS, EMPTY, FAILS = "works", "lists", "empty", "fails"
KINDS = ("robots", "blocked", "refused")


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveVerdict:
    """What a look at a source gave.

    `verdict`: works (addresses are listed and a report was read), lists (listed, but no report),
    empty (an index without addresses), robots, blocked, refused, or fails. `listed` counts the
    addresses, `filled` how many of them have a title, a date, a text; `newest` is the latest date
    listed; `reports` are the reports that were read.
    """

    source: str
    verdict: str
    checked: str
    detail: str
    listed: int
    filled: dict[str, int]
    newest: str | None
    reports: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]

    def as_object(self) -> dict[str, Any]:
        """As the JSON form."""
        return asdict(self)


def check_live(
    sources: Sequence[Source], *, settings: Settings, day: str, progress: Progress | None = None
) -> list[LiveVerdict]:
    """Look at each source by a crawl that stores nothing and asks for two pages at most.

    robots.txt, delays, the egress guard and the name of the client are those of a crawl. `day` is
    today's, for the verdicts. Raises SettingsError when no contact is set.
    """
    brief = [
        replace(
            source,
            politeness=replace(source.politeness, max_items=min(PAGES, source.politeness.max_items)),
        )
        for source in sources
    ]
    with tempfile.TemporaryDirectory(prefix="amparo-look-") as folder:
        # An empty database, so that nothing counts as known and every index is read in full.
        database = open_database(f"sqlite:///{Path(folder) / 'empty.db'}")
        try:
            upgrade(database)
            results = run_crawl(
                brief, database=database, settings=settings, trigger="check", dry_run=True, progress=progress
            )
        finally:
            database.close()
    return [judge_look(result, day=day) for result in results]


def judge_look(result: RunResult, *, day: str) -> LiveVerdict:
    """The verdict on one look."""
    seen: Any = result.observed
    listed = result.counts.get("listed", 0)
    reports = tuple(dict(report) for report in result.would_store)
    return LiveVerdict(
        source=result.source_id,
        verdict=_verdict(listed, bool(reports), seen.get("problems", {}), result.status),
        checked=day,
        detail=result.reason or "; ".join(result.problems[:2]),
        listed=listed,
        filled={name: seen.get("filled", {}).get(name, 0) for name in ("title", "date", "text")},
        newest=seen.get("newest"),
        reports=reports,
        notes=result.notes,
    )


def _verdict(listed: int, read: bool, problems: dict[str, int], status: str) -> str:
    if read:
        return WORKS
    for kind in KINDS:
        if problems.get(kind):
            return kind
    if listed:
        return LISTS
    return EMPTY if status == "ok" or not problems else FAILS
