"""Extraction off the event loop: a few worker processes that a page can neither stall nor kill.

A page that takes too long or takes its worker down is quarantined with the reason; the pool
goes on with a fresh worker. Nothing of the extraction is imported in the process that crawls.
"""

import asyncio
import multiprocessing
import signal
import threading
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import cast

from pebble import ProcessExpired, ProcessPool

from core.report import Page, Quarantined, Report
from core.source import Source
from pipeline import worker
from pipeline.quarantine import quarantined

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
                except TimeoutError:
                    return quarantined(page, f"took longer than {self._seconds:g} s")
                except ProcessExpired as ended:
                    return quarantined(page, _cause(ended))
                except (BrokenProcessPool, RuntimeError, OSError):
                    if self._closed:
                        raise
                    # The pool as a whole broke, which need not be this page's doing.
                    self._replace(pool)
            return quarantined(page, "the extraction workers broke down twice on this page")

    async def _once(self, pool: ProcessPool, page: Page, source: Source) -> Result:
        """One try. Raises TimeoutError when the page's own time was up."""
        future = pool.schedule(
            worker.read, args=(page, source, self._seconds, self._reader), timeout=self._seconds
        )
        answer = asyncio.wrap_future(cast("Future[Result]", future))
        try:
            done, _ = await asyncio.wait([answer], timeout=2 * self._seconds + _PATIENCE)
        finally:
            # Given up here or by the caller: the worker that has the page is ended.
            if not answer.done():
                answer.cancel()
        if not done:
            raise BrokenProcessPool("no answer from the workers")
        return answer.result()

    def _replace(self, broken: ProcessPool) -> None:
        if self._pool is broken and not self._closed:
            self._pool = self._start()
            # Ending the workers of the old one may take seconds, which the loop must not wait for.
            threading.Thread(target=_end, args=(broken,), name="pool-end", daemon=True).start()

    def close(self) -> None:
        """Stop the workers, whatever they are doing; takes at most a few seconds."""
        self._closed = True
        _end(self._pool)


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _cause(ended: ProcessExpired) -> str:
    code = ended.exitcode
    if code < 0:
        try:
            return f"the worker was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"the worker was killed by signal {-code}"
    return f"the worker ended with status {code}"
