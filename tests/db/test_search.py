"""Search gives the same hits on both engines, whatever is typed."""

import base64
import json
import math
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InputError
from db.engine import Database, open_database
from db.search import NEWEST, RELEVANCE, SearchPage, search
from pipeline.intake import commit_batch
from pipeline.items import ReportItem
from tests.conftest import TEMPLATE, new_postgres
from tests.db.samples import NOW, item, prose, report, source

FARO, VIGIA = source("faro", country="sv"), source("vigia", country="us")


def reports() -> list[ReportItem]:
    """Seven reports; `prison` copies most of `cecot`."""
    day = datetime(2026, 2, 10, tzinfo=UTC)
    cecot = "Families wait outside CECOT. The año of the régimen de excepción. MS-13 was named. " + prose("c")
    flights = "A deportation flight left Texas. Niños were on board, said a lawyer. " + prose("f")
    return [
        item(report("https://x.example/cecot", cecot, title="Prison gates", published=day), FARO),
        item(report("https://x.example/prison", cecot + " Reprinted here.", title="Prison gates"), VIGIA),
        item(
            report(
                "https://x.example/flights",
                flights,
                title="Flights to Texas",
                tags=("deportation-flights", "minors"),
                language="es",
                tier="B",
                published=datetime(2025, 12, 31, tzinfo=UTC),
                document_type="press-release",
            ),
            VIGIA,
        ),
        item(report("https://x.example/football", "A football match. " + prose("x"), tier="X"), FARO),
        item(
            report("https://x.example/short", "Prison food, prison water, prison walls.", title="Prison"),
            FARO,
        ),
        item(
            report(
                "https://x.example/nfd",
                "Espan\u0303a y el camio\u0301n de la comisio\u0301n.",
                title="Note",
                tags=(),
            ),
            FARO,
        ),
        item(
            report(
                "https://x.example/code", "uno_dos tres.cuatro (cinco) 3,500 detenidos", title="Note", tags=()
            ),
            FARO,
        ),
    ]


@pytest.fixture
def filled(database: Database) -> Database:
    """The reports in a fresh database."""
    commit_batch(database, reports(), NOW)
    return database


@pytest.fixture(scope="module")
def two_engines(
    postgres_server: str, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Database]]:
    """The reports on both engines, for tests that ask very often."""
    file = tmp_path_factory.mktemp("search") / "amparo.db"
    shutil.copyfile(sqlite_template, file)
    with new_postgres(postgres_server, TEMPLATE) as url:
        opened = [open_database(f"sqlite:///{file}"), open_database(url)]
        for one in opened:
            commit_batch(one, reports(), NOW)
        yield opened
        for one in opened:
            one.close()


def ask(database: Database, query: str, **options: object) -> SearchPage:
    with database.read() as connection:
        return search(connection, query, **options)  # type: ignore[arg-type]


