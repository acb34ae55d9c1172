"""What a reader does not see must neither hide a word nor move its span."""

import unicodedata
from collections.abc import Callable

import pytest

from taxonomy.clean import clean
from taxonomy.loader import load_taxonomy
from taxonomy.matcher import Matcher

TITLE = "Muere reo en el penal de Mariona durante el régimen de excepción"
TEXT = "Fue torturado en Usulután, según Cristosal. Su madre pide ver la autopsia."


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    """The packaged taxonomy, compiled once."""
    return Matcher(load_taxonomy())


def test_a_clean_text_is_given_back_as_it_is() -> None:
    """Nearly all texts are clean and must cost nothing."""
    assert clean(TEXT).text is TEXT


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("e\u0301l", "él"),
        ("n\u0303in\u0303o", "ñiño"),
        ("ré\u00adgi\u200bmen", "régimen"),
        ("<p>Ru<b>bio</b></p>", "\nRubio\n"),
        ("r&eacute;gimen&nbsp;&#233;", "régimen\u00a0é"),
        ("AT&T, a < b & c", "AT&T, a < b & c"),
        ("\u0301\u0301", ""),
    ],
)
def test_only_what_a_reader_sees_is_left(written: str, seen: str) -> None:
    """Words are found in the text as it is read."""
    assert clean(written).text == seen


def test_spans_of_a_cleaned_text_lead_back_to_the_original() -> None:
    """The last accent and the whole entity belong to the word they end."""
    written = "<i>e\u0301l</i> caf&eacute; ma\u00ads caf\u0065\u0301."
    result = clean(written)
    assert result.text == "él café mas café."
    assert [
        written[slice(*result.original(begin, begin + length))]
        for begin, length in ((0, 2), (3, 4), (8, 3), (12, 4))
    ] == ["e\u0301l", "caf&eacute;", "ma\u00ads", "cafe\u0301"]


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _hyphenated(text: str) -> str:
    return text.replace("rio", "ri\u00ado").replace("tor", "to\u00adr").replace("xc", "x\u200bc")


def _marked_up(text: str) -> str:
    return "<p>" + text.replace("Mariona", "<b>Mariona</b>").replace("é", "&eacute;") + "</p>"


def _with_emoji(text: str) -> str:
    return "\N{POLICE CARS REVOLVING LIGHT}" + text


@pytest.mark.parametrize("dirtied", [_decomposed, _hyphenated, _marked_up, _with_emoji, str.upper])
def test_dirt_changes_neither_tags_nor_tier(matcher: Matcher, dirtied: Callable[[str], str]) -> None:
    """Pages arrive with all of it, and a report must not be lost to a soft hyphen."""
    plain, dirty = matcher.match(TITLE, TEXT), matcher.match(dirtied(TITLE), dirtied(TEXT))
    assert {tag.id for tag in dirty.tags} == {tag.id for tag in plain.tags}
    assert dirty.relevance.tier == plain.relevance.tier == "B"
    fields = {"title": dirtied(TITLE), "text": dirtied(TEXT)}
    for tag in dirty.tags:
        for span in tag.spans:
            assert 0 <= span.start < span.end <= len(fields[span.where])


def test_a_report_out_of_scope_affects_nobody(matcher: Matcher) -> None:
    """A Colombian forward who misses a penalty is no Colombian in custody."""
    result = matcher.match("Alianza gana con un penal", "Marcó el colombiano Ríos.", source_country="SV")
    assert result.relevance.tier == "X"
    assert not any(tag.facet in ("group", "nationality") for tag in result.tags)
