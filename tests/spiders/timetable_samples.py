"""Invented sources and runs for the tests of the timetable and of the scheduler."""

from datetime import UTC, datetime
from typing import Any

from core.source import FeedParams, Kind, PublisherType, Schedule, Source
from db.runs import Run

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def a_source(name: str, *, host: str | None = None, **schedule: int) -> Source:
    """An enabled feed on a host of its own."""
    return Source(
        id=name,
        name=name,
        publisher_type=PublisherType.NGO,
        country="SV",
        languages=("es",),
        kind=Kind.FEED,
        params=FeedParams(urls=(f"https://{host or name + '.example'}/feed",)),
        schedule=Schedule(**{"jitter_seconds": 0, **schedule}),
        enabled=True,
    )


def a_run(name: str, started_at: datetime, status: str = "ok", **fields: Any) -> Run:
    """A run of that source."""
    return Run(
        id=1, source_id=name, trigger="schedule", status=status, pid=1, started_at=started_at, **fields
    )
