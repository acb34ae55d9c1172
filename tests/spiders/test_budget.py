"""What a site allows in a day is never passed, whatever happens in between."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.settings import Settings
from core.source import ApiParams, Kind, Politeness, PublisherType, Source
from db.engine import Database
from db.runs import Run
from sources.catalogue import load_catalogue
from spiders.budget import REFUSAL, is_spent, most_requests
from spiders.crawl import run_crawl
from spiders.middlewares.robots import arranged_origins
from spiders.run import RunResult

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
COURTLISTENER = load_catalogue().sources["courtlistener"]
MOST = most_requests(COURTLISTENER)


def run(hours: float, status: str = "ok", reason: str = "") -> Run:
    """A run that began so many hours ago."""
    return Run(
        id=1,
        source_id="courtlistener",
        trigger="manual",
        status=status,
        pid=1,
        started_at=NOW - timedelta(hours=hours),
        finished_at=None,
        reason=reason,
    )


def test_a_run_is_counted_with_all_it_may_ask_for() -> None:
    """Counting what was asked would forget what a crash hid."""
    assert MOST == 1 + 3 * 2
    assert isinstance(COURTLISTENER.params, ApiParams)
    paged = replace(COURTLISTENER.params, content="api")
    limits = replace(COURTLISTENER.politeness, max_items=10)
    assert most_requests(replace(COURTLISTENER, params=paged, politeness=limits)) == 1 + 3 * (2 + 10)


def test_the_scheduled_runs_of_a_day_fit_and_a_burst_of_starts_does_not() -> None:
    """Five by five, somebody who restarts all day must not lose the account."""
    day = 24 * 60 // COURTLISTENER.schedule.every_minutes
    assert not is_spent(COURTLISTENER, [run(hours) for hours in range(day)], now=NOW)
    allowed = COURTLISTENER.politeness.requests_per_day
    assert allowed is not None
    fitting = allowed // MOST
    assert not is_spent(COURTLISTENER, [run(1, "interrupted")] * (fitting - 1), now=NOW)
    assert is_spent(COURTLISTENER, [run(1, "interrupted")] * fitting, now=NOW)


def test_runs_of_yesterday_and_refused_ones_cost_nothing() -> None:
    """A refusal that counts would shut the source for ever."""
    assert not is_spent(COURTLISTENER, [run(25)] * 100, now=NOW)
    assert not is_spent(COURTLISTENER, [run(1, "partial", REFUSAL)] * 100, now=NOW)
    free = replace(COURTLISTENER, politeness=replace(COURTLISTENER.politeness, requests_per_day=None))
    assert not is_spent(free, [run(1)] * 1000, now=NOW)


def test_only_a_source_with_an_arrangement_passes_robots_and_only_at_its_own_site() -> None:
    """An exception that spreads is no exception."""
    assert arranged_origins(COURTLISTENER) == {"https://www.courtlistener.com"}
    assert arranged_origins(replace(COURTLISTENER, arrangement="")) == frozenset()
    arranged = [source.id for source in load_catalogue().sources.values() if source.arrangement]
    assert arranged == ["courtlistener"]


def api_source(address: str) -> Source:
    """An API on loopback that is ours by arrangement, with room for two runs a day."""
    return Source(
        id="tribunal",
        name="Tribunal",
        publisher_type=PublisherType.COURT,
        country="US",
        languages=("en",),
        kind=Kind.API,
        params=ApiParams(
            urls=(address,),
            items="results",
            fields={"url": "url", "title": "title", "text": "t"},
            content="index",
        ),
        politeness=Politeness(delay_seconds=0, requests_per_day=2 * (1 + 3)),
        needs="AMPARO_TRIBUNAL_KEY",
        arrangement="By letter.",
        relevance="all",
        allow_private_network=True,
        enabled=True,
    )


def test_an_api_by_arrangement_is_asked_until_the_budget_of_the_day_is_spent(
    site: Any, answer: Any, sqlite_database: Database, sqlite_url: str, tmp_path: Path
) -> None:
    """Asked although robots.txt closes the host, its pages never; and not a third time in a day."""
    plain, as_json = {"Content-Type": "text/plain"}, {"Content-Type": "application/json"}
    site.answer("/robots.txt", answer(body=b"User-agent: *\nDisallow: /\n", headers=plain))
    text = "The removal of nine people held in detention is stayed while their petitions are pending. " * 3
    items = {"results": [{"url": "/docket/1", "title": "Almeida v. Warden", "t": text}]}
    address = site.answer("/api", answer(body=json.dumps(items).encode(), headers=as_json))
    settings = Settings(database_url=sqlite_url, data_dir=tmp_path, contact="test@example.org")

    def crawl() -> RunResult:
        (result,) = run_crawl(
            [api_source(address)], database=sqlite_database, settings=settings, trigger="manual"
        )
        return result

    first, second, third = crawl(), crawl(), crawl()
    assert (first.status, first.counts["new"]) == ("ok", 1), first
    assert second.status == "ok"
    assert (third.status, third.reason) == ("partial", REFUSAL)
    assert (site.count("/api"), site.count("/docket/1")) == (2, 0)
    assert crawl().reason == REFUSAL
