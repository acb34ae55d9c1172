"""Extraction off the event loop: a few worker processes that a page can neither stall nor kill.

A page that takes too long or takes its worker down is quarantined with the reason; the pool
goes on with a fresh worker. Nothing of the extraction is imported in the process that crawls.
"""

import asyncio
import multiprocessing
import signal
from concurrent.futures import Future
from concurrent.futures import TimeoutError as PoolTimeout
from concurrent.futures.process import BrokenProcessPool
from typing import cast

from pebble import ProcessExpired, ProcessPool

from core.report import Page, Quarantined, Report
from core.source import Source
from pipeline import worker

Result = Report | Quarantined

# A worker is replaced after so many pages, so that what the C libraries leak stays bounded.
PAGES_A_WORKER = 2000
# How long a page may wait for workers that are starting or dying, beyond its own limit.
_PATIENCE = 120.0
_TRIES = 2


class ExtractionPool:
    """Reads pages in `processes` workers, each page within `seconds`.

    `read` may be awaited by any number of callers; twice as many pages as workers are handed
    over at a time, the others wait in the event loop. `reader` replaces the extraction in tests;
    it must be a module-level function.
    """

    def __init__(self, processes: int, seconds: float, *, reader: worker.Reader | None = None) -> None:
        self._processes = processes
        self._seconds = seconds
        self._reader = reader
        self._pool = self._start()
        self._slots = asyncio.Semaphore(2 * processes)
        self._closed = False

    def _start(self) -> ProcessPool:
        # Never fork: the crawling process has threads, and a lock one of them holds would stay
        # locked in the child.
        return ProcessPool(
            max_workers=self._processes,
            max_tasks=PAGES_A_WORKER,
            initializer=worker.prepare,
            initargs=(self._reader,),
            context=multiprocessing.get_context("spawn"),
        )

    async def read(self, page: Page, source: Source) -> Result:
        """The report of a page, or why there is none.

        Raises an AmparoError for faults that are not the page's (a broken taxonomy).
        """
        async with self._slots:
            for _ in range(_TRIES):
                pool = self._pool
                try:
                    return await self._once(pool, page, source)
                except PoolTimeout:
                    return self._lost(page, f"took longer than {self._seconds:g} s")
                except ProcessExpired as ended:
                    return self._lost(page, _cause(ended))
                except (BrokenProcessPool, RuntimeError, OSError):
                    # The pool as a whole broke, which need not be this page's doing.
                    self._replace(pool)
            return self._lost(page, "the extraction workers broke down twice on this page")

    async def _once(self, pool: ProcessPool, page: Page, source: Source) -> Result:
        future = pool.schedule(
            worker.read, args=(page, source, self._seconds, self._reader), timeout=self._seconds
        )
        wrapped = asyncio.wrap_future(cast("Future[Result]", future))
        try:
            return await asyncio.wait_for(wrapped, 2 * self._seconds + _PATIENCE)
        except TimeoutError as late:
            if isinstance(late, PoolTimeout) and wrapped.done() and not wrapped.cancelled():
                raise
            raise BrokenProcessPool("no answer from the workers") from late

    def _replace(self, broken: ProcessPool) -> None:
        if self._pool is broken and not self._closed:
            broken.stop()  # type: ignore[no-untyped-call]
            self._pool = self._start()

    def _lost(self, page: Page, reason: str) -> Quarantined:
        return Quarantined(
            source_id=page.source_id, url=page.url, step="extract", reason=reason, digest=page.digest
        )

    def close(self) -> None:
        """Stop the workers, whatever they are doing; takes at most a few seconds."""
        self._closed = True
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def _cause(ended: ProcessExpired) -> str:
    code = ended.exitcode
    if code < 0:
        try:
            return f"the worker was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"the worker was killed by signal {-code}"
    return f"the worker ended with status {code}"
