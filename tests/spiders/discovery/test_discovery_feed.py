"""Feeds of every form, well-formed or not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.dates import DateKind, Precision
from core.errors import DiscoveryError
from core.source import FeedParams, Kind, PublisherType, Source
from spiders.discovery import feed
from spiders.discovery.index import Index, IndexRequest

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "feeds"
SOURCE = Source(
    id="vigia",
    name="Vigía",
    publisher_type=PublisherType.NGO,
    country="SV",
    languages=("es",),
    kind=Kind.FEED,
    params=FeedParams(urls=()),
    timezone="America/El_Salvador",
)


def read(body: str | bytes, charset: str | None = None, **params: str) -> Index:
    """The index of a feed served at vigia.example."""
    source = replace(SOURCE, params=FeedParams(urls=(), **params))
    data = body.encode() if isinstance(body, str) else body
    request = IndexRequest(url="https://vigia.example/es/feed")
    return feed.read(data, request, source, now=NOW, charset=charset)


def rss(items: str, attributes: str = "") -> str:
    """An RSS 2.0 feed of these items."""
    namespaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    head = f'<?xml version="1.0"?><rss version="2.0" {namespaces} {attributes}>'
    return f"{head}<channel><title>V</title><language>es-SV</language>{items}</channel></rss>"


ITEM = """<item><title>Denuncian traslado a &lt;b&gt;Mariona&lt;/b&gt; &amp;amp; Izalco</title>
  <link>/es/notas/1</link><dc:creator>Rosa Mejía</dc:creator>
  <pubDate>Mon, 18 May 2026 23:30:00 -0600</pubDate><guid isPermaLink="false">nota-1</guid>
  <description>Resumen</description>
  <content:encoded><![CDATA[<p>Texto <a href="/x">entero</a></p>]]></content:encoded></item>"""


def test_rss_entry_gives_everything_it_says() -> None:
    """What the feed knows need not be guessed from the page."""
    (entry,) = read(rss(ITEM)).listed
    assert entry.url == "https://vigia.example/es/notas/1"
    assert entry.title == "Denuncian traslado a Mariona & Izalco"
    assert entry.summary == "Resumen"
    assert "https://vigia.example/x" in entry.html
    assert entry.authors == ("Rosa Mejía",)
    assert entry.language == "es"
    assert entry.guid == "nota-1"
    (date,) = entry.dates
    assert date.value == datetime(2026, 5, 19, 5, 30, tzinfo=UTC)
    assert (date.kind, date.precision) == (DateKind.PUBLISHED, Precision.SECOND)


def test_atom_entry_prefers_the_html_alternate_and_keeps_both_dates() -> None:
    """An Atom entry links to itself, to its edit form and to its page; only the page is the report."""
    body = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://vigia.example/a/" xml:lang="en">
      <title>V</title><id>v</id><entry><title>One</title><id>tag:v,1</id>
      <link rel="self" href="entry.atom"/><link rel="alternate" type="application/pdf" href="one.pdf"/>
      <link rel="alternate" type="text/html" href="one"/>
      <published>2026-05-18</published><updated>2026-05-19T10:00:00Z</updated>
      <author><name>Ana Ruiz</name></author>
      <content type="html">&lt;p&gt;Text&lt;/p&gt;</content></entry></feed>"""
    (entry,) = read(body).listed
    assert entry.url == "https://vigia.example/a/one"
    assert entry.html == "<p>Text</p>"
    published, updated = entry.dates
    assert (published.kind, published.precision) == (DateKind.PUBLISHED, Precision.DAY)
    assert published.value == datetime(2026, 5, 18, tzinfo=UTC)
    assert (updated.kind, updated.precision) == (DateKind.MODIFIED, Precision.SECOND)