def names(page: SearchPage) -> set[str]:
    return {hit.report.url.rsplit("/", 1)[1] for hit in page.hits}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("families", {"cecot"}),
        ("FAMILIES cecot", {"cecot"}),
        ("regimen", {"cecot"}),
        ("régimen", {"cecot"}),
        ('"régimen de excepción"', {"cecot"}),
        ('"excepción de régimen"', set()),
        ("ano", {"cecot"}),
        ("ninos", {"flights"}),
        ("espana", {"nfd"}),
        ("España camion", {"nfd"}),
        ("MS-13", {"cecot"}),
        ("ms 13", {"cecot"}),
        ("dos", {"code"}),
        ("cuatro 3,500", {"code"}),
        ("prison", {"cecot", "short"}),
        ("prison -families", {"short"}),
        ('prison -"families wait" -water', set()),
        ("-families -football", {"flights", "short", "nfd", "code"}),
        ("tag:deportation-flights", {"flights"}),
        ("tag:DEPORTATION-flights", {"flights"}),
        ("tag:deportation-flights tag:prison-conditions", set()),
        ("tag:minors,prison-conditions", {"cecot", "flights", "short"}),
        ("-tag:prison-conditions", {"flights", "nfd", "code"}),
        ("tag:deportation", set()),
        ("deportation-flights", set()),
        ("source:faro", {"cecot", "short", "nfd", "code"}),
        ("-source:faro", {"prison", "flights"}),
        ("country:US", {"prison", "flights"}),
        ("lang:es", {"flights"}),
        ("type:press-release", {"flights"}),
        ("tier:b", {"flights"}),
        ("tier:X", {"football"}),
        ("football", set()),
        ("-tier:A", {"flights"}),
        ("after:2026-02-10 before:2026-02-11", {"cecot"}),
        ("before:2026", {"flights"}),
        ("after:2026-02-11", {"prison", "short", "nfd", "code"}),
        ("story:7", set()),
        ("foo:bar", set()),
        ("texas flights lawyer", {"flights"}),
        ("", {"cecot", "flights", "short", "nfd", "code"}),
    ],
)
def test_query_finds(two_engines: list[Database], query: str, expected: set[str]) -> None:
    """The contract of the query language, on both engines."""
    assert [names(ask(one, query)) for one in two_engines] == [expected, expected]


def test_copies_are_folded_and_counted(filled: Database) -> None:
    """A story that ran in ten papers is one line, and the ten are said."""
    hit = next(one for one in ask(filled, "families").hits if one.report.title == "Prison gates")
    assert (hit.copies, hit.report.duplicate_of) == (1, None)
    assert names(ask(filled, "families", fold_duplicates=False)) == {"cecot", "prison"}


def test_copy_is_shown_where_its_original_is_no_hit(filled: Database) -> None:
    """Folding must not hide what only the copy says."""
    page = ask(filled, "reprinted")
    assert names(page) == {"prison"}
    assert page.hits[0].copies == 0


def test_title_counts_more_than_text(filled: Database) -> None:
    """A report about prisons comes before one that mentions them."""
    commit_batch(
        filled,
        [item(report("https://x.example/m", "One prison. " + prose("m", 300), title="Other"), FARO)],
        NOW,
    )
    hits = ask(filled, "prison").hits
    assert [hit.report.title for hit in hits] == ["Prison", "Prison gates", "Other"]
    assert hits[0].score > hits[1].score > hits[2].score


def test_hit_carries_what_a_list_shows(filled: Database) -> None:
    """Snippet with its marks, tags, tier, date."""
    hit = ask(filled, "regimen").hits[0]
    marked = [hit.snippet.text[start:end] for start, end in hit.snippet.marks]
    assert marked == ["régimen"]
    assert [tag.id for tag in hit.tags] == ["prison-conditions"]
    assert (hit.report.tier, hit.report.published_precision) == ("A", "day")


@pytest.mark.parametrize("order", [NEWEST, RELEVANCE])
def test_pages_follow_each_other_while_reports_arrive(filled: Database, order: str) -> None:
    """Nobody sees a report twice or misses one because a crawl runs."""
    batch = [
        item(report(f"https://x.example/p{n}", "gate " * (n % 4 + 1) + prose(f"p{n}w", 40)), FARO)
        for n in range(11)
    ]
    commit_batch(filled, batch, NOW)
    seen: list[int] = []
    cursor: str | None = None
    for number in range(10):
        page = ask(filled, "gate", limit=4, cursor=cursor, sort=order)
        seen += [hit.report.id for hit in page.hits]
        late = report(f"https://x.example/late{number}", "gate " + prose(f"late{number}w", 40))
        commit_batch(filled, [item(late, FARO)], NOW)
        cursor = page.cursor
        if cursor is None or len(seen) >= 11:
            break
    first = seen[:11]
    assert len(set(seen)) == len(seen)
    assert {one.report.url for one in ask(filled, "gate", limit=100).hits if one.report.id in first}
    assert len(first) == 11


