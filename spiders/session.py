"""One run of one source: what was listed, what is asked for, what became of it.

The spider, the middlewares and the item pipeline tell the session what happened. It decides which
addresses are visited, counts, keeps the visits, and remembers an index page as read only when
everything on it is stored.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from core.report import Listed, Page
from core.source import Source
from db.engine import Database
from db.visits import Visit
from pipeline.address import canonical_url
from pipeline.item_pipeline import Reader, Writer
from pipeline.items import Result, Spooled
from spiders.command import Command
from spiders.contract import Wanted
from spiders.index_memory import OUTCOME, IndexMemory
from spiders.observed import Observed
from spiders.quiet import Quiet
from spiders.resolver import GuardedResolver
from spiders.revisit import GOOD, is_due, listed_since
from spiders.tally import COUNTS, Tally, name_of
from spiders.verdict import INTERRUPTED, Ending
from spiders.visit_book import VisitBook

LEFT = "left"
"""Kind of a problem that is none: the address was not asked for and waits for another run."""

UNSETTLED = frozenset({"failed", "blocked"})
"""Outcomes after which an address is still to be fetched; an index that lists it stays unread."""


class RunEnded(IgnoreRequest):
    """The run is ending; nothing more is asked for."""

    problem_kind = LEFT


def session_of(crawler: Crawler) -> "CrawlSession":
    """The session of the spider that `crawler` runs."""
    session = getattr(crawler.spider, "session", None)
    assert isinstance(session, CrawlSession), "a spider is constructed with its session"
    return session


class CrawlSession:
    """The state of one run. Every method runs on the event loop; reads of the database do not."""

    def __init__(
        self, source: Source, *, command: Command, database: Database, reader: Reader, writer: Writer
    ) -> None:
        self.source = source
        self.command = command
        self.reader = reader
        self.writer = writer
        self.tally = Tally()
        self.observed = Observed()
        self.stop_reason = ""
        self.on_stop: Callable[[], None] = lambda: None
        self._book = VisitBook(source, command=command, database=database, writer=writer)
        self._indexes = IndexMemory(source)
        self._spooled = 0
        self._seen: set[str] = set()
        self._taken: set[str] = set()
        self._open: set[str] = set()

    @property
    def counts(self) -> Counter[str]:
        """The counts so far."""
        return self.tally.counts

    # What the middlewares need.

    @property
    def resolver(self) -> GuardedResolver:
        """The process's resolver."""
        return self.command.resolver

    @property
    def quiet(self) -> Quiet:
        """The hosts to be left alone for a moment."""
        return self.command.quiet

    @property
    def stopping(self) -> bool:
        """Whether this run is to end."""
        return bool(self.stop_reason) or self.command.quiet.stopping.is_set()

    async def sleep(self, seconds: float) -> None:
        """Sleep, or less when the crawl stops."""
        await self.quiet.sleep(seconds)

    def now(self) -> datetime:
        """The time, aware UTC."""
        return self.command.clock()

    def closed_until(self, url: str) -> datetime | None:
        """Until when the server asked us not to ask for `url` again, if that time is not over."""
        until = self.command.closed.get(canonical_url(url))
        if until is None:
            visit = self._book.last(url)
            # A block without failures is one for which the server named the time.
            until = visit.next_due if visit and visit.outcome == "blocked" and visit.failures == 0 else None
        return until if until and until > self.now() else None

    def close_until(self, url: str, until: datetime) -> None:
        """The server asks us to stay away until then: this source's run ends here."""
        self.command.closed[canonical_url(url)] = until
        self.stop(f"asked to come back after {until:%Y-%m-%d %H:%M} UTC")

    def take(self, listed: Listed) -> bool:
        """Whether `listed` may be fetched within the limit of new reports; asking again is free."""
        key = canonical_url(listed.url)
        if key in self._taken:
            return True
        known = self._book.last(key)
        if not (known and known.outcome in GOOD) and not self.command.take_new():
            return False
        self._taken.add(key)
        self._count("requested")
        return True

    # What the spider asks and tells.

    async def look_up(self, urls: Iterable[str]) -> None:
        """Read the visits to these addresses, and which of them are barred, off the event loop."""
        await self._book.look_up(urls)

    def wants(self, listed: Listed) -> Wanted | None:
        """Whether to fetch this address now: it is new, or due for a recheck. Counts it once."""
        key = canonical_url(listed.url)
        if key in self._seen:
            return None
        self._seen.add(key)
        self._count("listed")
        self.observed.listed(listed)
        if self._book.barred(key):
            self._count("withdrawn")
            return None
        if not listed_since(listed, self.command.since):
            self.tally.left += 1
            return None
        visit = self._book.last(key)
        now, command = self.now(), self.command
        if visit and not is_due(visit, now=now, started=command.started, scheduled=command.scheduled):
            if visit.outcome in UNSETTLED:
                self._open.add(key)
            self._count("known")
            return None
        # Open until it is settled, also when another source of this command is to fetch it.
        self._open.add(key)
        if not command.claim(key, self.source.id):
            self._count("known")
            return None
        good = visit is not None and visit.outcome in GOOD
        return Wanted(url=listed.url, headers=_conditional(visit) if visit and good else {})

    def limit_reached(self) -> bool:
        """Whether the operator's limit of new reports is used up."""
        return self.command.left_to_take == 0

    def index_headers(self, url: str) -> Mapping[str, str]:
        """Validators of an index page whose items are all stored; empty for a plain request."""
        visit = self._book.last(url)
        return _conditional(visit) if visit and self._indexes.usable(visit) else {}

    def index_read(
        self, url: str, *, etag: str | None, last_modified: str | None, listed: int, notes: tuple[str, ...]
    ) -> None:
        """An index page was read. Its validators wait until all of the run is stored."""
        self.tally.answered()
        self.tally.note(url, notes)
        self._indexes.read(url, etag, last_modified)

    def index_unchanged(self, url: str) -> None:
        """The server says the index page is what it was, so it lists nothing new."""
        self.tally.answered()
        self._indexes.unchanged += 1

    def truncated(self, left: int) -> None:
        """`left` wanted addresses were not asked for."""
        self.tally.left += left

    def not_modified(self, listed: Listed, *, etag: str | None, last_modified: str | None) -> None:
        """A listed page is what it was: the visit is renewed, the report stays."""
        self.tally.answered()
        self._count("not_modified")
        known = self._book.last(listed.url)
        if known is not None:
            etag, last_modified = etag or known.etag, last_modified or known.last_modified
        visit = self._book.visit(
            listed.url, "not_modified", status=304, etag=etag, last_modified=last_modified
        )
        self._settle(visit)

    def gone(self, listed: Listed, *, url: str, status: int) -> None:
        """A listed page answered 404 or 410."""
        self.tally.answered()
        self._count("failed")
        self.tally.page_problem(url, f"HTTP {status}")
        self._settle(self._book.visit(listed.url, "gone", status=status, detail=f"HTTP {status}"))

    def problem(self, kind: str, *, url: str, detail: str, listed: Listed | None = None) -> None:
        """Something failed. `kind`: failed, blocked, robots, refused, discovery, left."""
        if kind == LEFT:
            self.tally.left += 1
            return
        self.observed.problems[kind] += 1
        if listed is None:
            self.tally.index_problem(kind, url, detail)
        else:
            self._count(kind if kind in COUNTS else "failed")
            self.tally.page_problem(url, detail)
        self._settle_failure(kind, url, detail, listed)
        if kind in UNSETTLED:
            reason = self.tally.one_more(kind, detail)
            if reason:
                self.stop(reason)

    def _settle_failure(self, kind: str, url: str, detail: str, listed: Listed | None) -> None:
        if listed is not None:
            outcome = kind if kind in COUNTS else "failed"
            self._settle(self._book.visit(listed.url, outcome, detail=detail))
        elif self._book.closed(url):
            # So that the next run does not ask before the time the server named.
            self._book.note(self._book.visit(url, "blocked", detail=detail))

    def _settle(self, visit: Visit) -> None:
        self._book.note(visit)
        if visit.outcome not in UNSETTLED:
            self._open.discard(visit.url)

    def stop(self, reason: str) -> None:
        """End this run early; what is under way is finished first."""
        if not self.stop_reason:
            self.stop_reason = reason
            self.on_stop()

    # What the item pipeline tells.

    def holding(self, page: Page) -> AbstractContextManager[None]:
        """The page is in hand: while many are, no further ones are fetched."""
        return self.command.backlog.holding(len(page.body))

    def received(self, listed: Listed) -> None:
        """A page arrived whole."""
        self.tally.answered()
        self._count("received")

    def visit_to(self, page: Page) -> Visit:
        """The visit that a page's report is stored with."""
        return self._book.visit(
            page.listed.url,
            "stored",
            status=page.status,
            etag=page.etag,
            last_modified=page.last_modified,
        )

    def visit_to_quarantined(self, url: str, *, status: int | None, detail: str) -> Visit:
        """The visit that an unreadable page is noted with."""
        return self._book.visit(url, "quarantined", status=status, detail=detail)

    def decided(self, url: str, result: Result) -> None:
        """What became of a page's item; from now on its address counts as stored."""
        if isinstance(result, Spooled):
            self._spooled += 1
            return
        if result is not None:
            self._count(name_of(result))
        self._open.discard(canonical_url(url))

    def over_limit(self, listed: Listed) -> None:
        """A page was left for another run."""
        self.tally.left += 1

    def broken(self, url: str, detail: str) -> None:
        """A page could not be processed for a reason that is ours; it will be asked for again."""
        self._count("failed")
        self.tally.page_problem(url, detail)

    # How it ends.

    async def settle(self) -> None:
        """Wait for the visits under way; then keep the validators of the index pages if complete."""
        await self._book.written()
        if self.complete:
            for url, etag, last_modified in self._indexes.validators():
                visit = self._book.visit(
                    url, OUTCOME, etag=etag, last_modified=last_modified, detail=self._indexes.key
                )
                self._book.note(visit)
            await self._book.written()

    @property
    def spooled(self) -> int:
        """Items that wait in a file because the database was down."""
        return self._spooled + self._book.spooled

    def ending(self, error: str) -> Ending:
        """What the run came to, for the verdict."""
        return Ending(
            counts=dict(self.tally.counts),
            index_problems=tuple(self.tally.index_problems),
            page_problems=tuple(self.tally.page_problems),
            unchanged_indexes=self._indexes.unchanged,
            spooled=self.spooled,
            stop_reason=self.stop_reason,
            error=error,
            interrupted=self.stop_reason == INTERRUPTED,
        )

    @property
    def complete(self) -> bool:
        """Whether every address listed in this run is stored or accounted for in its visit."""
        return not (
            self._open or self.tally.left or self.spooled or self.stopping or self.tally.index_problems
        )

    def _count(self, name: str) -> None:
        self.tally.counts[name] += 1
        self.command.progress(self.source.id, self.tally.counts)


def _conditional(visit: Visit) -> dict[str, str]:
    headers = {"If-None-Match": visit.etag, "If-Modified-Since": visit.last_modified}
    return {name: value for name, value in headers.items() if value}


def utc_now() -> datetime:
    """The clock of the crawl."""
    return datetime.now(UTC)
