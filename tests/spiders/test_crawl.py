"""Whole crawls over real HTTP into a real database: what is stored, counted and said."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import spiders.crawl
from core.errors import DatabaseUnavailable, SettingsError
from core.report import Page, Quarantined, Report
from core.settings import Settings
from core.source import FeedParams, Politeness, Schedule, Source
from db.engine import Database
from db.events import EventStore
from db.quarantine import QuarantineStore
from db.reports import ReportStore
from db.runs import RunStore
from db.sources import SourceStore
from db.visits import VisitStore
from pipeline.process import read_safely
from pipeline.writer import ReportWriter
from spiders.crawl import run_crawl
from spiders.run import RunResult

DATES = {1: "Mon, 04 May 2026 10:00:00 GMT", 2: "Tue, 05 May 2026 10:00:00 GMT"}
WORDS = (
    "La organización Cristal informó que {n} personas detenidas durante el régimen de excepción siguen "
    "en el penal de Izalco sin haber visto a un juez. Sus familias entregan un paquete cada mes. "
)


class LocalPool:
    """Reads pages in a thread: the tests are about the crawl, and a worker takes a second to start."""

    def __init__(self, processes: int, seconds: float) -> None: ...

    async def read(self, page: Page, source: Source) -> Report | Quarantined:
        return await asyncio.to_thread(read_safely, page, source)

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def local_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spiders.crawl, "ExtractionPool", LocalPool)


def article(number: int) -> bytes:
    """A page about detention, different for each number throughout."""
    names = ("Ana", "Rosa", "Luis", "Marta", "Pedro", "Julia", "Hugo", "Elena", "Mario", "Irma")
    told = "".join(
        f"<p>{name} {number * 31 + place} contó que su hermano {number * 7 + place} fue llevado el día "
        f"{(number + place) % 28 + 1} desde la colonia {names[(number * 3 + place) % 10]} {number}{place}, "
        f"y que nadie explicó el motivo {number * 13 + place * 5}.</p>"
        for place, name in enumerate(names)
    )
    head = f"<title>Detenidos en Izalco, caso {number}</title>"
    return (
        f"<!doctype html><html lang='es'><head>{head}</head><body><article><h1>Detenidos en Izalco, caso "
        f"{number}</h1><p>{WORDS.format(n=number)}</p>{told}</article></body></html>"
    ).encode()


@pytest.fixture
def feed(site: Any, answer: Any) -> Callable[..., str]:
    """Puts a feed on the site that lists pages by number, and the pages."""

    def put(*numbers: int, path: str = "/feed.xml", pages: bool = True, **headers: str) -> str:
        items = "".join(
            f"<item><title>Caso {n}</title><link>{site.url(f'/page/{n}')}</link>"
            + (f"<pubDate>{DATES[n]}</pubDate>" if n in DATES else "")
            + "</item>"
            for n in numbers
        )
        body = f"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title>{items}</channel></rss>"
        kind = {"Content-Type": "application/rss+xml", **headers}
        url: str = site.answer(path, answer(body=body.encode(), headers=kind))
        for n in numbers if pages else ():
            site.answer(f"/page/{n}", answer(body=article(n), headers={"ETag": f'"{n}"'}))
        return url

    return put


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    return Settings(database_url=sqlite_url, data_dir=tmp_path, contact="test@example.org")


@pytest.fixture
def crawl(sqlite_database: Database, settings: Settings, source: Source) -> Callable[..., list[RunResult]]:
    """Runs a crawl command of the test source, or of others."""

    def run(*sources: Source, **given: Any) -> list[RunResult]:
        return run_crawl(
            sources or (source,),
            database=sqlite_database,
            settings=given.pop("settings", settings),
            trigger=given.pop("trigger", "manual"),
            overrides={"AMPARO_BACKOFF_SECONDS": 0.01},
            **given,
        )

    return run


def stored(database: Database, site: Any, numbers: Sequence[int]) -> list[int]:
    """Those of the numbered pages that are stored."""
    with database.read() as connection:
        store = ReportStore(connection)
        return [number for number in numbers if store.by_url(site.url(f"/page/{number}"))]


def events(database: Database) -> list[str]:
    with database.read() as connection:
        return [stored.event.kind for stored in EventStore(connection).since(0)]


def test_listed_pages_are_stored_and_the_run_is_written_down(
    site: Any, feed: Any, crawl: Any, sqlite_database: Database
) -> None:
    """The thin line from a feed to the database."""
    feed(1, 2, 3)
    (result,) = crawl()
    assert (result.status, result.reason) == ("ok", "")
    assert {name: result.counts[name] for name in ("listed", "requested", "received", "new")} == {
        "listed": 3, "requested": 3, "received": 3, "new": 3,
    }  # fmt: skip
    assert stored(sqlite_database, site, range(1, 4)) == [1, 2, 3]
    with sqlite_database.read() as connection:
        run = RunStore(connection).get(result.run_id or 0)
    assert run is not None
    assert (run.status, run.counts, run.pid) == ("ok", result.counts, os.getpid())
    assert run.finished_at is not None


def test_second_crawl_asks_conditionally_and_stores_nothing(
    site: Any, feed: Any, crawl: Any, answer: Any
) -> None:
    """What did not change costs the site and us one line."""
    feed(1, 2)
    crawl()
    for number in (1, 2):
        site.answer(f"/page/{number}", answer(status=304, headers={"Content-Length": ""}))
    (again,) = crawl()
    assert (again.status, again.counts["not_modified"], again.counts["new"]) == ("ok", 2, 0)
    asked = [asked.headers.get("if-none-match") for asked in site.asked if "/page/" in asked.path]
    assert sorted(asked[2:]) == ['"1"', '"2"']


def test_changed_page_is_an_update(site: Any, feed: Any, crawl: Any, answer: Any) -> None:
    """A correction must not pass unseen."""
    feed(1)
    crawl()
    site.answer("/page/1", answer(body=article(1).replace(b"sin haber visto", b"tras haber visto")))
    (again,) = crawl()
    assert (again.counts["updated"], again.counts["new"]) == (1, 0)


def test_unchanged_feed_is_asked_conditionally_and_is_no_silence(
    site: Any, feed: Any, crawl: Any, answer: Any
) -> None:
    """The feed's ETag is used once everything on it is stored, and 304 lists nothing without fault."""
    feed(1, 2, ETag='"feed-1"')
    crawl()
    site.answer("/feed.xml", answer(status=304, headers={"Content-Length": ""}))
    (again,) = crawl()
    assert [asked.headers.get("if-none-match") for asked in site.asked if asked.path == "/feed.xml"] == [
        None, '"feed-1"',
    ]  # fmt: skip
    assert (again.status, again.counts["listed"]) == ("ok", 0)


