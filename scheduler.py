"""When: the catalogue and the last runs say what to crawl now; each crawl is a supervised process.

What is due is decided purely in `spiders.timetable`. Here timers (APScheduler) put sources on a
waiting list, one loop starts what may start, and one task a crawl watches over its process.
"""

import asyncio
import contextlib
import logging
import os
import platform
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from core.errors import DatabaseUnavailable
from core.source import Schedule, Source
from db.engine import Database
from db.runs import RUNNING, Run, RunStore
from db.sources import SourceStore
from db.upgrade import upgrade
from spiders.process import CRAWL, Ended, holds, is_crawl_of, signal_group, supervise
from spiders.timetable import due, plan, refusal, startable, verdict, verdict_elsewhere

log = logging.getLogger("amparo.scheduler")

TRIGGER = "schedule"
"""What a run says of who started it."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How many crawls at a time, and how long to wait, in seconds.

    `spread`: between the starts of sources that are overdue together. `grace`: from TERM to KILL.
    `margin`: beyond a source's time limit, at which the crawl ends by itself, until TERM. `retry`:
    before a source that could not be started is tried again. `reconcile`: between two looks at
    the runs that other processes hold.
    """

    concurrency: int = 2
    spread: float = 5.0
    grace: float = 30.0
    margin: float = 60.0
    retry: float = 30.0
    reconcile: float = 60.0


