"""Extraction workers: no page stalls them for good, and none of them outlives the crawl."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.report import Quarantined, Report
from pipeline.pool import ExtractionPool
from tests.pipeline.pages import page, source
from tests.pipeline.pool_readers import by_word

ROOT = Path(__file__).parents[2]


@pytest.fixture
def pool() -> Iterator[ExtractionPool]:
    """Two workers with a short limit, whose pages say what to do."""
    made = ExtractionPool(2, 1.0, reader=by_word)
    yield made
    made.close()


def ask(pool: ExtractionPool, *words: str) -> list[Report | Quarantined]:
    """Pages read at the same time, each with one word as its body."""

    async def all_of_them() -> list[Report | Quarantined]:
        return await asyncio.gather(*(pool.read(page(word), source()) for word in words))

    return asyncio.run(all_of_them())


def reasons(results: list[Report | Quarantined]) -> list[str]:
    """Why there is no report, for each."""
    return [result.reason for result in results if isinstance(result, Quarantined)]


def gone(pid: int, seconds: float = 5.0) -> bool:
    """Whether a process ends (or is at most a zombie of its parent) in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_page_that_never_ends_is_quarantined_and_the_others_are_read(pool: ExtractionPool) -> None:
    """A page must cost its own time only, never that of the crawl."""
    said = reasons(ask(pool, "hang", "a", "b", "c"))
    assert said[0] == "took longer than 1 s"
    assert all(reason.isdigit() for reason in said[1:])


def test_page_that_kills_its_worker_is_quarantined_and_the_others_are_read(pool: ExtractionPool) -> None:
    """A fault in a C library ends a process without a word; the operator must still see why."""
    assert reasons(ask(pool, "die"))[0] == "the worker was killed by SIGKILL"
    assert reasons(ask(pool, "exit"))[0] == "the worker ended with status 7"
    assert all(reason.isdigit() for reason in reasons(ask(pool, "a", "b", "c", "d")))


def test_page_that_eats_memory_fails_alone(pool: ExtractionPool) -> None:
    """One hostile page must not take the machine, or the kernel picks a victim of its own."""
    assert "MemoryError" in reasons(ask(pool, "eat"))[0]
    assert reasons(ask(pool, "a"))[0].isdigit()


def test_unexpected_error_in_a_worker_is_a_reason(pool: ExtractionPool) -> None:
    """What no step foresaw is the page's failure, told in one line."""
    assert reasons(ask(pool, "raise"))[0] == "ValueError: no such thing"


def test_workers_killed_while_idle_are_replaced(pool: ExtractionPool) -> None:
    """The kernel may end an idle worker for want of memory; the next page must not notice."""
    for reason in set(reasons(ask(pool, "a", "b"))):
        os.kill(int(reason), signal.SIGKILL)
    time.sleep(0.4)
    assert reasons(ask(pool, "c"))[0].isdigit()


def test_closing_ends_busy_workers_within_seconds(tmp_path: Path) -> None:
    """An operator who stops a crawl must not wait for a page that hangs."""
    note = tmp_path / "pid"
    pool = ExtractionPool(1, 60.0, reader=by_word)

    async def start_and_leave() -> None:
        reading = asyncio.create_task(pool.read(page(f"note:{note}"), source()))
        while not (note.exists() and note.read_text(encoding="ascii")):
            await asyncio.sleep(0.02)
        reading.cancel()

    asyncio.run(start_and_leave())
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 5
    assert gone(int(note.read_text(encoding="ascii")))


CRAWL = """
import asyncio, sys
from pipeline.pool import ExtractionPool
from tests.pipeline.pages import page, source
from tests.pipeline.pool_readers import by_word

async def main():
    pool = ExtractionPool(2, 60.0, reader=by_word)
    await asyncio.gather(*(pool.read(page("note:" + file), source()) for file in sys.argv[1:]))

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_workers_end_when_the_crawl_is_killed(tmp_path: Path) -> None:
    """After kill -9 nobody is left to end them, and a hanging page would hold its worker for ever."""
    script, notes = tmp_path / "crawl.py", [tmp_path / "one", tmp_path / "two"]
    script.write_text(CRAWL, encoding="utf-8")
    crawl = subprocess.Popen(
        [sys.executable, str(script), *map(str, notes)], env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until and not all(n.exists() and n.read_text() for n in notes):
            time.sleep(0.05)
        pids = [int(note.read_text(encoding="ascii")) for note in notes]
        others = [child.pid for child in psutil.Process(crawl.pid).children(recursive=True)]
    finally:
        crawl.kill()
        crawl.wait()
    assert all(gone(pid) for pid in {*pids, *others})


def test_pool_reads_a_real_page_with_the_packaged_rules() -> None:
    """The worker loads extraction and rules by itself; nothing of them is in the caller."""
    paragraph = (
        "<p>La dirección de centros penales informó de nuevos traslados al penal de máxima seguridad.</p>"
    )
    html = (
        f"<html lang=es><head><title>Nuevos traslados al penal</title></head><body><article>{paragraph * 6}"
    )
    pool = ExtractionPool(1, 20.0)
    try:
        (result,) = ask(pool, html)
    finally:
        pool.close()
    assert isinstance(result, Report), result
    assert (result.title, result.language) == ("Nuevos traslados al penal", "es")
    assert result.relevance is not None and result.fingerprint is not None
