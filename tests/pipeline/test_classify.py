"""The step that judges a report, and the function behind it."""

from datetime import UTC, datetime

import pytest

from core.report import RawReport, Report
from core.source import FeedParams, Kind, PublisherType, Source
from pipeline.classify import UNKNOWN_LANGUAGE, classify, judge, type_by_address
from taxonomy.loader import load_taxonomy
from taxonomy.matcher import Matcher


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    """The packaged taxonomy, ready for use."""
    return Matcher(load_taxonomy())


def report(title: str, text: str, **fields: object) -> Report:
    """A report as the step before hands it over."""
    raw = RawReport(
        source_id="gaceta",
        url_requested="https://gaceta.example/a",
        url="https://gaceta.example/a",
        title=title,
        text=text,
        fetched_at=datetime(2026, 11, 24, tzinfo=UTC),
        digest="0" * 64,
    )
    return Report(raw=raw, url=raw.url, title=title, text=text, **fields)  # type: ignore[arg-type]


def source(**fields: object) -> Source:
    """An invented Salvadoran newspaper."""
    values: dict[str, object] = {
        "id": "gaceta",
        "name": "Gaceta",
        "publisher_type": PublisherType.MEDIA,
        "country": "SV",
        "languages": ("es",),
        "kind": Kind.FEED,
        "params": FeedParams(urls=("https://gaceta.example/feed",)),
    }
    return Source(**(values | fields))  # type: ignore[arg-type]


def test_judge_fills_relevance_tags_and_taxonomy_version(matcher: Matcher) -> None:
    """A stored tag without the version that gave it cannot be checked later."""
    judged = judge(
        report("Muere reo en Mariona", "Su familia denuncia golpes.", language="es"),
        matcher=matcher,
        source=source(),
    )
    assert judged.relevance is not None
    assert judged.relevance.tier == "B"
    assert "death-in-custody" in {tag.id for tag in judged.tags}
    assert judged.taxonomy_version == matcher.version


def test_judge_takes_the_country_from_the_source(matcher: Matcher) -> None:
    """The same words in a paper of another country are about another country."""
    draft = report("Piden libertad de inocentes capturados", "Las madres marcharon.", language="es")
    here = judge(draft, matcher=matcher, source=source()).relevance
    there = judge(draft, matcher=matcher, source=source(country="GT")).relevance
    assert here is not None
    assert there is not None
    assert (here.tier, there.tier) == ("B", "X")


def test_judge_blanks_alien_numbers_before_they_are_stored(matcher: Matcher) -> None:
    """A number that identifies a person in danger must not reach the database."""
    judged = judge(
        report("ICE deporta a un hombre", "Su expediente es A123-456-789.", language="es"),
        matcher=matcher,
        source=source(country="US"),
    )
    assert "456" not in judged.text
    assert len(judged.text) == len("Su expediente es A123-456-789.")


def test_document_type_of_the_source_wins_over_words(matcher: Matcher) -> None:
    """A ministry's page is a press release even when it says report."""
    judged = judge(
        report("Informe anual", "Informe sobre El Salvador.", language="es"),
        matcher=matcher,
        source=source(document_type="doc-press-release"),
    )
    assert judged.document_type == "doc-press-release"
    kinds = [tag.id for tag in judged.tags if tag.facet == "document_type"]
    assert kinds == ["doc-press-release"]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://gaceta.example/opinion/2026/un-pais", "doc-opinion"),
        ("https://gaceta.example/2026/opinion-publica", None),
        ("https://casa.example/executive-orders/one/", "doc-executive-order"),
        ("not an address", None),
        (None, None),
    ],
)
def test_address_tells_the_document_type_only_by_a_folder(url: str | None, kind: str | None) -> None:
    """A word inside a headline's slug says nothing of the section it stands in."""
    assert type_by_address(url) == kind


def test_classify_detects_the_language_only_when_not_given(matcher: Matcher) -> None:
    """The language step has already looked once; asking twice costs as much as matching."""
    text = "Las familias de las personas detenidas esperan noticias frente al penal."
    assert classify("", text, matcher=matcher).language == "es"
    assert classify("", text, matcher=matcher, language="qu").language == "qu"
    assert classify("", "ICE", matcher=matcher).language == UNKNOWN_LANGUAGE


def test_classify_of_nothing_is_out_of_scope(matcher: Matcher) -> None:
    """An empty page is no fault of the classifier."""
    result = classify("", "", matcher=matcher)
    assert result.relevance.tier == "X"
    assert result.tags == ()
    assert result.relevance.reasons