def test_pages_end(filled: Database) -> None:
    """The last page has no cursor, and the total counts what is shown."""
    page = ask(filled, "", limit=3)
    rest = ask(filled, "", limit=3, cursor=page.cursor)
    assert (len(page.hits), len(rest.hits), page.total, rest.cursor) == (3, 2, 5, None)


@pytest.mark.parametrize("cursor", ["x", "W10=", "WyJyZWxldmFuY2UiLDEsMl0=", "é"])
def test_broken_cursor_is_named(filled: Database, cursor: str) -> None:
    """A cursor comes from a web address that anybody can edit."""
    with pytest.raises(InputError, match="cursor"):
        ask(filled, "", cursor=cursor)


@pytest.mark.parametrize(
    ("order", "place"),
    [
        ("relevance", [10**30, 2]),
        ("relevance", [1, 10**30]),
        ("relevance", [-1, -5]),
        ("relevance", [math.inf, 1]),
        ("newest", ["2026-01-01T00:00:00+00:00", 10**30]),
        ("newest", ["2026-01-01T00:00:00", 3]),
    ],
)
def test_cursor_made_by_hand_is_no_error_of_the_database(
    filled: Database, order: str, place: list[object]
) -> None:
    """Numbers that no column holds, and times without a zone, stop before they are asked for."""
    cursor = base64.urlsafe_b64encode(json.dumps([order, *place]).encode()).decode()
    with pytest.raises(InputError, match="not one that a search has given"):
        ask(filled, "gate", cursor=cursor, sort=order)


def test_changed_report_is_found_by_its_new_words_only(filled: Database) -> None:
    """The index follows the text."""
    later = NOW.replace(hour=13)
    changed = report(
        "https://x.example/short", "Visits are allowed again.", title="Visits", at=later, tags=("visits",)
    )
    commit_batch(filled, [item(changed, FARO)], NOW)
    assert names(ask(filled, "allowed")) == {"short"}
    assert names(ask(filled, "tag:visits")) == {"short"}
    assert names(ask(filled, "walls")) == set()


def test_very_large_text_is_stored_and_searched(filled: Database) -> None:
    """PostgreSQL refuses a search vector over 1 MB; a leaked archive must still be stored."""
    huge = " ".join(f"w{n:x}" for n in range(150_000))
    commit_batch(filled, [item(report("https://x.example/huge", huge), FARO)], NOW)
    assert names(ask(filled, "w1f")) == {"huge"}


PIECES = (
    *("AND", "OR", "NOT", "NEAR(", '"', "-", "tag:", "tag:a", "source:", "before:", "after:2026", "prison"),
    *("tier:X", "lang:es", "<->", "%", "%s", "?", ":q"),
    *("\x00", "\ud800", "😀", "ﬁ", "ß", "İ", "º", "'", "\\", "ñ" * 700),
)
TYPED = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="\"'-:()*^{}+|&!<>\\ abñ\x00", max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(query=TYPED)
def test_no_text_is_an_error_in_the_engine(two_engines: list[Database], query: str) -> None:
    """User text can never be a syntax error."""
    for one in two_engines:
        ask(one, query)


@pytest.mark.parametrize(
    "query", ["x" * 10_000, "-a " * 4_000, '"a b" ' * 2_000, "tag:a " * 2_000, "ñ" * 2_500]
)
def test_long_text_is_no_error_in_the_engine(two_engines: list[Database], query: str) -> None:
    """Limits of expression depth and word length are ours, not the engine's."""
    for one in two_engines:
        ask(one, query)


WORDS = ("prison", "families", "regimen", "año", "ms-13", "walls", "españa", "-water", "-gates", "tag:minors")


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(st.sampled_from(WORDS), max_size=3))
def test_both_engines_find_the_same(two_engines: list[Database], parts: list[str]) -> None:
    """What a person finds must not depend on which database the operator chose."""
    first, second = (names(ask(one, " ".join(parts))) for one in two_engines)
    assert first == second
