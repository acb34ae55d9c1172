"""What the shell hands to the writer, and what it gets back for each."""

from dataclasses import dataclass

from core.event import Event
from core.report import Outcome, Quarantined, Report
from core.source import Source
from db.visits import Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """How the page of a report was received: HTTP status and what its headers said."""

    status: int | None = None
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportItem:
    """A processed report to be decided and stored, with the visit that brought it.

    The store sets the visit's outcome by what it decides, whatever it says here.
    """

    report: Report
    source: Source
    visit: Visit | None = None
    received: Received = Received()


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantineItem:
    """A page that gave no report, with its visit if there was one."""

    quarantined: Quarantined
    visit: Visit | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitItem:
    """A visit without a page: not modified, gone, blocked, failed."""

    visit: Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class EventItem:
    """Something that happened to a source."""

    event: Event


WriteItem = ReportItem | QuarantineItem | VisitItem | EventItem


@dataclass(frozen=True, kw_only=True, slots=True)
class Spooled:
    """The database was down: the item waits in a file for the next run, its address unknown."""

    file: str


Result = Outcome | Quarantined | Spooled | None
"""What became of an item: a decision on a report, None for an item without a report."""
