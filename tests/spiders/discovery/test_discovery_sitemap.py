"""Sitemaps, their indexes, and what is served in their place."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.dates import DateKind, Precision
from core.errors import DiscoveryError
from core.source import Kind, PublisherType, SitemapParams, Source
from spiders.discovery import content, sitemap
from spiders.discovery.index import Index, IndexRequest

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
SOURCE = Source(
    id="vigia",
    name="Vigía",
    publisher_type=PublisherType.MEDIA,
    country="SV",
    languages=("es",),
    kind=Kind.SITEMAP,
    params=SitemapParams(urls=()),
    timezone="America/El_Salvador",
)
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def read(body: str | bytes, *, depth: int = 0, chain: frozenset[str] = frozenset(), **params: Any) -> Index:
    """The index of a sitemap served at vigia.example."""
    source = replace(SOURCE, params=SitemapParams(urls=(), **params))
    request = IndexRequest(url="https://vigia.example/sitemap.xml", depth=depth, chain=chain)
    return sitemap.read(body.encode() if isinstance(body, str) else body, request, source, now=NOW)


def urlset(*pages: str) -> str:
    """A sitemap of these entries."""
    return f'<?xml version="1.0"?><urlset {SPACE}>{"".join(pages)}</urlset>'


def page(path: str, changed: str = "") -> str:
    """One entry."""
    lastmod = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<url><loc> https://vigia.example/{path} </loc>{lastmod}</url>"


def test_lastmod_is_a_change_not_a_publication() -> None:
    """A site that touches a comma in an old page must not make it news."""
    (listed,) = read(urlset(page("1", "2026-05-18"))).listed
    (date,) = listed.dates
    assert (date.kind, date.precision) == (DateKind.MODIFIED, Precision.DAY)
    assert date.value == datetime(2026, 5, 18, tzinfo=UTC)


def test_news_sitemap_gives_title_language_and_publication() -> None:
    """A news sitemap says when an article was published, and its picture's title is not its own."""
    body = f"""<urlset {SPACE} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
      xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url>
      <loc>https://vigia.example/1</loc>
      <image:image><image:loc>https://vigia.example/a.jpg</image:loc><image:title>Foto</image:title></image:image>
      <news:news><news:publication><news:name>V</news:name><news:language>es-sv</news:language></news:publication>
      <news:publication_date>2026-05-18T20:00:00-06:00</news:publication_date>
      <news:title>Capturas &amp;amp; traslados</news:title></news:news></url></urlset>"""
    (listed,) = read(body).listed
    assert (listed.url, listed.title, listed.language) == (
        "https://vigia.example/1",
        "Capturas & traslados",
        "es",
    )
    assert listed.dates[0].kind is DateKind.PUBLISHED
    assert listed.dates[0].value == datetime(2026, 5, 19, 2, 0, tzinfo=UTC)


def test_index_is_followed_newest_first_within_its_bounds() -> None:
    """The newest articles are in the sitemap that changed last."""
    children = "".join(
        f"<sitemap><loc>https://vigia.example/{name}.xml</loc><lastmod>{day}</lastmod></sitemap>"
        for name, day in (
            ("post-1", "2019-01-01"),
            ("post-3", "2026-05-19"),
            ("post-2", "2026-05-01"),
            ("tag", "2026-05-20"),
        )
    )
    index = read(f"<sitemapindex {SPACE}>{children}</sitemapindex>", follow="post-", max_age_days=30)
    assert [further.url for further in index.follow] == [
        "https://vigia.example/post-3.xml",
        "https://vigia.example/post-2.xml",
    ]
    assert index.follow[0].depth == 1
    assert set(index.notes) == {"1 sitemaps not matching follow", "1 sitemaps not changed lately"}


def test_index_that_lists_itself_or_lies_too_deep_is_not_followed() -> None:
    """Two sitemaps that list each other must not hold a crawl for ever."""
    body = f"<sitemapindex {SPACE}><sitemap><loc>https://vigia.example/sitemap.xml</loc></sitemap></sitemapindex>"
    assert read(body).follow == ()
    other = body.replace("/sitemap.xml", "/b.xml")
    assert read(other, chain=frozenset({"https://vigia.example/b.xml"})).follow == ()
    deep = read(other, depth=3)
    assert deep.follow == ()
    assert "deeper than" in deep.notes[0]


