"""The contract of the stores, on both engines."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from core.event import SOURCE_FAILED, Event
from core.report import Quarantined
from db.engine import Database, RowRefused
from db.events import EventStore
from db.quarantine import QuarantineStore
from db.runs import RunStore, UnknownRun
from db.sources import SourceStore
from db.tombstones import TombstoneStore
from db.visits import VisitStore
from tests.db.samples import NOW, source, visit

HOUR = timedelta(hours=1)
A, B = "https://vigia.example/a", "https://vigia.example/b"


@pytest.fixture
def ready(database: Database) -> Database:
    """A database that knows two sources."""
    with database.write() as connection:
        SourceStore(connection).sync([source("vigia"), source("faro")], NOW)
    return database


def test_visits_come_back_as_they_were_recorded(ready: Database) -> None:
    """Validators and due times decide what is asked next."""
    one = replace(visit(A), last_modified="Mon, 02 Mar 2026 10:00:00 GMT", failures=2, detail="é")
    with ready.write() as connection:
        VisitStore(connection).record([one])
    with ready.read() as connection:
        assert VisitStore(connection).known([A, B]) == {A: one}
        assert VisitStore(connection).get(B) is None


def test_later_visit_replaces_the_earlier_and_keeps_first_seen(ready: Database) -> None:
    """A replayed old visit must not undo a newer one."""
    later = visit(A, at=NOW + HOUR, outcome="unchanged")
    with ready.write() as connection:
        VisitStore(connection).record([visit(A), later])
        VisitStore(connection).record([visit(A)])
        found = VisitStore(connection).get(A)
    assert found == replace(later, first_seen=NOW)


def test_many_addresses_are_looked_up_at_once(ready: Database) -> None:
    """A sitemap lists tens of thousands."""
    urls = [f"https://vigia.example/{n}" for n in range(1_201)]
    with ready.write() as connection:
        VisitStore(connection).record(visit(url) for url in urls)
        assert VisitStore(connection).known([*urls, A]).keys() == set(urls)


def test_very_long_address_is_known_again(ready: Database) -> None:
    """An address no index can hold must not be fetched at every crawl."""
    long = "https://vigia.example/" + "ñ" * 5_000
    with ready.write() as connection:
        VisitStore(connection).record([visit(long)])
        assert VisitStore(connection).known([long]).keys() == {long}
        assert VisitStore(connection).get(long + "x") is None


def test_visit_of_an_unknown_source_is_refused(ready: Database) -> None:
    """A row that points at nothing is a bug to be heard of."""
    with pytest.raises(RowRefused), ready.write() as connection:
        VisitStore(connection).record([visit(A, "nobody")])


def test_naive_times_are_refused(ready: Database) -> None:
    """A time without its zone is a guess."""
    with pytest.raises(Exception, match="naive"), ready.write() as connection:
        VisitStore(connection).record([replace(visit(A), last_visited=datetime(2026, 1, 1))])  # noqa: DTZ001


def test_times_of_any_zone_come_back_in_utc(ready: Database) -> None:
    """Microseconds and order survive."""
    local = datetime(2026, 3, 1, 6, 0, 0, 123456, tzinfo=timezone(timedelta(hours=-6)))
    with ready.write() as connection:
        VisitStore(connection).record([visit(A, at=local)])
        found = VisitStore(connection).get(A)
    assert found is not None
    assert found.last_visited == local
    assert found.last_visited.isoformat() == "2026-03-01T12:00:00.123456+00:00"


def test_source_that_leaves_the_catalogue_keeps_its_row(ready: Database) -> None:
    """Its reports stay citable."""
    with ready.write() as connection:
        SourceStore(connection).sync([source("vigia")], NOW + HOUR)
        assert SourceStore(connection).ids() == {"vigia", "faro"}


def test_run_goes_from_running_to_finished(ready: Database) -> None:
    """The scheduler reads what ran and how it ended."""
    with ready.write() as connection:
        runs = RunStore(connection)
        first = runs.start("vigia", now=NOW, pid=None, trigger="schedule")
        assert [run.id for run in runs.unfinished()] == [first]
        assert runs.start("vigia", now=NOW + HOUR, pid=7, trigger="schedule", run_id=first) == first
        runs.finish(first, status="ok", counts={"new": 3}, now=NOW + 2 * HOUR)
        second = runs.start("vigia", now=NOW + 3 * HOUR, pid=8, trigger="manual")
        assert second != first
        assert {name: run.id for name, run in runs.latest().items()} == {"vigia": second}
        finished = runs.latest_finished()["vigia"]
        assert (finished.id, finished.pid, finished.counts, finished.status) == (first, 7, {"new": 3}, "ok")
        assert [run.id for run in runs.history("vigia")] == [second, first]


def test_only_a_running_run_is_interrupted(ready: Database) -> None:
    """A run that finished in the last moment keeps its result."""
    with ready.write() as connection:
        runs = RunStore(connection)
        run = runs.start("vigia", now=NOW, pid=1, trigger="manual")
        assert runs.mark_interrupted(run, NOW + HOUR, "process gone")
        assert not runs.mark_interrupted(run, NOW + HOUR, "again")
        found = runs.get(run)
    assert found is not None
    assert (found.status, found.error, found.finished_at) == ("interrupted", "process gone", NOW + HOUR)


def test_unknown_run_is_named(ready: Database) -> None:
    """A wrong --run-id must not be taken for a crawl."""
    with ready.write() as connection:
        runs = RunStore(connection)
        run = runs.start("vigia", now=NOW, pid=1, trigger="manual")
        with pytest.raises(UnknownRun):
            runs.finish(99, status="ok", now=NOW)
        with pytest.raises(UnknownRun):
            runs.start("faro", now=NOW, pid=1, trigger="schedule", run_id=run)


def test_quarantine_counts_each_failure_once(ready: Database) -> None:
    """The same failure of an hour later counts, a replay of it does not."""
    bad = Quarantined(source_id="vigia", url=A, step="extract", reason="no text")
    with ready.write() as connection:
        store = QuarantineStore(connection)
        store.add([(bad, NOW)])
        store.add([(replace(bad, reason="empty"), NOW + HOUR), (bad, NOW)])
        store.add([(replace(bad, step="dates"), NOW)])
        first, second = store.list(url=A)
        assert (first.step, first.count, first.reason, first.first_at) == ("extract", 2, "empty", NOW)
        assert (second.step, second.count) == ("dates", 1)
        assert len(store.list(since=NOW + HOUR)) == 1
        assert store.list(source_id="faro") == []
        assert (store.count(), store.count(source_id="faro")) == (2, 0)


def test_events_are_read_on_from_a_number(ready: Database) -> None:
    """A reader stops anywhere and misses nothing."""
    events = [Event(kind=SOURCE_FAILED, at=NOW, source_id="vigia", detail={"n": n}) for n in range(3)]
    with ready.write() as connection:
        store = EventStore(connection)
        store.add(events)
        store.add(events[:1])
        first, *rest = store.since(0)
        assert [one.event for one in store.since(first.id)] == [one.event for one in rest] == events[1:]
        assert len(store.since(0, limit=2)) == 2


def test_tombstone_keeps_its_first_reason(ready: Database) -> None:
    """Barring an address twice is no error."""
    with ready.write() as connection:
        store = TombstoneStore(connection)
        store.add(A, "first", NOW)
        store.add(A, "second", NOW)
        assert store.has([A, B]) == {A}