class Scheduler:
    """Crawls the sources when they are due, until `stop` is set; `kill` ends the wait for them.

    All state lives on one asyncio loop. `ended` holds the status of each crawl that it started.
    """

    def __init__(
        self,
        sources: Iterable[Source],
        database: Database,
        *,
        clock: Callable[[], datetime],
        limits: Limits = Limits(),
        command: Sequence[str] = CRAWL,
        echo: BinaryIO | None = None,
        pid: int | None = None,
    ) -> None:
        self._pid = pid or os.getpid()
        self._sources = {source.id: source for source in sources if source.enabled}
        self._database = database
        self._clock = clock
        self._limits = limits
        self._command = tuple(command)
        self._echo = echo
        self._waiting: dict[str, Source] = {}
        self._crawls: dict[str, asyncio.Task[None]] = {}
        self._runs: set[int] = set()
        self._warned: set[int] = set()
        self._wake = asyncio.Event()
        self.stop = asyncio.Event()
        self.kill = asyncio.Event()
        self.ended: dict[str, str] = {}

    async def serve(self) -> None:
        """Run until stopped; crawls under way are then ended and their runs closed."""
        timers = AsyncIOScheduler(timezone=UTC)
        try:
            recovered = await self._patiently(self._begin)
            if recovered is not None:
                self._set(timers, recovered[0])
                await self._work()
        finally:
            if timers.running:
                timers.shutdown(wait=False)
            await self._finish()
            log.info("scheduler stopped")

    async def once(self) -> None:
        """Start what is due now, see all of it end, and come back."""
        last, held = await asyncio.to_thread(self._begin)
        for source in due(self._sources.values(), last, held, self._clock()):
            self._waiting[source.id] = source
        try:
            while (self._waiting or self._crawls) and not self.stop.is_set():
                self._start_what_may()
                await self._pause(self._limits.reconcile)
        finally:
            await self._finish()

    def _set(self, timers: AsyncIOScheduler, last: Mapping[str, Run]) -> None:
        """One timer a source, from the catalogue and the last runs: nothing else is remembered."""
        for planned in plan(self._sources.values(), last, self._clock(), spread=self._limits.spread):
            schedule = planned.source.schedule
            timers.add_job(
                self._due,
                IntervalTrigger(
                    minutes=schedule.every_minutes, jitter=schedule.jitter_seconds or None, timezone=UTC
                ),
                args=(planned.source,),
                id=planned.source.id,
                next_run_time=planned.at,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
            log.info("planned source=%s at=%s why=%s", planned.source.id, _iso(planned.at), planned.why)
        timers.start()

    async def _work(self) -> None:
        while not self.stop.is_set():
            self._start_what_may()
            if not await self._pause(self._limits.reconcile):
                await self._reconcile()

    async def _finish(self) -> None:
        """No new starts; end the crawls under way, which close their runs."""
        self.stop.set()
        self._waiting.clear()
        await asyncio.gather(*self._crawls.values(), return_exceptions=True)
        # The timers end in a callback of the loop.
        await asyncio.sleep(0)

    async def _due(self, source: Source) -> None:
        self._enqueue(source)

    def _enqueue(self, source: Source) -> None:
        self._waiting.setdefault(source.id, source)
        self._wake.set()

    def _start_what_may(self) -> None:
        running = [self._sources[source_id] for source_id in self._crawls]
        for source in startable(self._waiting.values(), running, concurrency=self._limits.concurrency):
            del self._waiting[source.id]
            self._crawls[source.id] = asyncio.create_task(self._crawl(source), name=source.id)

    async def _pause(self, seconds: float) -> bool:
        """Wait for news (True) or the seconds (False)."""
        news = [asyncio.create_task(event.wait()) for event in (self._wake, self.stop)]
        done, waiting = await asyncio.wait(news, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        self._wake.clear()
        return bool(done)

    # A crawl, from its row to its row.

    async def _crawl(self, source: Source) -> None:
        try:
            run_id, refused = await asyncio.to_thread(self._reserve, source)
            if refused:
                log.info("crawl not started source=%s reason=%s", source.id, refused)
            if refused == "running":
                self._put_off(source)
            if not refused:
                await self._run(source, run_id)
        except (DatabaseUnavailable, OSError) as error:
            log.error("crawl not started source=%s error=%s", source.id, error)
            self.ended[source.id] = "not started"
            self._put_off(source)
        except Exception:
            # One source must not end the watch over the others.
            log.exception("crawl lost source=%s", source.id)
            self.ended[source.id] = "failed"
        finally:
            del self._crawls[source.id]
            self._wake.set()

    def _put_off(self, source: Source) -> None:
        asyncio.get_running_loop().call_later(self._limits.retry, self._enqueue, source)

    def _reserve(self, source: Source) -> tuple[int, str]:
        """The number of a new running row, or 0 and why there is none.

        Looking and writing are one exclusive transaction, so that of two schedulers one starts.
        """
        now = self._clock()
        run_id = 0
        try:
            with self._database.write() as connection:
                SourceStore(connection).ensure([source], now)
                runs = RunStore(connection)
                running = {run.source_id for run in self._sift(runs, now)}
                refused = refusal(source, runs.latest_finished().get(source.id), running, now)
                if refused:
                    return 0, refused
                run_id = runs.start(source.id, now=now, pid=self._pid, trigger=TRIGGER)
                # Before the commit: whoever finds the row finds it here.
                self._runs.add(run_id)
        except BaseException:
            self._runs.discard(run_id)
            raise
        return run_id, ""

    async def _run(self, source: Source, run_id: int) -> None:
        try:
            limit = source.schedule.time_limit_minutes * 60 + self._limits.margin
            command = (*self._command, source.id, "--run-id", str(run_id), "--trigger", TRIGGER)
            log.info("crawl started source=%s run=%d limit_s=%g", source.id, run_id, limit)
            try:
                ended = await supervise(
                    command,
                    seconds=limit,
                    grace=self._limits.grace,
                    stop=self.stop,
                    kill=self.kill,
                    echo=self._echo,
                )
            except OSError as error:
                ended = Ended(code=127, how="not started", tail=str(error))
            run = await self._patiently(lambda: self._settle(run_id, ended), tries_after_stop=5)
            status = run.status if run else "unknown"
            self.ended[source.id] = status
            log.info("crawl ended source=%s run=%d status=%s exit=%d", source.id, run_id, status, ended.code)
        finally:
            self._runs.discard(run_id)

    def _settle(self, run_id: int, ended: Ended) -> Run | None:
        """See that the run is closed now that its process is gone."""
        with self._database.write() as connection:
            runs = RunStore(connection)
            run = runs.get(run_id)
            if run is None or run.status != RUNNING:
                return run
            if ended.how == "stopped":
                runs.mark_interrupted(run_id, self._clock(), explain(ended))
            else:
                reason = "time limit" if ended.how == "time limit" else "crawl ended without a result"
                runs.finish(run_id, status="failed", reason=reason, error=explain(ended), now=self._clock())
            return runs.get(run_id)

    # The runs of others.

    def _begin(self) -> tuple[dict[str, Run], set[str]]:
        """Bring the schema up to date, then recover."""
        upgrade(self._database)
        return self._recover()

    def _recover(self) -> tuple[dict[str, Run], set[str]]:
        """Close the runs nobody holds; the last finished run of each source, and who is crawled."""
        now = self._clock()
        with self._database.write() as connection:
            SourceStore(connection).ensure(self._sources.values(), now)
            runs = RunStore(connection)
            held = {run.source_id for run in self._sift(runs, now)}
            return runs.latest_finished(), held

    async def _reconcile(self) -> None:
        try:
            await asyncio.to_thread(self._recover)
        except DatabaseUnavailable as error:
            log.warning("database unavailable error=%s", error)
        except Exception:
            # The next look may succeed; the timers must go on.
            log.exception("runs not looked at")

    def _sift(self, runs: RunStore, now: datetime) -> list[Run]:
        """The unfinished runs that somebody holds; the others are closed, overdue ones ended."""
        held: list[Run] = []
        for run in runs.unfinished():
            judged = self._judge(run, now)
            if judged == "stale":
                runs.mark_interrupted(run.id, now, f"process {run.pid} on {run.host} is gone")
                log.warning("run was stale source=%s run=%d pid=%s", run.source_id, run.id, run.pid)
                continue
            if judged == "overdue" and run.pid:
                # TERM at the first look, KILL at the next one.
                signal_group(run.pid, signal.SIGKILL if run.id in self._warned else signal.SIGTERM)
                self._warned.add(run.id)
                log.warning("run is overdue source=%s run=%d pid=%s", run.source_id, run.id, run.pid)
            held.append(run)
        return held

    def _judge(self, run: Run, now: datetime) -> str:
        if run.id in self._runs:
            return "running"
        source = self._sources.get(run.source_id)
        limit = timedelta(minutes=(source.schedule if source else Schedule()).time_limit_minutes)
        limit += timedelta(seconds=self._limits.margin + 2 * self._limits.grace)
        if run.host not in (None, platform.node()):
            return verdict_elsewhere(run, limit=limit, now=now)
        if run.pid == self._pid:
            # A row of ours whose crawl never began, or could not be closed.
            return "stale"
        held = holds(run.pid, run.started_at)
        ours = held and run.trigger == TRIGGER and is_crawl_of(run.pid or 0, run.started_at)
        return verdict(run, held=held, ours=ours, limit=limit, now=now)

    async def _patiently(self, job: Callable[[], T], *, tries_after_stop: int = 0) -> T | None:
        """The job's result once the database answers; None when stopped before that."""
        seconds = min(1.0, self._limits.retry)
        while True:
            try:
                return await asyncio.to_thread(job)
            except DatabaseUnavailable as error:
                log.warning("database unavailable retry_s=%g error=%s", seconds, error)
            if self.stop.is_set():
                if tries_after_stop <= 0 or self.kill.is_set():
                    return None
                tries_after_stop -= 1
            event = self.kill if self.stop.is_set() else self.stop
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), seconds)
            seconds = min(seconds * 2, self._limits.retry)


def explain(ended: Ended) -> str:
    """Why a crawl's process ended and the last it said, for the run's row."""
    by = f"signal {signal.Signals(-ended.code).name}" if ended.code < 0 else f"exit code {ended.code}"
    return f"{ended.how}, {by}" + (f"\n{ended.tail}" if ended.tail else "")


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def run_scheduler(scheduler: Scheduler, *, once: bool = False) -> None:
    """Run a scheduler on a loop of its own. TERM or INT stops it, a second one at once."""

    async def watched() -> None:
        loop = asyncio.get_running_loop()

        def asked(number: signal.Signals) -> None:
            (scheduler.kill if scheduler.stop.is_set() else scheduler.stop).set()
            log.info("signal received name=%s", number.name)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, asked, number)
        await (scheduler.once() if once else scheduler.serve())

    asyncio.run(watched())
