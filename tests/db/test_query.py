"""The query language, without a database."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.query import MOST_WORDS, parse, parse_day
from db.tagtoken import tag_token


def words(query: str) -> list[tuple[bool, tuple[str, ...]]]:
    return [(term.negated, term.words) for term in parse(query).terms]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Régimen ESPAÑA", [(False, ("regimen",)), (False, ("espana",))]),
        ('"estado de excepción" -turismo', [(False, ("estado", "de", "excepcion")), (True, ("turismo",))]),
        ("“curly quotes”", [(False, ("curly", "quotes"))]),
        ('"never closed', [(False, ("never", "closed"))]),
        ("MS-13", [(False, ("ms", "13"))]),
        ("https://a.example/b foo:bar", [(False, ("https", "a", "example", "b")), (False, ("foo", "bar"))]),
        ('- -- " ( ) * ^ : AND', [(False, ("and",))]),
        ("a\x00b", [(False, ("a",)), (False, ("b",))]),
        ("", []),
    ],
)
def test_words_and_phrases(query: str, expected: list[tuple[bool, tuple[str, ...]]]) -> None:
    """Operators of the engines are text like any other."""
    assert words(query) == expected


def test_fields_and_their_alternatives() -> None:
    """Commas mean or, a minus means not, quotes hold spaces."""
    query = parse('tag:a,b -source:"El Faro" Lang:es')
    assert [(one.field, one.values, one.negated) for one in query.filters] == [
        ("tag", ("a", "b"), False),
        ("source", ("El Faro",), True),
        ("lang", ("es",), False),
    ]


def test_dates_narrow_and_a_word_that_is_no_date_is_noted() -> None:
    """A silent misreading would hide reports."""
    query = parse("after:2026-03 after:2025 before:2026-04-01 before:yesterday")
    assert query.after == datetime(2026, 3, 1, tzinfo=UTC)
    assert query.before == datetime(2026, 4, 1, tzinfo=UTC)
    assert words("before:yesterday") == [(False, ("before", "yesterday"))]
    assert "before:yesterday is no date" in query.notes[0]


@pytest.mark.parametrize("written", ["0000", "2026-13", "2026-02-30", "20260301", "٢٠٢٦", ""])
def test_impossible_dates_are_no_dates(written: str) -> None:
    """The calendar decides, not a pattern."""
    assert parse_day(written) is None


def test_very_long_queries_are_cut_and_say_so() -> None:
    """An engine must not be given a thousand conditions."""
    query = parse("word " * 1000)
    assert sum(len(term.words) for term in query.terms) == MOST_WORDS
    assert len(query.notes) == 2


@given(st.text())
def test_anything_is_a_query(text: str) -> None:
    """Whatever a person types."""
    query = parse(text)
    assert all(word and word.isalnum() for term in query.terms for word in term.words)


@given(st.lists(st.text(max_size=12), unique_by=str.lower))
def test_different_tags_are_different_words(ids: list[str]) -> None:
    """Two tags must not find each other's reports."""
    tokens = [tag_token(one) for one in ids]
    assert len(set(tokens)) == len({one.lower() for one in ids})
    assert all(token.isascii() and token.isalnum() for token in tokens)
