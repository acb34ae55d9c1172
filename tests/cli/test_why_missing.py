"""`amparo why-missing` names the step at which an address stopped."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.trace import filter_of, gather
from cli.trace_verdict import conclude, facts
from cli.why_missing import command
from core.dates import Origin, Precision
from core.errors import InputError
from core.report import (
    Published,
    Quarantined,
    RawReport,
    Relevance,
    Report,
)
from core.source import FeedParams, Kind, PublisherType, Source
from db.engine import Database, open_database
from db.quarantine import QuarantineStore
from db.runs import RunStore
from db.sources import SourceStore
from db.tombstones import TombstoneStore
from db.visits import Visit, VisitStore
from pipeline.fingerprint import fingerprint
from pipeline.intake import commit_batch
from pipeline.items import ReportItem, VisitItem, WriteItem
from pipeline.spool import Spool

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SITE = "https://vigia.example"
SOURCE = Source(
    id="vigia",
    name="Vigía",
    publisher_type=PublisherType.MEDIA,
    country="SV",
    languages=("es",),
    kind=Kind.FEED,
    params=FeedParams(urls=(f"{SITE}/feed",), exclude="/deportes/"),
    relevance="filter",
    enabled=True,
)
WORDS = "El juez negó la libertad a la vendedora detenida durante el régimen de excepción en la capital. " * 8


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """A fresh SQLite database that knows the source."""
    opened = open_database(sqlite_url)
    with opened.write() as connection:
        SourceStore(connection).ensure([SOURCE], NOW)
    yield opened
    opened.close()


def report_item(path: str, *, tier: str = "B", text: str = WORDS, requested: str = "") -> ReportItem:
    """A processed report and its visit."""
    url, asked = SITE + path, requested or SITE + path
    raw = RawReport(
        source_id="vigia",
        url_requested=asked,
        url=url,
        title="Título",
        text=text,
        fetched_at=NOW,
        digest="0" * 64,
    )
    report = Report(
        raw=raw,
        url=url,
        title="Título",
        text=text,
        published=Published(value=NOW, precision=Precision.DAY, origin=Origin.META),
        relevance=Relevance(tier=tier, sides=(), reasons=("R7: no topic",)),
        fingerprint=fingerprint("Título", text),
    )
    visit = Visit(
        url=asked, source_id="vigia", status=200, first_seen=NOW, last_visited=NOW, outcome="stored"
    )
    return ReportItem(report=report, source=SOURCE, visit=visit)


def said(database: Database | None, path: str, tmp_path: Path, *sources: Source) -> tuple[str, str]:
    """The step and the sentence for an address of the site."""
    trace = gather(SITE + path, sources=sources or (SOURCE,), database=database, spool=tmp_path / "spool")
    facts(trace)
    conclusion = conclude(trace)
    return conclusion.step, conclusion.sentence


def store(database: Database, *items: WriteItem) -> None:
    """Store items one after another."""
    for item in items:
        commit_batch(database, [item], NOW)


def visited(outcome: str, detail: str = "", **fields: Any) -> VisitItem:
    """A visit of /p."""
    return VisitItem(
        visit=Visit(
            url=f"{SITE}/p",
            source_id="vigia",
            first_seen=NOW,
            last_visited=NOW,
            outcome=outcome,
            detail=detail,
            **fields,
        )
    )


def test_a_stored_report_is_not_missing(database: Database, tmp_path: Path) -> None:
    """Often the address is there and only the search was wrong."""
    store(database, report_item("/p"))
    step, sentence = said(database, "/p?utm_source=x", tmp_path)
    assert step == "stored"
    assert "It is not missing" in sentence
    assert "2026-05-04" in sentence


def test_a_stored_report_that_vanished_from_its_site_says_so(database: Database, tmp_path: Path) -> None:
    """That a publisher removed a report is news by itself."""
    store(database, report_item("/p"), visited("gone", status=404))
    step, sentence = said(database, "/p", tmp_path)
    assert step == "stored"
    assert "that it is gone; we keep it" in sentence


def test_an_irrelevant_page_stopped_at_relevance_with_its_reasons(database: Database, tmp_path: Path) -> None:
    """The commonest case, and the one in which the rules may be wrong."""
    store(database, report_item("/p", tier="X"))
    step, sentence = said(database, "/p", tmp_path)
    assert step == "relevance"
    assert "tier X because of R7: no topic" in sentence


def test_a_copy_names_the_report_it_was_folded_into(database: Database, tmp_path: Path) -> None:
    """Whoever misses a copy wants to read the original."""
    store(database, report_item("/first"), report_item("/p"))
    step, sentence = said(database, "/p", tmp_path)
    assert step == "duplicate"
    assert f"{SITE}/first" in sentence


def test_a_page_that_led_elsewhere_is_found_there(database: Database, tmp_path: Path) -> None:
    """After a redirect the report is kept under the last address."""
    store(database, report_item("/new-place", requested=f"{SITE}/p"))
    step, sentence = said(database, "/p", tmp_path)
    assert step == "stored"
    assert f"{SITE}/new-place" in sentence


def test_a_quarantined_page_names_the_step_and_the_reason(database: Database, tmp_path: Path) -> None:
    """The operator can repair what is named."""
    entry = Quarantined(source_id="vigia", url=f"{SITE}/p", step="body", reason="the page has no text")
    with database.write() as connection:
        QuarantineStore(connection).add([(entry, NOW)])
    assert said(database, "/p", tmp_path) == (
        "body",
        "Listed by vigia and fetched on 2026-05-04, stopped at body: the page has no text.",
    )


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("robots", "robots.txt of the site forbids it"),
        ("blocked", "blocked the crawler on 2026-05-04: HTTP 403"),
        ("refused", "refused the address: HTTP 403"),
        ("failed", "could not be fetched on 2026-05-04: HTTP 403"),
        ("gone", "that it is gone"),
        ("index", "index page of vigia"),
        ("something-new", "something-new"),
    ],
)
def test_each_outcome_of_a_visit_has_its_sentence(
    database: Database, tmp_path: Path, outcome: str, words: str
) -> None:
    """Blocked, forbidden and gone ask for different things of the operator."""
    with database.write() as connection:
        VisitStore(connection=connection).record([visited(outcome, "HTTP 403").visit])
    step, sentence = said(database, "/p", tmp_path)
    assert step == outcome
    assert words in sentence


def test_a_withdrawn_address_says_so_whatever_else_is_known(database: Database, tmp_path: Path) -> None:
    """Nobody should look for a fault where a person decided."""
    store(database, report_item("/p"))
    with database.write() as connection:
        TombstoneStore(connection).add(f"{SITE}/p", "asked by the family", NOW)
    assert said(database, "/p", tmp_path)[0] == "withdrawn"


def test_a_page_in_the_spool_waits_for_the_database(tmp_path: Path) -> None:
    """It was fetched and is not lost."""
    spool = Spool(tmp_path / "spool")
    spool.append([report_item("/p")], NOW)
    spool.close()
    step, sentence = said(None, "/p", tmp_path)
    assert step == "spool"
    assert ".spool" in sentence


def test_never_listed_says_why_by_what_the_sources_are(database: Database, tmp_path: Path) -> None:
    """A filter, a source that is off, one that never ran and one that failed are four repairs."""
    assert "has not run yet" in said(database, "/p", tmp_path)[1]
    assert "`exclude: /deportes/`" in said(database, "/deportes/p", tmp_path)[1]
    assert "is off" in said(database, "/p", tmp_path, replace(SOURCE, enabled=False))[1]
    with database.write() as connection:
        runs = RunStore(connection)
        run = runs.start("vigia", now=NOW, pid=1, trigger="manual")
        runs.finish(run, status="failed", reason="HTTP 500", now=NOW)
    assert "is failed: HTTP 500" in said(database, "/p", tmp_path)[1]
    with database.write() as connection:
        counts = {"listed": 12, "known": 7, "requested": 5}
        RunStore(connection).finish(run, status="ok", counts=counts, now=NOW)
    assert (
        "no run listed this address; the last one, on 2026-05-04, listed 12"
        in said(database, "/p", tmp_path)[1]
    )


def test_an_address_beyond_the_limit_of_a_run_is_not_called_unlisted(
    database: Database, tmp_path: Path
) -> None:
    """What `max_items` left for another crawl was listed, and has no visit yet."""
    with database.write() as connection:
        runs = RunStore(connection)
        run = runs.start("vigia", now=NOW, pid=1, trigger="manual")
        runs.finish(run, status="ok", counts={"listed": 900, "requested": 500}, now=NOW)
    other = replace(SOURCE, id="another")
    sentence = said(database, "/p", tmp_path, other, SOURCE)[1]
    assert "the last run of vigia" in sentence
    assert "listed 900 addresses and left 400 of them for another crawl" in sentence


def test_an_index_page_is_named_as_such(database: Database, tmp_path: Path) -> None:
    """Operators paste the address of the feed when a whole source is silent."""
    step, sentence = said(database, "/feed", tmp_path)
    assert (step, sentence) == ("index", "It is an index page of vigia, which has not run yet.")


def test_a_site_that_no_source_reads_is_unknown(database: Database, tmp_path: Path) -> None:
    """The repair is a new source file."""
    trace = gather("https://other.example/p", sources=[SOURCE], database=database, spool=tmp_path)
    assert not conclude(trace).known
    assert "other.example" in conclude(trace).sentence


def test_near_addresses_that_are_known_are_named(database: Database, tmp_path: Path) -> None:
    """People copy addresses with another scheme, a www. or a slash."""
    store(database, report_item("/p"))
    trace = gather("http://www.vigia.example/p/", sources=[SOURCE], database=database, spool=tmp_path)
    assert trace.near == (f"{SITE}/p",)


def test_filters_are_those_of_discovery() -> None:
    """Otherwise the answer would blame the wrong filter."""
    assert filter_of(SOURCE, f"{SITE}/deportes/x") == "exclude: /deportes/"
    assert filter_of(SOURCE, f"{SITE}/x") == ""
    only = replace(SOURCE, params=FeedParams(urls=(f"{SITE}/feed",), include="/news/"))
    assert filter_of(only, f"{SITE}/x") == "include: /news/"


# ---- the command ---------------------------------------------------------------------------


def run(*arguments: str) -> Result:
    """The result of `amparo why-missing …`."""
    return CliRunner().invoke(command, arguments)


@pytest.fixture
def configured(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that point at the test's database."""
    monkeypatch.setenv("AMPARO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("AMPARO_DATABASE_URL", sqlite_url)
    monkeypatch.delenv("AMPARO_SOURCES", raising=False)


def test_the_command_ends_with_one_plain_sentence(configured: None, database: Database) -> None:
    """The last line is what gets pasted into a mail."""
    store(database, report_item("/p", tier="X"))
    result = run(f"{SITE}/p")
    assert result.exit_code == 0
    assert result.output.strip().splitlines()[-1].startswith("Listed by vigia and fetched on 2026-05-04")


def test_the_json_form_holds_everything(configured: None, database: Database) -> None:
    """It is a documented contract."""
    store(database, report_item("/first"), report_item("/p"))
    value = json.loads(run(f"{SITE}/p", "--json").stdout)
    assert value["step"] == "duplicate"
    assert value["report"]["duplicate_of"] == f"{SITE}/first"
    assert value["visit"]["outcome"] == "stored"
    assert value["seen_at"][0]["source_id"] == "vigia"


def test_nothing_known_is_exit_one(configured: None) -> None:
    """A script can tell it from an answer."""
    result = run("https://nobody.example/x")
    assert result.exit_code == 1
    assert "Never listed by any source" in result.output


def test_without_a_database_the_sources_still_answer(
    configured: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked on fresh machines too, and makes no database."""
    monkeypatch.setenv("AMPARO_DATABASE_URL", f"sqlite:///{tmp_path / 'none' / 'a.db'}")
    result = run("https://www.hrw.org/news/x")
    assert result.exit_code == 0
    assert "hrw" in result.output
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("text", ["", "vigia.example/p", "ftp://vigia.example/p", "https://"])
def test_what_is_no_address_is_an_input_error(configured: None, text: str) -> None:
    """A forgotten scheme should be said, not answered with 'never listed'."""
    assert isinstance(run(text).exception, InputError)