def test_feed_is_asked_in_full_until_all_its_items_are_stored(
    site: Any, feed: Any, crawl: Any, answer: Any, sqlite_database: Database
) -> None:
    """An ETag that is kept too early hides what failed."""
    feed(1, 2, ETag='"feed-1"')
    site.answer("/page/2", answer(status=500))
    (first,) = crawl()
    assert (first.status, first.counts["failed"]) == ("partial", 1)
    site.answer("/page/2", answer(body=article(2)))
    (again,) = crawl()
    assert [asked.headers.get("if-none-match") for asked in site.asked if asked.path == "/feed.xml"] == [
        None
    ] * 2
    assert again.status == "ok"
    assert stored(sqlite_database, site, (1, 2)) == [1, 2]


def test_feed_without_items_is_a_failure(feed: Any, crawl: Any, sqlite_database: Database) -> None:
    """Silence is how a redesign looks."""
    feed()
    (result,) = crawl()
    assert (result.status, result.reason) == ("failed", "listed 0, expected at least 1")
    assert events(sqlite_database) == ["source.empty"]


def test_unreadable_index_is_a_failure_that_names_it(
    site: Any, answer: Any, crawl: Any, sqlite_database: Database
) -> None:
    """The operator reads which address gave what."""
    site.answer("/feed.xml", answer(body=b"<html><body>moved</body></html>"))
    (result,) = crawl()
    assert result.status == "failed"
    assert "/feed.xml" in result.reason
    assert events(sqlite_database) == ["source.failed"]


