"""Facts as a person reads them, for the reasons of a verdict."""

from typing import Final

from pipeline.similarity_lexicon import COUNTRIES, MONTHS, WEEKDAYS


def _first(table: dict[str, str]) -> dict[str, str]:
    shown: dict[str, str] = {}
    for word, key in table.items():
        shown.setdefault(key, word.capitalize())
    return shown


_SHOWN: Final = {
    "=": _first(MONTHS),
    "~": _first(WEEKDAYS),
    "@": {**_first(COUNTRIES), "US": "United States", "SV": "El Salvador", "CR": "Costa Rica"},
}


def show(fact: str) -> str:
    """`=3` as March, `@HN` as Honduras, `Nperez` as Perez, `#252` as 252."""
    mark, value = fact[0], fact[1:]
    if mark in _SHOWN:
        return _SHOWN[mark].get(value, value)
    return value.upper() if mark == "A" else value if mark == "#" else value.capitalize()