def test_index_with_thousands_of_sitemaps_is_cut_and_says_so() -> None:
    """Archives of twenty years have a sitemap a day."""
    children = "".join(f"<sitemap><loc>https://vigia.example/{n}.xml</loc></sitemap>" for n in range(3000))
    index = read(f"<sitemapindex {SPACE}>{children}</sitemapindex>")
    assert len(index.follow) == sitemap.MOST_CHILDREN
    assert "only the 50 newest of 3000" in index.notes[0]


def test_pages_are_newest_first_and_old_ones_left_out_and_counted() -> None:
    """A page without a date is kept: nothing says that it is old."""
    body = urlset(
        page("old", "2020-01-01"), page("undated"), page("a", "2026-05-01"), page("b", "2026-05-19")
    )
    index = read(body, max_age_days=30)
    assert [listed.url.rpartition("/")[2] for listed in index.listed] == ["b", "a", "undated"]
    assert index.notes == ("1 pages older than 30 days",)
    assert len(read(body).listed) == 4


def test_gzipped_and_text_sitemaps_are_known_by_their_bytes() -> None:
    """Servers send .xml.gz with any header, and plain lists of addresses too."""
    assert len(read(gzip.compress(urlset(page("1")).encode())).listed) == 1
    text = "https://vigia.example/1\r\nhttps://vigia.example/2\n\nftp://vigia.example/3\n"
    index = read(text)
    assert len(index.listed) == 2
    assert index.notes == ("1 entries without a usable address",)


def test_gzip_that_unfolds_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kilobytes may hold gigabytes of zeros."""
    monkeypatch.setattr(content, "LARGEST_INDEX", 1000)
    with pytest.raises(DiscoveryError, match="unpacks to more"):
        read(gzip.compress(b" " * 1_000_000))


def test_sitemap_with_bare_ampersands_and_control_characters_is_mended() -> None:
    """One pasted address must not cost all the pages after it."""
    quoted = "<url><loc><![CDATA[https://vigia.example/c?x=1&y=2]]></loc></url>"
    index = read(urlset(page("a?x=1&y=2"), quoted, page("b\x08&amp;z"), page("d&#xD83D;")))
    paths = {listed.url.removeprefix("https://vigia.example/") for listed in index.listed}
    assert paths == {"a?x=1&y=2", "c?x=1&y=2", "b&z", "d\ufffd"}
    assert "it was mended" in index.notes[0]


def test_mending_hostile_markup_takes_linear_time() -> None:
    """Openings without an end are how a pattern is made to read a body again and again."""
    index = read(urlset(page("1")) + "<![CDATA[" * 400_000 + "&" * 400_000)
    assert [listed.url for listed in index.listed] == ["https://vigia.example/1"]


def test_damaged_sitemap_gives_what_stood_before_the_fault() -> None:
    """Half a sitemap is half the news, and the run has to say which half."""
    index = read(urlset(page("1"), page("2"))[:-30] + "<&")
    assert [listed.url for listed in index.listed] == ["https://vigia.example/1"]
    assert index.partial


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "an empty body"),
        ("<html><title>404</title></html>", "an HTML page titled '404'"),
        ("<rss version='2.0'/>", "XML that begins"),
        ("no sitemap", "text that begins 'no sitemap'"),
        (
            f'<!DOCTYPE urlset [<!ENTITY a "x">]><urlset {SPACE}><url><loc>&a;</loc></url></urlset>',
            "document type",
        ),
    ],
)
def test_what_came_instead_of_a_sitemap_is_named(body: str, said: str) -> None:
    """An error page must not pass for a site without pages."""
    with pytest.raises(DiscoveryError) as caught:
        read(body)
    assert said in str(caught.value)


def test_external_entities_are_not_read(tmp_path: Any) -> None:
    """A sitemap must not be able to read the operator's files."""
    secret = tmp_path / "secret"
    secret.write_text("https://vigia.example/secret")
    entity = f'<!DOCTYPE u [<!ENTITY a SYSTEM "file://{secret}">]>'
    body = f"{entity}<urlset {SPACE}><url><loc>&a;</loc></url></urlset>"
    with pytest.raises(DiscoveryError):
        read(body)
