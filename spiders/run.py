"""One source crawled once: row started, spider run, session settled, row finished, events told."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from core.errors import AmparoError, DatabaseUnavailable
from core.source import Source
from db.engine import Database
from db.events import EventStore
from db.runs import Run, RunStore
from spiders.budget import REFUSAL, is_spent
from spiders.dry_run import DryWriter
from spiders.kinds import spider_of
from spiders.session import CrawlSession
from spiders.settings import crawl_settings
from spiders.tally import COUNTS
from spiders.verdict import FAILED, INTERRUPTED, Verdict, events_of, judge_run

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunResult:
    """How the run of one source ended. `left` are addresses that wait for a later run.

    `problems` are at most the first ten sentences about pages that were not stored, `would_store`
    the url, title, tier, day of publication and number of characters of each new report of a dry
    run, `observed` what the index pages said (spiders/observed.py).
    """

    source_id: str
    run_id: int | None
    status: str
    reason: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    left: int = 0
    spooled: int = 0
    seconds: float = 0.0
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    would_store: tuple[Mapping[str, object], ...] = ()
    observed: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """Where runs are written down; without a database (a dry run) nowhere."""

    database: Database | None
    trigger: str
    clock: Callable[[], datetime]

    async def start(self, source: Source, run_id: int | None) -> int | None:
        """Commit the run's row before anything is fetched."""
        database = self.database
        if database is None:
            return None

        def write() -> int:
            with database.write() as connection:
                return RunStore(connection).start(
                    source.id, now=self.clock(), pid=os.getpid(), trigger=self.trigger, run_id=run_id
                )

        return await asyncio.to_thread(write)

    async def is_spent(self, source: Source, run_id: int | None) -> bool:
        """Whether this run could pass what the site allows in a day."""
        database, allowed = self.database, source.politeness.requests_per_day
        if database is None or allowed is None:
            return False

        def read() -> list[Run]:
            with database.read() as connection:
                return RunStore(connection).history(source.id, limit=allowed + 1)

        before = [run for run in await asyncio.to_thread(read) if run.id != run_id]
        return is_spent(source, before, now=self.clock())

    async def finish(
        self, source: Source, run_id: int | None, verdict: Verdict, counts: Mapping[str, int], error: str
    ) -> None:
        """Close the row and tell the events in one transaction; patient with a database that is down."""
        database, now = self.database, self.clock()
        if database is None or run_id is None:
            return

        def write() -> None:
            with database.write() as connection:
                RunStore(connection).finish(
                    run_id,
                    status=verdict.status,
                    counts=dict(counts),
                    reason=verdict.reason,
                    error=error,
                    now=now,
                )
                EventStore(connection).add(events_of(source, verdict, run_id=run_id, now=now))

        for pause in (1, 3, 0):
            try:
                await asyncio.to_thread(write)
            except DatabaseUnavailable as down:
                log.error("run not closed source=%s run=%s error=%s", source.id, run_id, down)
                await asyncio.sleep(pause)
            else:
                return


async def run_source(
    session: CrawlSession,
    *,
    ledger: Ledger,
    user_agent: str,
    run_id: int | None,
    overrides: Mapping[str, Any],
) -> RunResult:
    """Crawl the session's source once. Never raises for what a source, page or network does."""
    loop, source = asyncio.get_running_loop(), session.source
    began = loop.time()
    error = ""
    try:
        run_id = await ledger.start(source, run_id)
    except AmparoError as problem:
        # Without a row nothing is fetched: a crawl that nobody can see is worse than none.
        log.error("run not begun source=%s error=%s", source.id, problem)
        return RunResult(source_id=source.id, run_id=run_id, status=FAILED, reason=str(problem))
    try:
        if await ledger.is_spent(source, run_id):
            session.stop(REFUSAL)
        else:
            await _crawl(session, {**crawl_settings(source, user_agent=user_agent), **overrides})
        await session.settle()
    except AmparoError as problem:
        error = str(problem)
    except Exception as problem:
        log.exception("crawl broke source=%s", source.id)
        error = f"{type(problem).__name__}: {problem}"
    ending = session.ending(error)
    verdict = judge_run(source, ending)
    counts = {name: session.counts[name] for name in COUNTS}
    await ledger.finish(source, run_id, verdict, counts, error)
    log.info("run ended source=%s status=%s reason=%s", source.id, verdict.status, verdict.reason)
    said = (*(text for _, text in session.tally.index_problems), *session.tally.page_problems)
    return RunResult(
        source_id=source.id,
        run_id=run_id,
        status=verdict.status,
        reason=verdict.reason,
        counts=counts,
        left=session.tally.left,
        spooled=session.spooled,
        seconds=round(loop.time() - began, 3),
        problems=said[:10],
        notes=tuple(session.tally.notes[:10]),
        would_store=would_store(session),
        observed=session.observed.as_mapping(),
    )


def would_store(session: CrawlSession) -> tuple[Mapping[str, object], ...]:
    """What a dry run would have stored of this source."""
    if not isinstance(session.writer, DryWriter):
        return ()
    return tuple(
        {
            "url": report.url,
            "title": report.title,
            "tier": report.relevance and report.relevance.tier,
            "published": report.published.value.date().isoformat() if report.published else None,
            "characters": len(report.text),
        }
        for report in session.writer.would_store
        if report.raw.source_id == session.source.id
    )


async def not_run(source: Source, *, ledger: Ledger, run_id: int | None) -> RunResult:
    """A source whose turn did not come before the command was interrupted."""
    verdict = Verdict(status=INTERRUPTED, reason="interrupted before it began")
    await ledger.finish(source, run_id, verdict, {}, "")
    return RunResult(source_id=source.id, run_id=run_id, status=verdict.status, reason=verdict.reason)


async def _crawl(session: CrawlSession, settings: Mapping[str, Any]) -> None:
    source = session.source
    loop = asyncio.get_running_loop()
    crawler = Crawler(spider_of(source), dict(settings))
    stops: set[asyncio.Task[None]] = set()
    over = asyncio.Event()

    def stop() -> None:
        stops.add(loop.create_task(_stop(crawler, over)))

    def spider_error(failure: Failure, **_: object) -> None:
        error = failure.value
        detail = str(error) if isinstance(error, AmparoError) else f"{type(error).__name__}: {error}"
        session.problem("failed", url=source.id, detail=detail)

    crawler.signals.connect(spider_error, signal=signals.spider_error)
    session.on_stop = stop
    minutes = source.schedule.time_limit_minutes
    limit = loop.call_later(minutes * 60, session.stop, f"time limit of {minutes} minutes")
    try:
        await crawler.crawl_async(source=source, session=session)
        over.set()
        if stops:
            await asyncio.gather(*stops)
    finally:
        over.set()
        limit.cancel()


async def _stop(crawler: Crawler, over: asyncio.Event) -> None:
    """Stop a crawl gracefully. Scrapy cannot stop one that is still starting, so wait for that."""
    while not over.is_set():
        with contextlib.suppress(RuntimeError):
            # Raised while there is no engine yet.
            if crawler.engine.running:
                await crawler.stop_async()
                return
        await asyncio.sleep(0.01)