def test_index_that_robots_closes_is_a_failure(site: Any, answer: Any, feed: Any, crawl: Any) -> None:
    """A source we may not read must not look quiet."""
    feed(1)
    site.answer("/robots.txt", answer(body=b"User-agent: *\nDisallow: /feed\n"))
    (result,) = crawl()
    assert result.status == "failed"
    assert "robots" in result.reason
    assert site.count("/feed.xml") == 0


def test_broken_page_goes_to_quarantine_and_the_others_are_stored(
    site: Any, answer: Any, feed: Any, crawl: Any, sqlite_database: Database
) -> None:
    """One page never ends a crawl."""
    feed(1, 2, 3)
    site.answer("/page/2", answer(body=b"\x00\x01\x02", headers={"Content-Type": "image/png"}))
    (result,) = crawl()
    assert (result.status, result.counts["quarantined"], result.counts["new"]) == ("partial", 1, 2)
    with sqlite_database.read() as connection:
        (entry,) = QuarantineStore(connection).list()
        visit = VisitStore(connection=connection).get(site.url("/page/2"))
    assert entry.url == site.url("/page/2")
    assert visit is not None
    assert (visit.outcome, visit.failures) == ("quarantined", 1)


def test_page_that_is_gone_is_not_asked_for_every_time(
    site: Any, answer: Any, feed: Any, crawl: Any, sqlite_database: Database
) -> None:
    """A feed may list a dead address for months."""
    feed(1, 2)
    site.answer("/page/2", answer(status=410))
    (first,) = crawl()
    assert (first.status, first.counts["failed"]) == ("partial", 1)
    (again,) = crawl()
    assert site.count("/page/2") == 1
    assert again.status == "ok"


def test_page_that_robots_closes_is_recorded_and_not_fetched(
    site: Any, answer: Any, feed: Any, crawl: Any, sqlite_database: Database
) -> None:
    """why-missing has to be able to say it."""
    feed(1, 2)
    site.answer("/robots.txt", answer(body=b"User-agent: *\nDisallow: /page/2\n"))
    (result,) = crawl()
    assert (result.status, result.counts["robots"], result.counts["new"]) == ("ok", 1, 1)
    with sqlite_database.read() as connection:
        visit = VisitStore(connection=connection).get(site.url("/page/2"))
    assert visit is not None
    assert visit.outcome == "robots"
    assert "robots.txt disallows" in visit.detail


def test_three_blocked_pages_end_the_crawl_of_their_source(
    site: Any, answer: Any, feed: Any, crawl: Any, source: Source, sqlite_database: Database
) -> None:
    """Asking on makes it worse; the run says blocked, not empty."""
    numbers = range(1, 21)
    feed(*numbers, pages=False)
    for number in numbers:
        site.answer(f"/page/{number}", answer(status=403))
    (result,) = crawl(replace(source, politeness=Politeness(delay_seconds=0.02)))
    assert result.status == "failed"
    assert result.reason.startswith("blocked")
    assert events(sqlite_database) == ["source.blocked"]
    assert sum("/page/" in asked.path for asked in site.asked) < 8


def test_challenge_instead_of_a_feed_is_a_block(
    site: Any, answer: Any, crawl: Any, sqlite_database: Database
) -> None:
    """Never zero results."""
    page = b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
    site.answer("/feed.xml", answer(body=page))
    (result,) = crawl()
    assert (result.status, events(sqlite_database)) == ("failed", ["source.blocked"])


def test_feed_that_asks_for_an_hour_gets_it(site: Any, answer: Any, crawl: Any) -> None:
    """A long Retry-After outlives the process."""
    site.answer("/feed.xml", answer(status=503, headers={"Retry-After": "3600"}))
    (first,) = crawl()
    assert first.status == "failed"
    (again,) = crawl()
    assert again.status == "failed"
    assert "come back after" in again.reason
    assert site.count("/feed.xml") == 1


def test_sources_of_one_host_take_turns(
    site: Any, answer: Any, feed: Any, crawl: Any, source: Source
) -> None:
    """Two files about one site must not ask it twice as often."""
    feed(1, 2, path="/a.xml")
    feed(3, 4, path="/b.xml")
    polite = Politeness(delay_seconds=0.0, concurrency=1)
    pair = [
        replace(source, id=name, params=FeedParams(urls=(site.url(f"/{name}.xml"),)), politeness=polite)
        for name in ("a", "b")
    ]
    results = crawl(*pair)
    assert [(result.source_id, result.counts["new"]) for result in results] == [("a", 2), ("b", 2)]
    assert site.most_at_once == 1


