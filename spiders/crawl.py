"""`amparo crawl`: several sources in one process, one writer, one pool, every host politely."""

import asyncio
import logging
import platform
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from core.contact import require_contact
from core.errors import SchemaOutdated
from core.settings import Settings
from core.source import Source
from db.engine import Database, open_database
from db.runs import RunStore
from db.sources import SourceStore
from db.upgrade import check_schema, upgrade
from pipeline.address import site_of
from pipeline.pool import ExtractionPool
from pipeline.writer import ReportWriter, replay_spool
from spiders.command import Command, Progress, no_progress
from spiders.dry_run import DryWriter
from spiders.loop import event_loop, signals_call
from spiders.process import holds
from spiders.run import Ledger, RunResult, not_run, run_source
from spiders.session import CrawlSession, utc_now
from spiders.verdict import INTERRUPTED

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Sources crawled at the same time. They mostly wait for their hosts."""


def run_crawl(
    sources: Sequence[Source],
    *,
    database: Database,
    settings: Settings,
    trigger: str,
    limit: int | None = None,
    since: datetime | None = None,
    dry_run: bool = False,
    run_ids: Mapping[str, int] | None = None,
    progress: Progress | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> list[RunResult]:
    """Crawl the sources once and return how each ended, in the order given.

    Sources on different sites run at the same time, those that share a site one after another.
    `limit` is the most new addresses fetched over all sources; `since` leaves out items listed as
    older; `run_ids` are rows that exist already; `overrides` are Scrapy settings, for tests and
    measurements. Interrupted by SIGINT or SIGTERM it finishes what is under way and returns.

    Raises SettingsError when a public site is to be crawled and no contact is set, and
    DatabaseUnavailable when the database cannot be opened.
    """
    require_contact(sources, settings)
    loop, resolver = event_loop()
    with ExitStack() as stack:
        if dry_run:
            database = _readable(database, stack)
        else:
            prepare(database, sources, settings)
        command = Command(
            started=utc_now(),
            clock=utc_now,
            resolver=resolver,
            scheduled=trigger == "schedule",
            limit=limit,
            since=since,
            progress=progress or no_progress,
        )
        crawl = _Crawl(
            command=command,
            database=database,
            settings=settings,
            ledger=Ledger(database=None if dry_run else database, trigger=trigger, clock=utc_now),
            run_ids=run_ids or {},
            overrides=overrides or {},
        )
        with signals_call(loop, crawl.interrupt):
            return loop.run_until_complete(crawl.all(sources))


def _readable(database: Database, stack: ExitStack) -> Database:
    """The database, or for a dry run on a machine without one, an empty one that is thrown away."""
    try:
        check_schema(database)
    except SchemaOutdated:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="amparo-dry-run-"))
        database = open_database(f"sqlite:///{Path(folder) / 'empty.db'}")
        stack.callback(database.close)
        upgrade(database)
    return database


def prepare(database: Database, sources: Sequence[Source], settings: Settings) -> None:
    """Everything that comes before the first run: schema, dead runs, the spool, the sources."""
    upgrade(database)
    now = utc_now()
    with database.write() as connection:
        SourceStore(connection).ensure(sources, now)
        runs = RunStore(connection)
        for run in runs.unfinished():
            # A run without a process yet is the scheduler's, which watches over it itself.
            mine = run.pid is not None and run.host in (None, platform.node())
            if mine and not holds(run.pid, run.started_at):
                runs.mark_interrupted(run.id, now, f"process {run.pid} is gone")
                log.warning("run interrupted source=%s run=%s pid=%s", run.source_id, run.id, run.pid)
    replayed = replay_spool(database, spool_folder(settings), now)
    if replayed:
        log.warning("spool replayed items=%s", replayed)


def spool_folder(settings: Settings) -> Path:
    """Where items wait while the database is down."""
    return settings.data_dir / "spool"


class _Crawl:
    """One command under way."""

    def __init__(
        self,
        *,
        command: Command,
        database: Database,
        settings: Settings,
        ledger: Ledger,
        run_ids: Mapping[str, int],
        overrides: Mapping[str, Any],
    ) -> None:
        self._command = command
        self._database = database
        self._settings = settings
        self._ledger = ledger
        self._run_ids = run_ids
        self._overrides = overrides
        self._sessions: list[CrawlSession] = []
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._sites: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def interrupt(self) -> None:
        """End every run early, finishing what is under way."""
        self._command.quiet.stopping.set()
        for session in self._sessions:
            session.stop(INTERRUPTED)

    async def all(self, sources: Sequence[Source]) -> list[RunResult]:
        """Every source once, then the writer drained and the pool closed."""
        dry = self._ledger.database is None
        writer = (
            DryWriter(database=self._database)
            if dry
            else ReportWriter(self._database, spool_folder(self._settings), self._command.clock)
        )
        pool = ExtractionPool(self._settings.extraction_processes, self._settings.extraction_seconds)
        await writer.start()
        try:
            runs = [asyncio.create_task(self._one(source, pool, writer)) for source in sources]
            return list(await asyncio.gather(*runs))
        finally:
            await writer.close()
            await asyncio.to_thread(pool.close)

    async def _one(self, source: Source, pool: ExtractionPool, writer: ReportWriter | DryWriter) -> RunResult:
        sites = sorted({site_of(url) for url in source.params.urls})
        run_id = self._run_ids.get(source.id)
        async with AsyncExitStack() as held:
            for site in sites:
                await held.enter_async_context(self._sites[site])
            await held.enter_async_context(self._at_once)
            if self._command.quiet.stopping.is_set():
                return await not_run(source, ledger=self._ledger, run_id=run_id)
            session = CrawlSession(
                source, command=self._command, database=self._database, reader=pool, writer=writer
            )
            self._sessions.append(session)
            try:
                return await run_source(
                    session,
                    ledger=self._ledger,
                    user_agent=self._settings.user_agent,
                    run_id=run_id,
                    overrides=self._overrides,
                )
            finally:
                self._sessions.remove(session)
