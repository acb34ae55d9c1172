"""The term syntax, one rule a test."""

import pytest

from taxonomy.key import make_key
from taxonomy.terms import Term, compile_acronym, compile_term, is_shouted


def find(term: Term, text: str) -> list[str]:
    """What a term finds in a text, as written there."""
    key = make_key(text)
    found = []
    for needle in term.needles:
        start = key.text.find(needle)
        while start >= 0:
            span = term.confirm(key, text, start, start + len(needle))
            if span:
                found.append(text[key.original(span[0]) : key.original(span[1] - 1) + 1])
            start = key.text.find(needle, start + 1)
    return found


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("detenid*", "Los DETENIDOS y la detenida", ["DETENIDOS", "detenida"]),
        ("reo", "el reorganizado reo", ["reo"]),
        ("Bukele*", "Bukele’s plan", ["Bukele’s"]),
        ("tercer* país*", "a terceros países", ["terceros países"]),
        ("sentenced to * years", "sentenced to 30 years", ["sentenced to 30 years"]),
        ("sentenced to * years", "sentenced to many long years", []),
        ("third country", 'a "third-country" deal', ["third-country"]),
        ("régimen de excepción", "REGIMEN  DE EXCEPCION", ["REGIMEN  DE EXCEPCION"]),
        ("=Nuevas Ideas", "con nuevas ideas", []),
        ("=Nuevas Ideas", "Nuevas Ideas y NUEVAS IDEAS", ["Nuevas Ideas", "NUEVAS IDEAS"]),
        ("salvadoreñ*", "la salvadorena y el salvadoreño", ["salvadoreño", "salvadorena"]),
        ("niñ*", "ninguno de los niños", ["niños"]),
        ("287(g)", "section 287(g) deals", ["287(g"]),
        ("U.S.", "the U.S. and Uzbekistan", ["U.S."]),
    ],
)
def test_term_syntax_finds_what_it_says(term: str, text: str, found: list[str]) -> None:
    """The syntax is documented; people write terms against it."""
    assert find(compile_term(term), text) == found


def test_acronym_is_found_only_in_its_own_letters() -> None:
    """ice, Ice and POLICE are not the agency."""
    assert find(compile_acronym("ICE"), "ice, Ice, POLICE, (ICE) and ICE's") == ["ICE", "ICE"]


def test_shouted_headline_makes_an_acronym_doubtful() -> None:
    """In a headline of capitals ICE may be ice."""
    text = "BLACK ICE CLOSES ROADS ACROSS NORTH TEXAS"
    assert is_shouted(text, 6, 9)
    assert not is_shouted("ICE arrests dozens of workers", 0, 3)


def test_term_without_letters_is_refused() -> None:
    """A lone star would match every word there is."""
    with pytest.raises(ValueError, match="nothing to search for"):
        compile_term("*")
