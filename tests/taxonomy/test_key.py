"""The key text and the way back to the original."""

from hypothesis import given
from hypothesis import strategies as st

from core.text import fold
from taxonomy.key import make_key


def test_key_joins_spaces_hyphens_and_quotes_and_leads_back() -> None:
    """`"third-country" deportations` must be found by `third country` and quoted as written."""
    text = "Son «deportaciones»   a\u00a0un “tercer—país”."
    key = make_key(text)
    start = key.text.index("tercer pais")
    assert text[key.original(start) : key.original(start + 10) + 1] == "tercer—país"


def test_key_of_odd_text_has_no_half_characters() -> None:
    """A lone surrogate in somebody's JSON must not stop the automaton."""
    make_key("ICE \ud800 deported").text.encode("utf-8")


@given(st.text(max_size=300))
def test_every_letter_of_a_key_is_the_folded_letter_of_the_original(text: str) -> None:
    """Offsets are cited by researchers: one wrong step and every quotation is off."""
    key = make_key(text)
    assert len(key.plain) == len(text)
    for position, character in enumerate(key.text):
        if character.isalnum() and character.isascii():
            folded = fold(text[key.original(position)])
            assert character in (folded, "N" if folded == "ñ" else folded)


@given(st.text(alphabet="ab -'\"\n.ñ", max_size=80))
def test_key_positions_survive_the_round_trip(text: str) -> None:
    """The title ends where the original says it ends."""
    key = make_key(text)
    for position in range(1, len(key.text)):
        original = key.original(position)
        if key.text[position].isalnum():
            found = key.position(original)
            assert found <= position
            assert not key.text[found:position].strip()
