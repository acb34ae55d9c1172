"""One run's decisions: what is wanted, what is kept of each visit, when an index counts as read."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.dates import DateClaim, Origin, Precision
from core.report import Listed, New
from db.sources import SourceStore
from db.tombstones import TombstoneStore
from db.visits import Visit, VisitStore
from pipeline.items import Spooled, VisitItem
from spiders.loop import event_loop

URL = "https://a.example/1"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def wait(awaitable: Awaitable[object]) -> object:
    return event_loop()[0].run_until_complete(awaitable)


def remember(database: Any, source: Any, *visits: Visit, barred: tuple[str, ...] = ()) -> None:
    with database.write() as connection:
        SourceStore(connection).ensure([source], NOW)
        VisitStore(connection=connection).record(visits)
        for url in barred:
            TombstoneStore(connection).add(url, "asked to", NOW)


def visit(source: Any, url: str = URL, **given: object) -> Visit:
    base: dict[str, object] = {
        "url": url,
        "source_id": source.id,
        "first_seen": NOW - timedelta(hours=1),
        "last_visited": NOW - timedelta(hours=1),
        "outcome": "stored",
        "etag": '"one"',
    }
    return Visit(**{**base, **given})  # type: ignore[arg-type]


@pytest.fixture
def run(session: Any) -> Any:
    """A session whose clock stands still."""
    return lambda **given: session(clock=lambda: NOW, **given)


def visits_of(made: Any) -> list[Visit]:
    wait(made.settle())
    return [item.visit for item in made.writer.items if isinstance(item, VisitItem)]


def test_new_address_is_wanted_once(run: Any) -> None:
    """A feed and a sitemap of one source list the same page."""
    made = run()
    assert made.wants(Listed(url=URL)).headers == {}
    assert made.wants(Listed(url=f"{URL}?utm_source=feed")) is None
    assert made.counts["listed"] == 1


def test_known_address_is_asked_for_conditionally(run: Any, source: Any, sqlite_database: Any) -> None:
    """A page that did not change costs the site a line."""
    remember(sqlite_database, source, visit(source, last_modified="Fri, 01 May 2026 10:00:00 GMT"))
    made = run()
    wait(made.look_up([URL]))
    assert made.wants(Listed(url=URL)).headers == {
        "If-None-Match": '"one"',
        "If-Modified-Since": "Fri, 01 May 2026 10:00:00 GMT",
    }


def test_address_that_failed_is_asked_for_in_full(run: Any, source: Any, sqlite_database: Any) -> None:
    """Validators of a page we never stored would leave it missing for ever."""
    remember(sqlite_database, source, visit(source, outcome="failed", failures=1))
    made = run()
    wait(made.look_up([URL]))
    assert made.wants(Listed(url=URL)).headers == {}


def test_withdrawn_address_is_not_asked_for(run: Any, source: Any, sqlite_database: Any) -> None:
    """A takedown survives every crawl."""
    remember(sqlite_database, source, barred=(URL,))
    made = run()
    wait(made.look_up([URL]))
    assert made.wants(Listed(url=URL)) is None
    assert made.counts["withdrawn"] == 1


def test_page_listed_by_two_sources_is_fetched_by_one(run: Any, command: Any, source: Any) -> None:
    """In one command an address is visited once."""
    shared = command(clock=lambda: NOW)
    first, second = run(command=shared), run(command=shared, source=replace(source, id="another"))
    assert first.wants(Listed(url=URL))
    assert second.wants(Listed(url=URL)) is None
    assert second.counts["known"] == 1


def test_index_stays_unread_while_another_source_fetches_its_item(
    run: Any, command: Any, source: Any
) -> None:
    """The other one may fail, and then this index must list it again."""
    shared = command(clock=lambda: NOW)
    first, second = run(command=shared), run(command=shared, source=replace(source, id="another"))
    first.wants(Listed(url=URL))
    second.wants(Listed(url=URL))
    second.index_read("https://a.example/feed", etag='"f"', last_modified=None, listed=1, notes=())
    assert visits_of(second) == []


def test_index_stays_unread_while_a_failed_item_waits_for_its_time(
    run: Any, source: Any, sqlite_database: Any
) -> None:
    """An index that answers 304 lists nothing: the item would never be tried again."""
    waiting = visit(source, outcome="failed", failures=3, next_due=NOW + timedelta(hours=2))
    remember(sqlite_database, source, waiting)
    made = run()
    wait(made.look_up([URL]))
    assert made.wants(Listed(url=URL)) is None
    made.index_read("https://a.example/feed", etag='"f"', last_modified=None, listed=1, notes=())
    assert visits_of(made) == []


def test_old_item_is_left_with_since_and_the_index_stays_unread(run: Any) -> None:
    """The next crawl without --since must still find it."""
    made = run(since=NOW)
    old = DateClaim(value=NOW - timedelta(days=9), precision=Precision.SECOND, origin=Origin.FEED)
    assert made.wants(Listed(url=URL, dates=(old,))) is None
    made.index_read("https://a.example/feed", etag='"f"', last_modified=None, listed=1, notes=())
    assert visits_of(made) == []


def test_limit_counts_new_addresses_and_not_rechecks(run: Any, source: Any, sqlite_database: Any) -> None:
    """--limit 10 twice brings twenty reports, not the same ten."""
    remember(sqlite_database, source, visit(source))
    made = run(limit=1)
    wait(made.look_up([URL]))
    assert made.take(Listed(url=URL))
    assert made.take(Listed(url="https://a.example/2"))
    assert made.take(Listed(url="https://a.example/2"))
    assert not made.take(Listed(url="https://a.example/3"))


def test_index_counts_as_read_when_all_its_items_are_stored(run: Any) -> None:
    """Its validators are what hides old items from the next run."""
    made = run()
    made.wants(Listed(url=URL))
    made.index_read("https://a.example/feed", etag='"f"', last_modified=None, listed=1, notes=())
    made.decided(URL, New())
    (kept,) = visits_of(made)
    assert (kept.url, kept.etag, kept.outcome) == ("https://a.example/feed", '"f"', "index")


@pytest.mark.parametrize("what", ["open", "failed", "blocked", "spooled", "broken", "stopped", "truncated"])
def test_index_stays_unread_while_an_item_of_it_is_missing(run: Any, what: str) -> None:
    """Killed, failed, spooled or cut short: the next run reads the index anew."""
    made = run()
    listed = Listed(url=URL)
    made.wants(listed)
    made.index_read("https://a.example/feed", etag='"f"', last_modified=None, listed=1, notes=())

    async def happen() -> None:
        if what in ("failed", "blocked"):
            made.problem(what, url=URL, detail="no", listed=listed)
        elif what == "spooled":
            made.decided(URL, Spooled(file="x"))
        elif what == "broken":
            made.broken(URL, "no")
        elif what in ("stopped", "truncated"):
            made.decided(URL, New())
            made.stop("enough") if what == "stopped" else made.truncated(1)

    wait(happen())
    assert "index" not in [kept.outcome for kept in visits_of(made)]


@pytest.mark.parametrize("kind", ["robots", "refused", "gone"])
def test_item_that_is_settled_without_a_report_does_not_hold_the_index_back(run: Any, kind: str) -> None:
    """One page that is gone would otherwise have the whole feed fetched in full for ever."""
    made = run()
    listed = Listed(url=URL)
    made.wants(listed)
    made.index_read("https://a.example/feed", etag='"f"', last_modified=None, listed=1, notes=())

    async def happen() -> None:
        if kind == "gone":
            made.gone(listed, url=URL, status=410)
        else:
            made.problem(kind, url=URL, detail="no", listed=listed)

    wait(happen())
    assert [kept.outcome for kept in visits_of(made)] == [kind, "index"]


def test_validators_of_an_index_serve_only_the_source_file_that_read_it(
    run: Any, source: Any, sqlite_database: Any
) -> None:
    """After a change of the file an unchanged index may list addresses that are new to us."""
    feed = "https://a.example/feed"
    made = run()
    made.index_read(feed, etag='"f"', last_modified=None, listed=0, notes=())
    (kept,) = visits_of(made)
    remember(sqlite_database, source, kept)
    again = run()
    wait(again.look_up([feed]))
    assert again.index_headers(feed) == {"If-None-Match": '"f"'}
    changed = run(source=replace(source, params=replace(source.params, include="/en/")))
    wait(changed.look_up([feed]))
    assert changed.index_headers(feed) == {}


def test_not_modified_keeps_the_validators_it_had(run: Any, source: Any, sqlite_database: Any) -> None:
    """Servers may leave them out of a 304."""
    remember(sqlite_database, source, visit(source))
    made = run()

    async def happen() -> None:
        await made.look_up([URL])
        made.not_modified(Listed(url=URL), etag=None, last_modified=None)

    wait(happen())
    (kept,) = visits_of(made)
    assert (kept.outcome, kept.etag, kept.first_seen) == ("not_modified", '"one"', NOW - timedelta(hours=1))


def test_three_blocks_in_a_row_end_the_run(run: Any) -> None:
    """Asking on would make it worse; a good answer in between starts the count anew."""
    made = run()

    async def block(number: int) -> None:
        made.problem("blocked", url=f"{URL}{number}", detail="HTTP 403", listed=Listed(url=f"{URL}{number}"))

    wait(block(1))
    wait(block(2))
    made.received(Listed(url=URL))
    wait(block(3))
    wait(block(4))
    assert not made.stopping
    wait(block(5))
    assert made.stop_reason == "blocked"
    assert made.counts["blocked"] == 5


def test_dead_site_is_given_up_after_ten_failures(run: Any) -> None:
    """Five hundred time-outs of 45 seconds would be six hours."""
    made = run()

    async def fail() -> None:
        for number in range(10):
            made.problem(
                "failed", url=f"{URL}{number}", detail="no answer", listed=Listed(url=f"{URL}{number}")
            )

    wait(fail())
    assert made.stopping


def test_failed_visits_are_counted_up(run: Any, source: Any, sqlite_database: Any) -> None:
    """The pause before the next try depends on it."""
    remember(sqlite_database, source, visit(source, outcome="failed", failures=3))
    made = run()

    async def happen() -> None:
        await made.look_up([URL])
        made.problem("failed", url=URL, detail="HTTP 500", listed=Listed(url=URL))

    wait(happen())
    (kept,) = visits_of(made)
    assert (kept.failures, kept.detail) == (4, "HTTP 500")
    assert kept.next_due == NOW + timedelta(hours=8)


def test_time_that_a_server_asked_for_survives_the_run(run: Any, source: Any, sqlite_database: Any) -> None:
    """The next run must not ask before it."""
    made = run()
    until = NOW + timedelta(hours=5)

    async def happen() -> None:
        made.close_until("https://a.example/feed", until)
        made.problem("blocked", url="https://a.example/feed", detail="HTTP 503")

    wait(happen())
    (kept,) = visits_of(made)
    remember(sqlite_database, source, kept)
    again = run()
    wait(again.look_up(["https://a.example/feed"]))
    assert again.closed_until("https://a.example/feed") == until


def test_sleep_ends_when_the_crawl_stops(run: Any) -> None:
    """Ctrl-C must not wait for a Retry-After."""
    made = run()

    async def happen() -> None:
        sleeping = asyncio.ensure_future(made.sleep(60))
        await asyncio.sleep(0)
        made.quiet.stopping.set()
        await asyncio.wait_for(sleeping, 1)

    wait(happen())
