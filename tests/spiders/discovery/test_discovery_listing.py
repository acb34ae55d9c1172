"""Listings read by the selectors of a source file."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.dates import Precision
from core.errors import DiscoveryError
from core.source import Kind, ListingParams, PublisherType, Source
from spiders.discovery import listing
from spiders.discovery.index import Index, IndexRequest

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
SOURCE = Source(
    id="vigia",
    name="Vigía",
    publisher_type=PublisherType.GOVERNMENT,
    country="SV",
    languages=("es",),
    kind=Kind.LISTING,
    params=ListingParams(urls=(), item="li"),
    timezone="America/El_Salvador",
)
URL = "https://vigia.example/notas/"


def read(
    body: str | bytes,
    *,
    page: int = 1,
    chain: frozenset[str] = frozenset(),
    source: Source = SOURCE,
    **params: Any,
) -> Index:
    """The index of a listing served at vigia.example."""
    chosen = replace(source, params=ListingParams(**{"urls": (), "item": "li", **params}))
    request = IndexRequest(url=URL, page=page, chain=chain)
    return listing.read(body.encode() if isinstance(body, str) else body, request, chosen, now=NOW)


def test_listing_item_gives_link_title_and_date() -> None:
    """The three things a listing says of a report."""
    body = """<ul><li><a href="1.html"><img alt="foto"></a><h3><a href="1.html"> Dos
      capturas </a></h3><span class="f">18 de mayo de 2026</span></li></ul>"""
    (found,) = read(body, date=".f", title="h3 a").listed
    assert (found.url, found.title) == ("https://vigia.example/notas/1.html", "Dos capturas")
    assert (found.dates[0].value, found.dates[0].precision) == (
        datetime(2026, 5, 18, tzinfo=UTC),
        Precision.DAY,
    )


def test_an_item_may_be_the_link_itself() -> None:
    """Cards are often one large link."""
    (found,) = read('<a class="card" href="/n/1">Uno</a>', item="a.card").listed
    assert (found.url, found.title) == ("https://vigia.example/n/1", "Uno")


def test_selector_may_end_in_an_attribute() -> None:
    """People who know Scrapy write `::attr(href)`, and it means what they think."""
    (found,) = read('<li data-u="/n/1"><b>Uno</b></li>', link="::attr(data-u)", title="b::text").listed
    assert (found.url, found.title) == ("https://vigia.example/n/1", "Uno")


def test_base_element_is_obeyed() -> None:
    """Relative links count from it."""
    body = '<base href="https://otra.example/x/"><li><a href="1">U</a></li>'
    assert read(body).listed[0].url == "https://otra.example/x/1"


@pytest.mark.parametrize(
    ("html", "params", "expected"),
    [
        ("<time datetime='2020-01-01T12:00:00Z'>18 may. 2026</time>", {}, datetime(2026, 5, 18, tzinfo=UTC)),
        (
            "<time datetime='2026-05-18T23:00:00-06:00'>ayer</time>",
            {"date_attribute": "datetime"},
            datetime(2026, 5, 19, 5, 0, tzinfo=UTC),
        ),
        ("<time>May 18</time><time>2026</time>", {}, datetime(2026, 5, 18, tzinfo=UTC)),
        ("<time>05/04/2026</time>", {}, datetime(2026, 4, 5, tzinfo=UTC)),
        ("<time>05/04/2026</time>", {"date_order": "MDY"}, datetime(2026, 5, 4, tzinfo=UTC)),
        ("<time>26.05.18</time>", {"date_format": "%y.%m.%d"}, datetime(2026, 5, 18, tzinfo=UTC)),
        ("<time>hace 2 días</time>", {}, datetime(2026, 5, 18, tzinfo=UTC)),
        ("<time>18 de mayo</time>", {}, datetime(2026, 5, 18, tzinfo=UTC)),
    ],
)
def test_listing_dates_are_read_as_a_person_would(
    html: str, params: dict[str, Any], expected: datetime
) -> None:
    """The visible date counts before a constant attribute; figures follow country and language."""
    (found,) = read(f"<li><a href='/1'>U</a>{html}</li>", date="time", **params).listed
    assert found.dates[0].value == expected


def test_figures_are_month_first_in_english_of_the_united_states() -> None:
    """A press office in Washington means the fourth of May by 05/04."""
    source = replace(SOURCE, country="US", languages=("en",))
    (found,) = read("<li><a href='/1'>U</a><time>05/04/2026</time></li>", date="time", source=source).listed
    assert found.dates[0].value == datetime(2026, 5, 4, tzinfo=UTC)


def test_dates_that_cannot_be_read_are_said_once() -> None:
    """A selector for dates that finds none is a fault to mend, not to live with."""
    index = read("<li><a href='/1'>U</a><i>siempre</i></li>", date="i")
    assert index.listed[0].dates == ()
    assert "`date: i`" in index.notes[0]


def test_selector_that_matches_nothing_is_an_error_that_names_it() -> None:
    """A site that was rebuilt must not look like a site with nothing new."""
    with pytest.raises(DiscoveryError, match="`item: li` matched nothing in an HTML page titled 'Nueva'"):
        read("<html><title>Nueva</title><div>uno</div></html>")


def test_links_that_lead_nowhere_are_counted_and_all_of_them_are_an_error() -> None:
    """One decorative item is normal; only such items mean a wrong selector."""
    one = read("<li><a href='/1'>U</a></li><li>publicidad</li><li><a href='#'>x</a></li>")
    assert len(one.listed) == 1
    assert one.notes == ("2 items in which `link: a` leads nowhere",)
    with pytest.raises(DiscoveryError, match="`link: a` leads nowhere"):
        read("<li>uno</li><li>dos</li>")


def test_listing_follows_the_next_page_within_its_bounds() -> None:
    """Paging ends at the last page, at max_pages, or when it leads back."""
    body = "<li><a href='/1'>U</a></li><a class='next' href='?page=2'>más</a>"
    (further,) = read(body, next="a.next").follow
    assert (further.url, further.page) == ("https://vigia.example/notas/?page=2", 2)
    assert URL in further.chain
    stopped = read(body, next="a.next", max_pages=2, page=2)
    assert (stopped.follow, stopped.notes) == ((), ("stopped after 2 pages (max_pages)",))
    back = read(body, next="a.next", page=2, chain=frozenset({"https://vigia.example/notas/?page=2"}))
    assert back.follow == ()
    assert "leads back" in back.notes[0]
    assert read(body).follow == ()


def test_a_later_page_without_items_is_the_end() -> None:
    """Only the first page must list something."""
    index = read("<p>No hay más</p>", page=3)
    assert (index.listed, index.notes) == ((), ("page 3 lists nothing",))


@pytest.mark.parametrize("body", [b"", b'{"a": 1}', b"%PDF-1.4"])
def test_what_is_no_page_is_refused(body: bytes) -> None:
    """An API's error in place of a page is not an empty list."""
    with pytest.raises(DiscoveryError, match="Expected an HTML listing"):
        read(body)


def test_charset_of_the_page_is_found() -> None:
    """Ministries still write Latin-1, some without saying so."""
    body = "<meta charset='iso-8859-1'><li><a href='/1'>Año</a></li>".encode("latin-1")
    assert read(body).listed[0].title == "Año"
