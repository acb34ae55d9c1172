"""Folding keeps every offset."""

from hypothesis import given
from hypothesis import strategies as st

from core.text import fold


@given(st.text())
def test_folding_never_changes_the_length(text: str) -> None:
    """A span found in the folded text must point at the same characters of the original."""
    assert len(fold(text)) == len(text)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    """Stored text and a query are folded at different times and must meet."""
    assert fold(fold(text)) == fold(text)


def test_accents_case_quotes_and_dashes_are_unified() -> None:
    """The same phrase is typed in many ways by different newsrooms."""
    assert fold("DETENCIÓN “arbitraria” – Ángel\u00a0Pérez") == 'detencion "arbitraria" - angel perez'


def test_the_letter_n_tilde_stays_a_letter_of_its_own() -> None:
    """Año and ano are different words."""
    assert fold("AÑO") == "año"
    assert fold("ano") != fold("año")


def test_a_character_that_folds_to_several_is_left_alone() -> None:
    """The German sharp s casefolds to two letters, which would shift every later span."""
    assert fold("Straße ﬁn") == "straße ﬁn"
