"""From the bytes of a page to what it claims."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.dates import DateClaim, Origin, Precision
from core.errors import ExtractionError
from core.report import Listed
from pipeline.body import main_text, parse_html, plain_text
from pipeline.dates import choose_published
from pipeline.extract import extract
from tests.pipeline.pages import NOW, page, source

SENTENCES = (
    "La dirección de centros penales informó de un nuevo traslado de personas detenidas.",
    "Las familias pidieron conocer el lugar en que se encuentran sus parientes.",
    "La organización Cruz Verde documentó doce casos en los últimos tres meses.",
    "El ministerio no respondió a las preguntas de este periódico.",
)
BODY = "".join(f"<p>{sentence} {sentence.lower()}</p>" for sentence in SENTENCES)


def html(head: str = "", body: str = BODY, start: str = "") -> str:
    """A page of the invented newspaper."""
    menu = "<nav><a href=/>Inicio</a> <a href=/pais>País</a></nav>"
    return (
        f"<html lang='es-SV'><head><title>Nuevo traslado | Faro del Norte</title>{head}</head>"
        f"<body>{menu}<article><h1>Nuevo traslado</h1>{start}{body}</article>"
        "<footer>© 2019 Faro</footer></body></html>"
    )


TIMED = ("2026-03-05", Precision.SECOND, Origin.META)
MARKED = ("2026-03-05", Precision.DAY, Origin.META)
SEEN = ("2026-03-05", Precision.DAY, Origin.TEXT)


def meta(name: str, content: str) -> str:
    """A meta tag."""
    return f"<meta property='{name}' content='{content}'>"


def published(markup: str, **changes: object) -> tuple[str, Precision, Origin] | None:
    """Day, precision and origin of the date chosen for a page."""
    chosen = choose_published(extract(page(markup, **changes), source()).dates, fetched_at=NOW)
    return (chosen.value.date().isoformat(), chosen.precision, chosen.origin) if chosen else None


def test_page_gives_title_text_authors_language_and_link() -> None:
    """All that a report starts from, without the menu, the footer and the site's name."""
    head = "<link rel=canonical href=/pais/traslado><meta name=author content='Por Ana Pérez'>"
    raw = extract(page(html(head)), source())
    assert raw.title == "Nuevo traslado"
    assert raw.text.split("\n")[0].startswith(SENTENCES[0]) and raw.text.count("\n") == len(SENTENCES) - 1
    assert "Inicio" not in raw.text and "©" not in raw.text and "<" not in raw.text
    assert (raw.authors, raw.language_hint, raw.canonical_link) == (("Ana Pérez",), "es-SV", "/pais/traslado")


def test_longer_article_body_is_taken_as_plain_text() -> None:
    """Behind a wall the page shows a start, while its JSON-LD has the whole text, often as escaped HTML."""
    whole = "".join(f"&lt;p&gt;{sentence} {sentence}&lt;/p&gt;" for sentence in SENTENCES * 2)
    block = f'{{"@type": "NewsArticle", "headline": "Nuevo traslado", "articleBody": "{whole}"}}'
    raw = extract(
        page(html(f"<script type='application/ld+json'>{block}</script>", body=BODY[:120])), source()
    )
    assert raw.text.count(SENTENCES[3]) == 4
    assert "<p>" not in raw.text and "&lt;" not in raw.text


def test_article_body_that_is_a_teaser_does_not_replace_the_text() -> None:
    """Many sites put the summary there."""
    block = '{"@type": "NewsArticle", "headline": "Nuevo traslado", "articleBody": "Un resumen."}'
    raw = extract(page(html(f"<script type='application/ld+json'>{block}</script>")), source())
    assert raw.text.startswith(SENTENCES[0])


def test_text_that_the_index_carried_is_kept_whole() -> None:
    """A feed with the full text has no menu around it, so nothing of it may be taken for one."""
    table = "<table><tr><td>a</td><td>b</td></tr></table>"
    text = f"<p>Dos renglones.</p><ul><li>Primero</li><li>Segundo</li></ul>{table}"
    listed = Listed(url="https://farodelnorte.example/nota", title="Aviso", html=text)
    raw = extract(
        page(f"<html><title>Aviso</title><body><h1>Aviso</h1>{text}</body></html>", listed=listed), source()
    )
    assert raw.text == "Dos renglones.\nPrimero\nSegundo\na b"


def test_reading_the_text_leaves_the_tree_for_the_date() -> None:
    """The tree is parsed once and shared; a library that changed it would cost the date."""
    tree = parse_html(html(start="<p class=fecha>5 de marzo de 2026</p>"))
    main_text(tree)
    assert next(element.text for element in tree.iter("p")) == "5 de marzo de 2026"


