"""The visits of one run: what is known of the listed addresses, and what is noted about them."""

import asyncio
from collections.abc import Iterable

from core.source import Source
from db.engine import Database
from db.tombstones import TombstoneStore
from db.visits import Visit, VisitStore
from pipeline.address import canonical_url
from pipeline.item_pipeline import Writer
from pipeline.items import Spooled, VisitItem
from spiders.command import Command
from spiders.revisit import GOOD, next_due

_WITHOUT_FAILURE = GOOD | {"index"}


class VisitBook:
    """Reads visits in batches off the event loop, writes them through the run's writer.

    Addresses are looked up and kept by their canonical form.
    """

    def __init__(self, source: Source, *, command: Command, database: Database, writer: Writer) -> None:
        self.spooled = 0
        self._source = source
        self._command = command
        self._database = database
        self._writer = writer
        self._visits: dict[str, Visit] = {}
        self._barred: set[str] = set()
        self._writing: set[asyncio.Task[None]] = set()

    async def look_up(self, urls: Iterable[str]) -> None:
        """Fetch what is known of these addresses in one query."""
        keys = {canonical_url(url) for url in urls} - self._visits.keys()
        if keys:
            visits, barred = await asyncio.to_thread(self._read, keys)
            self._visits.update(visits)
            self._barred |= barred

    def _read(self, keys: set[str]) -> tuple[dict[str, Visit], set[str]]:
        with self._database.read() as connection:
            return VisitStore(connection=connection).known(keys), TombstoneStore(connection).has(keys)

    def last(self, url: str) -> Visit | None:
        """The last visit to an address that was looked up."""
        return self._visits.get(canonical_url(url))

    def barred(self, url: str) -> bool:
        """Whether an address that was looked up was taken down."""
        return canonical_url(url) in self._barred

    def closed(self, url: str) -> bool:
        """Whether the server asked in this command not to be asked for `url` for a while."""
        return canonical_url(url) in self._command.closed

    def visit(
        self,
        url: str,
        outcome: str,
        *,
        status: int | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
        detail: str = "",
    ) -> Visit:
        """A visit now, with what follows for the next one.

        A time that the server named comes before our own pauses; such a visit has no failures,
        which is how a later run knows that the time is the server's.
        """
        key, now = canonical_url(url), self._command.clock()
        known = self._visits.get(key)
        first_seen = known.first_seen if known else now
        failures = 0 if outcome in _WITHOUT_FAILURE else (known.failures if known else 0) + 1
        due = next_due(outcome, first_seen=first_seen, failures=failures, now=now)
        asked = self._command.closed.get(key)
        if asked is not None:
            due, failures = max(due, asked), 0
        return Visit(
            url=key,
            source_id=self._source.id,
            status=status,
            etag=etag,
            last_modified=last_modified,
            first_seen=first_seen,
            last_visited=now,
            next_due=due,
            failures=failures,
            outcome=outcome,
            detail=detail,
        )

    def note(self, visit: Visit) -> None:
        """Write a visit; `written` waits for it."""
        task = asyncio.ensure_future(self._write(VisitItem(visit=visit)))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, item: VisitItem) -> None:
        if isinstance(await self._writer.submit(item), Spooled):
            self.spooled += 1

    async def written(self) -> None:
        """Return when every noted visit is committed."""
        while self._writing:
            await asyncio.gather(*self._writing)