def test_page_listed_by_two_sources_is_fetched_once(site: Any, feed: Any, crawl: Any, source: Source) -> None:
    """Aggregators list what we watch anyway."""
    feed(1, path="/a.xml")
    feed(1, path="/b.xml")
    pair = [
        replace(source, id=name, params=FeedParams(urls=(site.url(f"/{name}.xml"),))) for name in ("a", "b")
    ]
    first, second = crawl(*pair)
    assert (first.counts["new"], second.counts["known"]) == (1, 1)
    assert second.status == "ok"
    assert site.count("/page/1") == 1


def test_limit_brings_so_many_new_reports_and_the_rest_later(
    site: Any, feed: Any, crawl: Any, sqlite_database: Database
) -> None:
    """Trying a source out must not lose what was left."""
    feed(1, 2, 3, 4, 5, ETag='"f"')
    (first,) = crawl(limit=2)
    assert (first.counts["new"], first.left) == (2, 3)
    (second,) = crawl(limit=2)
    assert second.counts["new"] == 2
    crawl()
    assert stored(sqlite_database, site, range(1, 6)) == [1, 2, 3, 4, 5]


def test_since_leaves_out_what_is_listed_as_older(
    site: Any, feed: Any, crawl: Any, sqlite_database: Database
) -> None:
    """What has no date is taken."""
    feed(1, 2, 3)
    crawl(since=datetime(2026, 5, 5, tzinfo=UTC))
    assert stored(sqlite_database, site, (1, 2, 3)) == [2, 3]


def test_dry_run_says_what_would_be_stored_and_stores_nothing(
    site: Any, feed: Any, crawl: Any, sqlite_database: Database
) -> None:
    """No report, no visit, no run."""
    feed(1, 2)
    (result,) = crawl(dry_run=True)
    assert (result.status, result.counts["new"], result.run_id) == ("ok", 2, None)
    assert {item["url"] for item in result.would_store} == {site.url("/page/1"), site.url("/page/2")}
    assert stored(sqlite_database, site, (1, 2)) == []
    with sqlite_database.read() as connection:
        assert RunStore(connection).latest() == {}
        assert VisitStore(connection=connection).known([site.url("/page/1")]) == {}


def test_run_of_a_process_that_is_gone_is_closed(
    feed: Any, crawl: Any, source: Source, sqlite_database: Database
) -> None:
    """A run killed with -9 must not say running for ever."""
    with sqlite_database.write() as connection:
        SourceStore(connection).ensure([source], datetime.now(UTC))
        dead = RunStore(connection).start(source.id, now=datetime.now(UTC), pid=2**22 - 3, trigger="manual")
    feed(1)
    crawl()
    with sqlite_database.read() as connection:
        run = RunStore(connection).get(dead)
    assert run is not None
    assert run.status == "interrupted"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_crawl_keeps_what_it_has_and_the_next_one_the_rest(
    site: Any, feed: Any, crawl: Any, sqlite_database: Database, source: Source, number: signal.Signals
) -> None:
    """Ctrl-C and the scheduler's TERM end a crawl, not the work it did."""
    numbers = range(1, 13)
    feed(*numbers, ETag='"f"')
    sent: list[int] = []

    def progress(source_id: str, counts: Any) -> None:
        if counts["new"] >= 2 and not sent:
            sent.append(number)
            os.kill(os.getpid(), number)

    slow = replace(source, politeness=Politeness(delay_seconds=0.03))
    (result,) = crawl(slow, progress=progress)
    assert result.status == "interrupted"
    kept = stored(sqlite_database, site, numbers)
    assert 2 <= len(kept) < 12
    (again,) = crawl()
    assert again.status == "ok"
    assert stored(sqlite_database, site, numbers) == list(numbers)


