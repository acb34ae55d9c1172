"""Tags with their spans, gates, exclusions and scores, through the whole matcher."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.report import TITLE, Tag
from taxonomy.matcher import Matched, Matcher

SHARED = Path(__file__).parents[3] / "shared" / "data"


def tags(matched: Matched) -> dict[str, Tag]:
    """The tags of a result by id."""
    return {tag.id: tag for tag in matched.tags}


def words(tag: Tag, title: str, text: str) -> list[str]:
    """The wording of every span of a tag."""
    return [(title if s.where == TITLE else text)[s.start : s.end] for s in tag.spans]


def test_spans_cite_the_original_wording_in_title_and_text(matcher: Matcher) -> None:
    """A researcher quotes what the span says, accents and quotes included."""
    title = "Mueren “reos” en Mariona — El Salvador"
    text = "Según CRISTOSAL, hubo   torturas.\nLa niñez también sufre el régimen de\u00a0excepción."
    found = tags(matcher.match(title, text))
    assert words(found["ngo-cristosal"], title, text) == ["CRISTOSAL"]
    assert words(found["torture-ill-treatment"], title, text) == ["torturas"]
    assert words(found["sv-prison-mariona"], title, text) == ["Mariona"]
    assert "régimen de\u00a0excepción" in words(found["state-of-exception"], title, text)[0]


PIECES = st.sampled_from([
    "El Salvador", "ICE", "deportados", "“third-country”", "murió en el penal", "\n", ". ", "🙂", "niño",
])  # fmt: skip


@given(st.text(max_size=40), st.lists(PIECES, max_size=30))
def test_spans_never_leave_the_text(matcher: Matcher, title: str, pieces: list[str]) -> None:
    """Whatever the input, every span lies inside the string it points into."""
    text = "".join(pieces)
    for tag in matcher.match(title, text).tags:
        for span in tag.spans:
            field = title if span.where == TITLE else text
            assert 0 <= span.start < span.end <= len(field)
            assert field[span.start : span.end].strip()


def test_parents_are_given_for_search_without_spans(matcher: Matcher) -> None:
    """A search for a broad tag must find the reports of its children."""
    found = tags(matcher.match("", "Ruth López es presa política en El Salvador."))
    assert found["civic-space"].rule == "parent"
    assert found["civic-space"].spans == ()


def test_tag_needs_its_gate(matcher: Matcher) -> None:
    """The same phrase in another country is another story."""
    assert "state-of-exception" in tags(matcher.match("", "El Salvador prorrogó el régimen de excepción."))
    assert "state-of-exception" not in tags(matcher.match("", "Honduras prorrogó el régimen de excepción."))


def test_salvadoran_source_stands_for_the_country_unless_another_is_named(matcher: Matcher) -> None:
    """Local papers never say where they are; when they write of elsewhere they do."""
    title = "Madre busca a su hijo detenido por el régimen"
    assert matcher.match(title, "", source_country="SV").relevance.tier == "B"
    assert matcher.match(title, "").relevance.tier == "X"
    away = matcher.match("Ecuador prorroga el estado de excepción", "", source_country="SV")
    assert away.relevance.tier == "X"


def test_destination_is_tagged_only_with_a_removal(matcher: Matcher) -> None:
    """Ghana in a football story is no destination."""
    assert "dest-ghana" in tags(
        matcher.match("", "The United States deported 14 men to Ghana, a third country.")
    )
    assert "dest-ghana" not in tags(matcher.match("", "The United States play Ghana; a deported fan cheers."))


def test_hit_late_in_a_long_text_has_low_confidence(matcher: Matcher) -> None:
    """Closing background paragraphs are not what a report is about."""
    filler = "El Salvador presentó cifras de café y turismo del año. " * 80
    found = tags(matcher.match("Economía", filler + "Rige un régimen de excepción."))
    assert found["state-of-exception"].confidence == "low"


def test_given_document_type_is_kept_and_alone(matcher: Matcher) -> None:
    """A report has one document type, and the source knows it better than words do."""
    text = "Comunicado de prensa. Informe anual sobre El Salvador."
    found = matcher.match("Informe anual", text, document_type="doc-press-release").tags
    assert [tag.id for tag in found if tag.facet == "document_type"] == ["doc-press-release"]


def test_matching_is_repeatable(matcher: Matcher) -> None:
    """The same text gets the same answer, whatever was read before."""
    args = ("ICE deports men to El Salvador", "They are held at CECOT and were tortured.")
    first = matcher.match(*args)
    matcher.match("Otra cosa", "El régimen de excepción de El Salvador.")
    assert matcher.match(*args) == first


@pytest.mark.parametrize(
    "unit", ["ICE deports ", "juicio 12 ", "'\"", "\n", "régimen de excepción El Salvador. "]
)
def test_hostile_length_is_read_in_bounded_work(matcher: Matcher, unit: str) -> None:
    """A megabyte of one word neither stops a worker nor grows without end."""
    matched = matcher.match(unit * 3, unit * (600_000 // len(unit)))
    assert all(len(tag.spans) <= 40 for tag in matched.tags)


def test_article_that_began_the_project_is_read_in_full(matcher: Matcher) -> None:
    """The first article must concern both subjects and carry the tags a reader would give it."""
    file = SHARED / "seed-article.txt"
    if not file.exists():
        pytest.skip("../shared/data/seed-article.txt is not here")
    matched = matcher.match("", file.read_text(encoding="utf-8"))
    assert matched.relevance.tier == "A"
    assert matched.relevance.sides == ("sv", "us")
    assert set(tags(matched)) >= {
        "safe-third-country-agreement", "deportation-flights", "state-of-exception", "prison-conditions",
        "gang-tren-de-aragua", "gang-ms-13", "minors-detained", "grp-children", "torture-ill-treatment",
        "ngo-cristosal", "us-state",
    }  # fmt: skip
