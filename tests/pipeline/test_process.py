"""The steps in their order, and the page that breaks one of them."""

import pytest

from core.errors import ExtractionError
from core.report import Quarantined, Report
from pipeline import process
from pipeline.clean import clean_text
from pipeline.process import STEPS, load_rules, read_page, read_safely
from tests.pipeline.pages import page, source

PARAGRAPH = "<p>La dirección de centros penales informó de nuevos traslados al penal de máxima seguridad.</p>"
HTML = f"<html lang=es><head><title>Nuevo traslado</title></head><body><article>{PARAGRAPH * 6}</article>"


def test_steps_stand_in_the_order_in_which_they_need_each_other() -> None:
    """Spans point into the cleaned text, and the rules ask for the language."""
    assert [name for name, _ in STEPS] == [
        "clean",
        "canonicalise",
        "dates",
        "language",
        "judge",
        "fingerprint",
    ]


def test_page_goes_through_every_step() -> None:
    """Each step leaves its mark on the report."""
    url = "https://farodelnorte.example/nota?utm_source=x"
    report = read_page(page(HTML, url=url), source(), load_rules())
    assert report.url == "https://farodelnorte.example/nota"
    assert (report.title, report.language) == ("Nuevo traslado", "es")
    assert report.relevance is not None and report.fingerprint is not None and report.taxonomy_version


def test_spans_point_into_the_stored_text() -> None:
    """A tag is evidence only if its words can be shown."""
    body = HTML.replace(
        "nuevos traslados", "torturas  y\u00a0 tratos&shy; crueles en el régimen de excepción"
    )
    report = read_page(page(body), source(), load_rules())
    spans = [span for tag in report.tags for span in tag.spans]
    assert spans
    assert all((report.title if s.where == "title" else report.text)[s.start : s.end].strip() for s in spans)


def test_step_that_breaks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """One strange page must end in quarantine with its reason, not end the crawl."""

    def broken(report: Report, *_: object) -> Report:
        raise KeyError("headline")

    monkeypatch.setattr(process, "STEPS", (("dates", broken),))
    result = read_safely(page(HTML), source())
    assert isinstance(result, Quarantined)
    assert (result.step, result.reason) == ("dates", "KeyError: 'headline'")
    assert result.digest and result.url


def test_page_without_a_report_is_quarantined_with_its_step() -> None:
    """The reason of an expected failure is kept word for word."""
    result = read_safely(page("<html><title>Just a moment...</title></html>"), source())
    assert isinstance(result, Quarantined) and result.step == "challenge"


def test_read_page_raises_what_read_safely_keeps() -> None:
    """Commands that read one page show the error."""
    with pytest.raises(ExtractionError):
        read_page(page(b""), source(), load_rules())


def test_text_is_cleaned_to_plain_paragraphs() -> None:
    """Every span relies on this one form."""
    assert clean_text("  Uno\u00a0 dos\u200b \r\n\n\n tres\u0301 \x00\nfin\nfin") == "Uno dos\ntreś\nfin"