def test_rdf_feed_is_read() -> None:
    """Old government sites still serve RSS 1.0."""
    body = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>t</title></channel>
      <item rdf:about="https://a.example/1"><title>Uno</title><link>https://a.example/1</link>
      <dc:date>2026-05-18T08:00:00-06:00</dc:date></item></rdf:RDF>"""
    (entry,) = read(body).listed
    assert entry.title == "Uno"
    assert entry.dates[0].value == datetime(2026, 5, 18, 14, 0, tzinfo=UTC)


def test_json_feed_is_read() -> None:
    """JSON Feed is a feed like the others to whoever writes the source file."""
    body = """{"version": "https://jsonfeed.org/version/1.1", "title": "V", "language": "es",
      "items": [{"id": "1", "url": "/n/1", "title": "Uno &amp; dos", "content_html": "<p>T</p>",
                 "date_published": "2026-05-18T08:00:00-06:00", "authors": [{"name": "Ana Ruiz"}]},
                {"id": "2", "title": "sin enlace"}]}"""
    index = read(body)
    (entry,) = index.listed
    assert (entry.url, entry.title, entry.language) == ("https://vigia.example/n/1", "Uno & dos", "es")
    assert entry.authors == ("Ana Ruiz",)
    assert index.notes == ("1 entries without a usable link",)


@pytest.mark.parametrize(
    ("written", "value", "precision"),
    [
        ("2026-05-18 21:00:00", datetime(2026, 5, 19, 3, 0, tzinfo=UTC), Precision.SECOND),
        ("Lun, 18 May 2026 10:00:00 -0600", datetime(2026, 5, 18, 16, 0, tzinfo=UTC), Precision.SECOND),
        ("18 de mayo de 2026", datetime(2026, 5, 18, tzinfo=UTC), Precision.DAY),
        ("2026-05-18", datetime(2026, 5, 18, tzinfo=UTC), Precision.DAY),
    ],
)
def test_a_date_without_zone_is_in_the_zone_of_the_source(
    written: str, value: datetime, precision: Precision
) -> None:
    """San Salvador at nine in the evening is the next day in UTC; a bare day is not shifted."""
    (entry,) = read(rss(ITEM.replace("Mon, 18 May 2026 23:30:00 -0600", written))).listed
    assert (entry.dates[0].value, entry.dates[0].precision) == (value, precision)


def test_date_precision_day_drops_a_time_that_means_nothing() -> None:
    """Some offices stamp noon UTC on everything; noon must not be shown as fact."""
    stamped = ITEM.replace("Mon, 18 May 2026 23:30:00 -0600", "Mon, 18 May 2026 12:00:00 +0000")
    (entry,) = read(rss(stamped), date_precision="day").listed
    assert entry.dates[0].value == datetime(2026, 5, 18, tzinfo=UTC)
    assert entry.dates[0].precision is Precision.DAY


def test_entry_without_link_uses_its_permanent_id_or_its_pdf() -> None:
    """Both are common, and an entry that is skipped is a report lost."""
    items = """<item><title>a</title><guid isPermaLink="true">https://a.example/1</guid></item>
      <item><title>b</title><enclosure url="https://a.example/2.pdf" type="application/pdf"/></item>
      <item><title>c</title><link>#</link></item><item><title>d</title><link>mailto:x@a.example</link></item>
      <item><title>e</title><link>https://a.example/1</link></item>"""
    index = read(rss(items))
    assert [entry.url for entry in index.listed] == ["https://a.example/1", "https://a.example/2.pdf"]
    assert index.notes == ("2 entries without a usable link", "1 listed again")


def test_feed_include_and_exclude_are_counted() -> None:
    """A pattern that throws away everything must show in the run."""
    items = "".join(f"<item><link>https://a.example/{part}</link></item>" for part in ("n/1", "n/2", "tv/3"))
    index = read(rss(items), include="/n/", exclude="2$")
    assert [entry.url for entry in index.listed] == ["https://a.example/n/1"]
    assert set(index.notes) == {"1 matching exclude", "1 not matching include"}


@pytest.mark.parametrize(
    ("body", "came"),
    [
        (b"", "an empty body"),
        (b"  \n", "an empty body"),
        (
            b"<html><head><title>Just a moment...</title></head></html>",
            "titled 'Just a moment...' (a challenge page)",
        ),
        (b"\xef\xbb\xbf<!DOCTYPE html><title>Inicio</title>", "an HTML page titled 'Inicio'"),
        (b"Service unavailable", "text that begins 'Service unavailable'"),
        (b"%PDF-1.7 x", "a PDF"),
        (b"<urlset><url/></urlset>", "XML that begins '<urlset>"),
        (b'{"error": "no"}', "the keys there are: error"),
        (b"{broken", "JSON that begins '{broken'"),
    ],
)
def test_what_came_instead_of_a_feed_is_named(body: bytes, came: str) -> None:
    """An error page with status 200 must never look like a quiet day."""
    with pytest.raises(DiscoveryError) as caught:
        read(body)
    assert came in str(caught.value)


def test_a_feed_without_entries_is_a_feed() -> None:
    """Whether none is too few is for the expectations of the source to say."""
    assert read(rss("")).listed == ()


def test_truncated_feed_gives_what_arrived_and_says_so() -> None:
    """A cut connection must neither lose the first entries nor pass for a whole feed."""
    whole = rss(ITEM + ITEM.replace("notas/1", "notas/2"))
    index = read(whole[: whole.index("notas/2") - 20])
    assert [entry.url for entry in index.listed] == ["https://vigia.example/es/notas/1"]
    assert index.partial
    assert "not well-formed" in index.notes[0]


def test_feed_charset_is_the_one_in_which_it_can_be_read() -> None:
    """Servers say ISO-8859-1 by habit over UTF-8, and publishers say UTF-8 over Windows-1252."""
    body = rss(ITEM.replace("Resumen", "Excarcelación"))
    declared = body.replace('version="1.0"?', 'version="1.0" encoding="utf-8"?')
    for served, charset in (
        (body.encode(), None),
        (body.encode(), "iso-8859-1"),
        (declared.encode(), "iso-8859-1"),
        (body.encode("latin-1"), None),
        (declared.encode("latin-1"), "utf-8"),
        (declared.replace('"utf-8"', '"utf-16"').encode("utf-16"), None),
    ):
        assert read(served, charset=charset).listed[0].summary == "Excarcelación"


