"""The piece of text that shows why a report was found."""

from hypothesis import given
from hypothesis import strategies as st

from db.query import parse
from db.snippets import snippet


def test_snippet_shows_the_first_of_the_words_in_its_surroundings() -> None:
    """Accents are ignored when looking and kept when shown."""
    text = "uno dos tres " * 60 + "la Comisión de España informó " + "cuatro cinco " * 60
    found = snippet(text, parse('"comision de espana"').terms)
    assert [found.text[start:end] for start, end in found.marks] == ["Comisión de España"]
    assert found.text.startswith("… ")
    assert found.text.endswith(" …")
    assert len(found.text) <= 250


def test_snippet_without_a_hit_is_the_beginning() -> None:
    """The word may stand in the title alone."""
    assert snippet("First words.\nMore.", parse("absent").terms).text == "First words. More."


@given(text=st.text(max_size=400), query=st.text(max_size=30), length=st.integers(1, 100))
def test_marks_lie_inside_the_snippet(text: str, query: str, length: int) -> None:
    """A page highlights by these numbers."""
    found = snippet(text, parse(query).terms, length)
    assert all(0 <= start < end <= len(found.text) for start, end in found.marks)
