"""What a spider and the run it belongs to say to each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.report import Listed


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A listed address to fetch now, with the headers of a conditional request when it is known."""

    url: str
    headers: Mapping[str, str]


class Session(Protocol):
    """What a spider asks of, and tells, the run it belongs to (spiders/session.py has the real one)."""

    def now(self) -> datetime:
        """The time, aware UTC."""

    async def look_up(self, urls: Iterable[str]) -> None:
        """Fetch what is known of these addresses in one query, off the reactor, before asking about them."""

    def wants(self, listed: Listed) -> Wanted | None:
        """Whether to fetch this address now: it is new, or due for a recheck. Counts it as listed."""

    def limit_reached(self) -> bool:
        """Whether the operator's limit for this run is used up."""

    def index_headers(self, url: str) -> Mapping[str, str]:
        """Headers for a conditional request of an index page; empty for a plain one."""

    def index_read(
        self, url: str, *, etag: str | None, last_modified: str | None, listed: int, notes: tuple[str, ...]
    ) -> None:
        """An index page was read. Its validators may be kept only when all its items are stored."""

    def index_unchanged(self, url: str) -> None:
        """The server says the index page is what it was (304)."""

    def truncated(self, left: int) -> None:
        """`left` wanted addresses were not asked for: `max_items` or the operator's limit was reached."""

    def not_modified(self, listed: Listed, *, etag: str | None, last_modified: str | None) -> None:
        """The server says a listed page is what it was (304)."""

    def gone(self, listed: Listed, *, url: str, status: int) -> None:
        """A listed page answered 404 or 410."""

    def problem(self, kind: str, *, url: str, detail: str, listed: Listed | None = None) -> None:
        """Something failed. `kind`: failed, blocked, robots, refused, discovery.

        `listed` is None when it was an index page.
        """
