"""One run of one source: what was listed, what is asked for, what became of it.

The spider, the middlewares and the item pipeline tell the session what happened. It decides which
addresses are visited, counts, keeps the visits, and remembers an index page as read only when
everything on it is stored.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from core.report import Duplicate, Listed, New, Page, Quarantined, Unchanged, Updated, Withdrawn
from core.source import Source
from db.engine import Database
from db.tombstones import TombstoneStore
from db.visits import Visit, VisitStore
from pipeline.address import canonical_url
from pipeline.item_pipeline import Reader, Writer
from pipeline.items import Result, Spooled, VisitItem, WriteItem
from spiders.base import Wanted
from spiders.command import Command
from spiders.observed import Observed
from spiders.quiet import Quiet
from spiders.resolver import GuardedResolver
from spiders.revisit import GOOD, is_due, listed_since, next_due
from spiders.verdict import INTERRUPTED, Ending

COUNTS = (
    "listed",
    "known",
    "requested",
    "received",
    "not_modified",
    "new",
    "updated",
    "duplicate",
    "unchanged",
    "withdrawn",
    "quarantined",
    "failed",
    "blocked",
    "robots",
    "refused",
)

LEFT = "left"
"""Kind of a problem that is none: the address was not asked for and waits for another run."""

BLOCKS_IN_A_ROW = 3
FAILURES_IN_A_ROW = 10
"""After so many, with no good answer between them, the source is left for a later run."""

_DECIDED: dict[type, str] = {
    New: "new",
    Updated: "updated",
    Duplicate: "duplicate",
    Unchanged: "unchanged",
    Withdrawn: "withdrawn",
    Quarantined: "quarantined",
}


class RunEnded(IgnoreRequest):
    """The run is ending; nothing more is asked for."""

    problem_kind = LEFT


def session_of(crawler: Crawler) -> "CrawlSession":
    """The session of the spider that `crawler` runs."""
    session = getattr(crawler.spider, "session", None)
    assert isinstance(session, CrawlSession), "a spider is constructed with its session"
    return session


def index_key(source: Source) -> str:
    """Names how a source reads its index pages: validators kept under another name are not used.

    After a change to the source file an unchanged index may list addresses that are new to us.
    """
    said = repr((source.id, source.params)).encode()
    return f"index read as {hashlib.sha256(said).hexdigest()[:16]}"


class CrawlSession:
    """The state of one run. Every method runs on the event loop; reads of the database do not."""

    def __init__(
        self, source: Source, *, command: Command, database: Database, reader: Reader, writer: Writer
    ) -> None:
        self.source = source
        self.command = command
        self.reader = reader
        self.writer = writer
        self.counts: Counter[str] = Counter()
        self.observed = Observed()
        self.index_problems: list[tuple[str, str]] = []
        self.page_problems: list[str] = []
        self.notes: list[str] = []
        self.left = 0
        self.unchanged_indexes = 0
        self.spooled = 0
        self.stop_reason = ""
        self.on_stop: Callable[[], None] = lambda: None
        self._database = database
        self._visits: dict[str, Visit] = {}
        self._barred: set[str] = set()
        self._seen: set[str] = set()
        self._taken: set[str] = set()
        self._open: set[str] = set()
        self._index_validators: dict[str, tuple[str | None, str | None]] = {}
        self._index_key = index_key(source)
        self._streak: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

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
            visit = self._visits.get(canonical_url(url))
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
        known = self._visits.get(key)
        if not (known and known.outcome in GOOD) and not self.command.take_new():
            return False
        self._taken.add(key)
        self._count("requested")
        return True

    # What the spider asks and tells.

    async def look_up(self, urls: Iterable[str]) -> None:
        """Read the visits to these addresses, and which of them are barred, off the event loop."""
        keys = {canonical_url(url) for url in urls} - self._visits.keys()
        if keys:
            visits, barred = await asyncio.to_thread(self._read, keys)
            self._visits.update(visits)
            self._barred |= barred

    def _read(self, keys: set[str]) -> tuple[dict[str, Visit], set[str]]:
        with self._database.read() as connection:
            return VisitStore(connection=connection).known(keys), TombstoneStore(connection).has(keys)

    def wants(self, listed: Listed) -> Wanted | None:
        """Whether to fetch this address now: it is new, or due for a recheck. Counts it once."""
        key = canonical_url(listed.url)
        if key in self._seen:
            return None
        self._seen.add(key)
        self._count("listed")
        self.observed.listed(listed)
        if key in self._barred:
            self._count("withdrawn")
            return None
        if not listed_since(listed, self.command.since):
            self.left += 1
            return None
        visit = self._visits.get(key)
        due = visit is None or is_due(
            visit, now=self.now(), started=self.command.started, scheduled=self.command.scheduled
        )
        if not due or not self.command.claim(key, self.source.id):
            self._count("known")
            return None
        self._open.add(key)
        good = visit is not None and visit.outcome in GOOD
        return Wanted(url=listed.url, headers=_conditional(visit) if visit and good else {})

    def limit_reached(self) -> bool:
        """Whether the operator's limit of new reports is used up."""
        return self.command.left_to_take == 0

    def index_headers(self, url: str) -> Mapping[str, str]:
        """Validators of an index page whose items are all stored; empty for a plain request."""
        visit = self._visits.get(canonical_url(url))
        usable = visit is not None and visit.outcome == "index" and visit.detail == self._index_key
        return _conditional(visit) if visit and usable else {}

    def index_read(
        self, url: str, *, etag: str | None, last_modified: str | None, listed: int, notes: tuple[str, ...]
    ) -> None:
        """An index page was read. Its validators wait until all of the run is stored."""
        self._streak.clear()
        self.notes.extend(f"{url}: {note}" for note in notes)
        if etag or last_modified:
            self._index_validators[canonical_url(url)] = (etag, last_modified)

    def index_unchanged(self, url: str) -> None:
        """The server says the index page is what it was, so it lists nothing new."""
        self._streak.clear()
        self.unchanged_indexes += 1

    def truncated(self, left: int) -> None:
        """`left` wanted addresses were not asked for."""
        self.left += left

    def not_modified(self, listed: Listed, *, etag: str | None, last_modified: str | None) -> None:
        """A listed page is what it was: the visit is renewed, the report stays."""
        self._streak.clear()
        self._count("not_modified")
        self._settle(listed, "not_modified", status=304, etag=etag, last_modified=last_modified)

    def gone(self, listed: Listed, *, url: str, status: int) -> None:
        """A listed page answered 404 or 410."""
        self._streak.clear()
        self._count("failed")
        self.page_problems.append(f"{url}: HTTP {status}")
        self._settle(listed, "gone", status=status, detail=f"HTTP {status}")

    def problem(self, kind: str, *, url: str, detail: str, listed: Listed | None = None) -> None:
        """Something failed. `kind`: failed, blocked, robots, refused, discovery, left."""
        if kind == LEFT:
            self.left += 1
            return
        self.observed.problems[kind] += 1
        if listed is None:
            self.index_problems.append((kind, f"{url}: {detail}"))
        else:
            self._count(kind if kind in COUNTS else "failed")
            self.page_problems.append(f"{url}: {detail}")
        self._settle_failure(kind, url, detail, listed)
        self._watch_streak(kind, detail)

    def _settle_failure(self, kind: str, url: str, detail: str, listed: Listed | None) -> None:
        if listed is not None:
            self._settle(listed, kind if kind in COUNTS else "failed", detail=detail)
        elif canonical_url(url) in self.command.closed:
            # So that the next run does not ask before the time the server named.
            self._record(canonical_url(url), "blocked", detail=detail)

    def _watch_streak(self, kind: str, detail: str) -> None:
        if kind not in ("blocked", "failed"):
            return
        self._streak[kind] += 1
        if self._streak["blocked"] >= BLOCKS_IN_A_ROW:
            self.stop("blocked")
        elif self._streak["failed"] >= FAILURES_IN_A_ROW:
            self.stop(f"{FAILURES_IN_A_ROW} failures in a row, the last: {detail}")

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
        self._streak.clear()
        self._count("received")

    def visit_to(self, page: Page) -> Visit:
        """The visit that a page's report is stored with."""
        return self._visit(
            canonical_url(page.listed.url),
            "stored",
            status=page.status,
            etag=page.etag,
            last_modified=page.last_modified,
        )

    def visit_to_quarantined(self, url: str, *, status: int | None, detail: str) -> Visit:
        """The visit that an unreadable page is noted with."""
        return self._visit(canonical_url(url), "quarantined", status=status, detail=detail)

    def decided(self, url: str, result: Result) -> None:
        """What became of a page's item; from now on its address counts as stored."""
        if isinstance(result, Spooled):
            self.spooled += 1
            return
        if result is not None:
            self._count(_DECIDED[type(result)])
        self._open.discard(canonical_url(url))

    def over_limit(self, listed: Listed) -> None:
        """A page was left for another run."""
        self.left += 1

    def broken(self, url: str, detail: str) -> None:
        """A page could not be processed for a reason that is ours; it will be asked for again."""
        self._count("failed")
        self.page_problems.append(f"{url}: {detail}")

    # Visits.

    def _visit(self, key: str, outcome: str, **said: object) -> Visit:
        known, now = self._visits.get(key), self.now()
        first_seen = known.first_seen if known else now
        failures = 0 if outcome in GOOD or outcome == "index" else (known.failures if known else 0) + 1
        due = next_due(outcome, first_seen=first_seen, failures=failures, now=now)
        asked = self.command.closed.get(key)
        if asked is not None:
            due, failures = max(due, asked), 0
        return Visit(
            url=key,
            source_id=self.source.id,
            first_seen=first_seen,
            last_visited=now,
            next_due=due,
            failures=failures,
            outcome=outcome,
            **said,  # type: ignore[arg-type]
        )

    def _settle(self, listed: Listed, outcome: str, **said: object) -> None:
        key = canonical_url(listed.url)
        known = self._visits.get(key)
        if outcome != "gone" and known is not None:
            # A failure says nothing about the copy we hold: its validators stay good.
            for name in ("etag", "last_modified", "status"):
                said[name] = said.get(name) or getattr(known, name)
        self._record(key, outcome, **said)
        if outcome not in ("failed", "blocked"):
            self._open.discard(key)

    def _record(self, key: str, outcome: str, **said: object) -> None:
        self._submit(VisitItem(visit=self._visit(key, outcome, **said)))

    def _submit(self, item: WriteItem) -> None:
        task = asyncio.ensure_future(self._write(item))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, item: WriteItem) -> None:
        if isinstance(await self.writer.submit(item), Spooled):
            self.spooled += 1

    async def settle(self) -> None:
        """Wait for the visits under way; then keep the validators of the index pages if complete."""
        while self._tasks:
            await asyncio.gather(*self._tasks)
        if self.complete:
            for key, (etag, last_modified) in self._index_validators.items():
                self._record(key, "index", etag=etag, last_modified=last_modified, detail=self._index_key)
        while self._tasks:
            await asyncio.gather(*self._tasks)

    def ending(self, error: str) -> Ending:
        """What the run came to, for the verdict."""
        return Ending(
            counts=dict(self.counts),
            index_problems=tuple(self.index_problems),
            page_problems=tuple(self.page_problems),
            unchanged_indexes=self.unchanged_indexes,
            spooled=self.spooled,
            stop_reason=self.stop_reason,
            error=error,
            interrupted=self.stop_reason == INTERRUPTED,
        )

    @property
    def complete(self) -> bool:
        """Whether every address listed in this run is stored or accounted for in its visit."""
        return not (self._open or self.left or self.spooled or self.stopping or self.index_problems)

    def _count(self, name: str) -> None:
        self.counts[name] += 1
        self.command.progress(self.source.id, self.counts)


def _conditional(visit: Visit) -> dict[str, str]:
    headers = {"If-None-Match": visit.etag, "If-Modified-Since": visit.last_modified}
    return {name: value for name, value in headers.items() if value}


def utc_now() -> datetime:
    """The clock of the crawl."""
    return datetime.now(UTC)