def test_entities_of_its_own_are_refused_in_any_encoding() -> None:
    """A few hundred bytes can be made to unfold into gigabytes."""
    bomb = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>' + rss("")[21:]
    for body in (bomb.encode(), bomb.encode("utf-16")):
        with pytest.raises(DiscoveryError, match="entities of its own"):
            read(body)


@pytest.mark.parametrize("unit", ["<b>", "<x><y>", "<!-- --><q>", "<![CDATA[<i>]]><q>"])
def test_deep_nesting_is_refused_before_it_is_parsed(unit: str) -> None:
    """Parsers walk nested elements again and again; a feed must not be able to hold a crawl."""
    with pytest.raises(DiscoveryError, match="nests more than"):
        read(rss(f"<item><description>{unit * 50_000}</description></item>"))


def test_unclosed_html_in_a_broken_feed_is_not_taken_for_nesting() -> None:
    """Line breaks and paragraphs left open are the usual sloppiness, not an attack."""
    sloppy = ITEM.replace("Resumen", "<p>uno<br>dos" * 300)
    assert len(read(rss(sloppy)).listed) == 1


def shared(folder: str) -> Iterator[Path]:
    """The shared feeds of one folder."""
    return iter(sorted((SHARED / folder).glob("*.xml")))


@pytest.mark.parametrize("folder", ["real", "illformed", "hostile"])
def test_shared_feeds_are_read_or_refused(folder: str) -> None:
    """Feeds as they were really served; nothing but an index or a DiscoveryError may come out."""
    if not SHARED.is_dir():
        pytest.skip("the shared data is not beside the repository")
    for path in shared(folder):
        try:
            index = read(path.read_bytes())
        except DiscoveryError:
            assert folder != "real", path.name
        else:
            assert folder != "real" or all(entry.title and entry.dates for entry in index.listed), path.name


def test_the_caption_of_a_picture_is_not_the_text_of_the_entry() -> None:
    """Newspapers put captions where others put the text."""
    item = (
        '<item xmlns:media="http://search.yahoo.com/mrss/"><title>T</title><link>/a</link>'
        "<description>Sixty-one people were flown back.</description>"
        "<media:description>A plane.</media:description></item>"
    )
    (entry,) = read(rss(item)).listed
    assert entry.html == "Sixty-one people were flown back."


@pytest.mark.parametrize(
    "words", ["The post {} appeared first on {}.", "La entrada {} se publicó primero en {}."]
)
def test_the_line_that_wordpress_adds_is_no_text(words: str) -> None:
    """It would make every two entries of a site a little alike."""
    tail = words.format('<a href="https://vigia.example/1">T</a>', '<a href="https://vigia.example">V</a>')
    body = f"<![CDATA[<p>Texto.</p><p>{tail}</p>]]>"
    (entry,) = read(
        rss(f"<item><title>T</title><link>/1</link><description>{body}</description></item>")
    ).listed
    assert (entry.html, entry.summary) == ("<p>Texto.</p>", "Texto.")


def test_a_feed_that_dates_its_changes_says_nothing_of_publication() -> None:
    """An opinion of 2021 that was put up again must not come out as news."""
    (entry,) = read(rss(ITEM), date_is="modified").listed
    assert [date.kind for date in entry.dates] == [DateKind.MODIFIED]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("&#xD83D;&#xDE00;", "\U0001f600"),
        ("&#65;&#55357;&#56832;", "A\U0001f600"),
        ("&amp;#xD83D;&amp;#xDE00;", "\U0001f600"),
        ("&#xD83D; solo", "\ufffd solo"),
        ("&#x110000;&#233;", "\ufffdé"),
        (f"&#{'9' * 5000};", "\ufffd"),
    ],
)
def test_references_to_no_character_cost_no_entry(written: str, read_as: str) -> None:
    """Feeds made by software that thinks in UTF-16 hold them, and feedparser gives such feeds up."""
    index = read(rss(f"<item><title>Nota {written}</title><link>/1</link></item>{ITEM}"))
    assert index.listed[0].title == f"Nota {read_as}"
    assert len(index.listed) == 2
    assert not index.partial


@pytest.mark.parametrize("broken", [b"\xc3", b"\xe2\x80", "\ud83d\ude00".encode("utf-8", "surrogatepass")])
def test_one_broken_letter_does_not_garble_the_accents_of_a_feed(broken: bytes) -> None:
    """Summaries are cut in bytes somewhere; feedparser then takes the whole feed for Windows-1252."""
    item = "<item><title>Detención añadida</title><link>/1</link><description>ó X</description></item>"
    body = rss(item).encode().replace(b"X", broken)
    for charset in (None, "utf-8"):
        assert [entry.title for entry in read(body, charset=charset).listed] == ["Detención añadida"]


def test_feed_in_windows_1252_stays_readable() -> None:
    """Old systems still write it, and say so."""
    head, _, rest = rss("<item><title>Detención</title><link>/1</link></item>").partition("?>")
    body = f'{head} encoding="windows-1252"?>{rest}'.encode("cp1252")
    assert read(body).listed[0].title == "Detención"
