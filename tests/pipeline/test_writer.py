"""The single writer: commits what waits, survives a database that is down and a bad item."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from core.errors import DatabaseUnavailable
from core.report import Duplicate, New, Quarantined, Unchanged
from db.engine import Database
from db.stores import Stores
from pipeline import isolation
from pipeline.items import ReportItem, Result, Spooled, VisitItem
from pipeline.spool import waiting
from pipeline.writer import ReportWriter, replay_spool
from tests.db.samples import NOW, item, prose, report, source, visit

A, B, C = (f"https://vigia.example/{name}" for name in "abc")


def run(
    database: Database, folder: Path, work: Callable[[ReportWriter], Coroutine[None, None, None]]
) -> list[float]:
    """Run a test's coroutine with a writer; the pauses that the writer made."""
    pauses: list[float] = []

    async def main() -> None:
        writer = ReportWriter(database, folder, lambda: NOW, sleep=pauses.append)
        await writer.start()
        try:
            await work(writer)
        finally:
            await writer.close()

    asyncio.run(main())
    return pauses


@contextmanager
def down(monkeypatch: pytest.MonkeyPatch, times: int) -> Iterator[None]:
    """A database that does not answer the first so many writes."""
    real, left = Database.write, [times]

    @contextmanager
    def write(self: Database) -> Iterator[Connection]:
        if left[0] > 0:
            left[0] -= 1
            raise DatabaseUnavailable("refused")
        with real(self) as connection:
            yield connection

    with monkeypatch.context() as patched:
        patched.setattr(Database, "write", write)
        yield


def stored(database: Database, url: str) -> bool:
    with database.read() as connection:
        return Stores(connection).reports.by_url(url) is not None


def test_submit_answers_after_the_commit(database: Database, tmp_path: Path) -> None:
    """An address becomes known only when its report is in the database."""

    async def work(writer: ReportWriter) -> None:
        assert await writer.submit(item(report(A, prose("uno")))) == New()
        assert stored(database, A)

    run(database, tmp_path, work)


def test_what_waits_is_committed_together_and_answered_in_order(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commits are grouped by what is queued, without a timer."""
    sizes: list[int] = []
    real = isolation.commit_isolated

    def commit(database: Database, items: list[ReportItem], now: object) -> list[Result]:
        sizes.append(len(items))
        return real(database, items, NOW)

    monkeypatch.setattr("pipeline.writer.commit_isolated", commit)

    async def work(writer: ReportWriter) -> None:
        texts = ("uno", "uno", "dos")
        batch = [item(report(url, prose(text))) for url, text in zip((A, B, C), texts, strict=True)]
        results = await asyncio.gather(*(writer.submit(one) for one in batch))
        assert [type(one) for one in results] == [New, Duplicate, New]

    run(database, tmp_path, work)
    assert sizes == [3]


def test_close_stores_what_was_submitted(database: Database, tmp_path: Path) -> None:
    """The end of a crawl must not cut off its last pages."""

    async def work(writer: ReportWriter) -> None:
        task = asyncio.ensure_future(writer.submit(item(report(A, prose("uno")))))
        await asyncio.sleep(0)
        await writer.close()
        assert await task == New()
        with pytest.raises(RuntimeError):
            await writer.submit(item(report(B, prose("dos"))))

    run(database, tmp_path, work)


def test_database_that_comes_back_is_waited_for(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restart of PostgreSQL must not send a crawl to the spool."""

    async def work(writer: ReportWriter) -> None:
        assert await writer.submit(item(report(A, prose("uno")))) == New()

    with down(monkeypatch, times=2):
        assert run(database, tmp_path, work) == [0.5, 1.0]
    assert waiting(tmp_path) == []


def test_database_that_stays_down_spools_and_the_next_run_replays(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing lost, nothing doubled, and nothing known before its commit."""

    async def work(writer: ReportWriter) -> None:
        first = await writer.submit(item(report(A, prose("uno"))))
        second = await writer.submit(item(report(B, prose("dos"))))
        assert isinstance(first, Spooled)
        assert isinstance(second, Spooled)

    with down(monkeypatch, times=1000):
        pauses = run(database, tmp_path, work)
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0], "the second batch does not wait again"
    with database.read() as connection:
        assert Stores(connection).visits.known([A, B]) == {}
    assert len(waiting(tmp_path)) == 1

    assert replay_spool(database, tmp_path, NOW) == 2
    assert stored(database, A)
    assert stored(database, B)
    assert waiting(tmp_path) == []
    assert replay_spool(database, tmp_path, NOW) == 0


def test_replay_cut_off_after_its_commit_doubles_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process may die between the commit and the removal of the file."""

    async def work(writer: ReportWriter) -> None:
        await writer.submit(item(report(A, prose("uno"))))

    with down(monkeypatch, times=1000):
        run(database, tmp_path, work)
    kept = waiting(tmp_path)[0].read_bytes()
    replay_spool(database, tmp_path, NOW)
    (tmp_path / "again.spool").write_bytes(kept)
    replay_spool(database, tmp_path, NOW)
    with database.read() as connection:
        stores = Stores(connection)
        assert stores.reports.count() == 1
        assert len(stores.events.since(0)) == 1


def test_replay_stops_where_the_database_is_still_down(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is removed only when it is stored."""

    async def work(writer: ReportWriter) -> None:
        await writer.submit(VisitItem(visit=visit(A)))

    with down(monkeypatch, times=1000):
        run(database, tmp_path, work)
        with pytest.raises(DatabaseUnavailable):
            replay_spool(database, tmp_path, NOW)
    assert len(waiting(tmp_path)) == 1


def test_item_that_is_refused_does_not_take_its_batch_along(database: Database, tmp_path: Path) -> None:
    """One poisoned page among two hundred: the others are stored, it is named with its reason."""
    odd = report(A, prose("odd"))
    poison = ReportItem(report=replace(odd, url=A + "/\ud800"), source=source(), visit=visit(A + "/\ud800"))

    async def work(writer: ReportWriter) -> None:
        batch = [item(report(B, prose("uno"))), poison, item(report(C, prose("dos")))]
        first, second, third = await asyncio.gather(*(writer.submit(one) for one in batch))
        assert (first, third) == (New(), New())
        assert isinstance(second, Quarantined)
        assert second.step == "store"

    run(database, tmp_path, work)
    with database.read() as connection:
        assert Stores(connection).quarantine.list()[0].step == "store"


def test_bug_in_the_store_reaches_the_caller_and_not_the_others(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A coroutine that waits for ever would be a crawl that hangs in silence."""
    real, calls = isolation.commit_isolated, []

    def commit(database: Database, items: list[ReportItem], now: object) -> list[Result]:
        calls.append(items)
        if len(calls) == 1:
            raise ZeroDivisionError
        return real(database, items, NOW)

    monkeypatch.setattr("pipeline.writer.commit_isolated", commit)

    async def work(writer: ReportWriter) -> None:
        with pytest.raises(ZeroDivisionError):
            await writer.submit(item(report(A, prose("uno"))))
        assert await writer.submit(item(report(A, prose("uno")))) == New()
        assert await writer.submit(item(report(A, prose("uno")))) == Unchanged(of=1)

    run(database, tmp_path, work)