@pytest.mark.parametrize(
    ("head", "start", "expected"),
    [
        (meta("article:published_time", "2026-03-05T08:30:00-06:00"), "", TIMED),
        (meta("article:published_time", "2026-03-05T22:30:00"), "", ("2026-03-06", *TIMED[1:])),
        (meta("DC.date.issued", "2026-03-05"), "", MARKED),
        ("<script type='application/ld+json'>{'@type'</script>" + meta("date", "2026-03-05"), "", MARKED),
        ("", "<time itemprop=datePublished datetime='2026-03-05'>ayer</time>", MARKED),
        ("", "<time datetime='2026-03-05'>ayer</time>", SEEN),
        ("", "<p class=fecha>5 de marzo de 2026</p>", SEEN),
        ("", "<div>Publicado el 05/03/2026</div>", SEEN),
        ("", "<p>San Salvador, 5 de marzo de 2026. La dirección informó.</p>", SEEN),
        ("", "<p>Actualizado el 5 de marzo de 2026</p>", None),
        ("", "<p>La ley del 27 de marzo de 2022 sigue vigente, según la dirección.</p>", None),
        (meta("article:published_time", "2031-01-01"), "", None),
    ],
)  # fmt: skip
def test_date_is_what_the_page_claims_or_none(
    head: str, start: str, expected: tuple[str, Precision, Origin] | None
) -> None:
    """Neither the law's day nor the year of the copyright is the day of the report."""
    assert published(html(head, start=start)) == expected


def test_listing_dates_a_page_that_does_not_date_itself() -> None:
    """The index is a witness too, after the page's own data."""
    day = datetime(2026, 3, 4, tzinfo=UTC)
    claim = DateClaim(value=day, precision=Precision.DAY, origin=Origin.LISTING)
    listed = Listed(url="https://farodelnorte.example/nota", dates=(claim,))
    assert published(html(), listed=listed) == ("2026-03-04", Precision.DAY, Origin.LISTING)
    assert published(html(), url="https://farodelnorte.example/2026/03/03/nota") == (
        "2026-03-03",
        Precision.DAY,
        Origin.URL,
    )


def test_last_modified_is_kept_and_dates_nothing() -> None:
    """The server's time is evidence, not a publication."""
    raw = extract(page(html(), last_modified="Mon, 09 Mar 2026 10:00:00 GMT"), source())
    assert [claim.origin for claim in raw.dates] == [Origin.HTTP]
    assert choose_published(raw.dates, fetched_at=NOW) is None


@pytest.mark.parametrize(
    ("body", "step"),
    [
        (b"", "parse"),
        (b"   ", "parse"),
        (b'{"data": []}', "parse"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "parse"),
        (bytes(range(256)) * 40, "parse"),
        (
            b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>",
            "challenge",
        ),
        (
            "<html><title>Página no encontrada</title><body><p>Lo sentimos.</p></body></html>".encode(),
            "soft-404",
        ),
        (
            b"<html><head><title>Nuevo traslado</title></head><body><script>app()</script></body></html>",
            "body",
        ),
        (b"<html><frameset><frame src=a></frameset></html>", "body"),
    ],
)
def test_page_that_is_no_report_names_the_step_that_failed(body: bytes, step: str) -> None:
    """The operator must see what kind of failure it was."""
    with pytest.raises(ExtractionError) as failed:
        extract(page(body), source())
    assert failed.value.step == step and failed.value.reason


def test_page_with_hundreds_of_unclosed_tags_keeps_its_text() -> None:
    """Old government sites never close their <b>; parsers stop at a depth and lose all that follows."""
    assert SENTENCES[3] in extract(page(html(start="<b>" * 400)), source()).text


def test_hostile_markup_gives_text_or_an_error_and_no_markup() -> None:
    """Titles and bodies are shown to people; tags in them must not survive."""
    listed = Listed(url="https://farodelnorte.example/nota", title="<script>alert(1)</script>Aviso")
    raw = extract(page(f"<html><body>{BODY}", listed=listed), source())
    assert "<script" not in raw.title
    assert plain_text("<p>a<br>b</p><script>x()</script>&lt;b&gt;c&lt;/b&gt;") == "a\nb\nc"


def test_charset_of_the_header_is_used_when_the_page_has_none() -> None:
    """Without it every accent of an old page would be lost."""
    old = replace(page(html().encode("cp1252")), encoding="iso-8859-1")
    assert extract(old, source()).text.startswith(SENTENCES[0])