def test_time_limit_of_a_source_ends_its_run(feed: Any, crawl: Any, source: Source) -> None:
    """A source that never ends would keep the others of its host waiting."""
    feed(1, 2, 3)
    slow = replace(source, schedule=Schedule(time_limit_minutes=0), politeness=Politeness(delay_seconds=0.3))
    (result,) = crawl(slow)
    assert "time limit" in result.reason


def test_pages_fetched_while_the_database_is_down_wait_in_the_spool(
    site: Any, feed: Any, crawl: Any, sqlite_database: Database, monkeypatch: Any
) -> None:
    """Nothing that was received is lost; the next run stores it first."""
    feed(1, 2)

    def down(*_: object) -> None:
        raise DatabaseUnavailable("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.writer.commit_isolated", down)
        patch.setattr(spiders.crawl, "ReportWriter", partial(ReportWriter, patience=()))
        (first,) = crawl()
    assert first.status == "partial"
    assert first.spooled == 2
    assert "database was down" in first.reason
    assert stored(sqlite_database, site, (1, 2)) == []
    crawl()
    assert stored(sqlite_database, site, (1, 2)) == [1, 2]


def test_public_site_is_not_crawled_without_a_contact(crawl: Any, source: Source, settings: Settings) -> None:
    """Whoever is crawled must be able to reach the crawler."""
    anonymous = replace(settings, contact="contact-not-set")
    with pytest.raises(SettingsError, match="AMPARO_CONTACT"):
        crawl(replace(source, allow_private_network=False), settings=anonymous)


def test_run_that_the_scheduler_began_is_taken_over(
    feed: Any, crawl: Any, source: Source, sqlite_database: Database
) -> None:
    """The row is committed before the process is started, so that no start is forgotten."""
    feed(1)
    with sqlite_database.write() as connection:
        SourceStore(connection).ensure([source], datetime.now(UTC))
        begun = RunStore(connection).start(source.id, now=datetime.now(UTC), pid=None, trigger="schedule")
    (result,) = crawl(run_ids={source.id: begun}, trigger="schedule")
    assert result.run_id == begun
    with sqlite_database.read() as connection:
        run = RunStore(connection).get(begun)
    assert run is not None
    assert (run.status, run.trigger) == ("ok", "schedule")


def test_run_number_that_does_not_exist_begins_no_crawl(
    site: Any, feed: Any, crawl: Any, source: Source
) -> None:
    """Nothing is fetched that no row tells of; the other sources of the command go on."""
    feed(1)
    other = replace(source, id="other", params=FeedParams(urls=(site.url("/feed.xml"),)))
    first, second = crawl(source, other, run_ids={source.id: 999})
    assert (first.status, second.status) == ("failed", "ok")
    assert "999" in first.reason


def test_redirected_page_is_kept_under_where_it_stands_and_asked_for_once(
    site: Any, answer: Any, feed: Any, crawl: Any, sqlite_database: Database
) -> None:
    """Feeds list tracking addresses that lead on."""
    feed(1, pages=False)
    site.answer("/page/1", answer(status=302, headers={"Location": "/page/7"}))
    site.answer("/page/7", answer(body=article(7)))
    (result,) = crawl()
    assert result.counts["new"] == 1
    assert stored(sqlite_database, site, (1, 7)) == [7]
    (again,) = crawl()
    assert (again.counts["new"], again.counts["unchanged"]) == (0, 1)


def test_downloads_wait_while_pages_are_in_hand(
    site: Any, feed: Any, crawl: Any, source: Source, monkeypatch: Any
) -> None:
    """A fast site before a slow extraction must not fill the memory."""
    monkeypatch.setattr("spiders.backlog.MOST_PAGES", 3)
    ahead: list[int] = []

    class SlowPool(LocalPool):
        done = 0

        async def read(self, page: Page, source: Source) -> Report | Quarantined:
            await asyncio.sleep(0.05)
            ahead.append(sum("/page/" in asked.path for asked in site.asked) - SlowPool.done)
            SlowPool.done += 1
            return await super().read(page, source)

    monkeypatch.setattr(spiders.crawl, "ExtractionPool", SlowPool)
    feed(*range(1, 16))
    polite = replace(source, politeness=Politeness(delay_seconds=0.0, concurrency=2))
    (result,) = crawl(polite)
    assert result.counts["new"] == 15
    assert max(ahead) <= 3 + 2 * 2
