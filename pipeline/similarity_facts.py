"""Which words of a text are facts: figures, months, weekdays, countries and names.

Used by `fingerprint` only. A fact is written with a mark in front: `#252` a figure, `=3` March,
`~1` Monday, `@HN` a country or its people, `Nperez` a name, `Aice` an acronym, `?perez` a
capitalised word that may only start a sentence (it counts as present, never as changed).
"""

from collections.abc import Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.text import fold
from pipeline.similarity_lexicon import VERSUS
from pipeline.similarity_words import ACRONYM, CAPITAL, FACT, HASH, PLAIN, Words, fact_of

_LONGEST = 24
_BEFORE_A_NAME = frozenset(("for", "of", "from", "in", "para", "de", "en"))
_CACHE_LIMIT = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Facts in order: `at[i]` is the word that states `values[i]`."""

    at: npt.NDArray[np.int64]
    values: list[str]


class _Values(dict[str, str]):
    """Written word -> its fact, taking a word without one for a name."""

    def __missing__(self, word: str) -> str:
        if len(self) > _CACHE_LIMIT:
            self.clear()
        acronym = len(word) > 1 and word.isupper() and len(word) <= 6
        value = fact_of(word) or ("A" if acronym else "N") + fold(word)
        if len(word) <= 2 * _LONGEST:
            self[word] = value[:_LONGEST]
        return value[:_LONGEST]


_VALUES = _Values()


def find_facts(words: Words) -> Facts:
    """The facts of running text, where a capital inside a sentence means a name."""
    codes, first = words.codes, words.first
    if len(words) == 0:
        return Facts(at=np.zeros(0, np.int64), values=[])
    stated = (codes & FACT) != 0
    named = ((codes & CAPITAL) != 0) & ((codes & PLAIN) == 0) & ~stated
    continued = np.zeros(len(words), np.bool_)
    continued[:-1] = named[1:] & ~first[1:]
    unsure = named & first & ~continued & ((codes & ACRONYM) == 0)
    at = np.flatnonzero(stated | named)
    written = words.written
    values = [_VALUES[written[i]] for i in at.tolist()]
    for k in np.flatnonzero(unsure[at]).tolist():
        values[k] = "?" + values[k][1:]
    if "@SV" in values:
        _tell_city_from_country(values, at.tolist(), written)
    return Facts(at=at, values=values)


def _tell_city_from_country(values: list[str], at: list[int], written: list[str]) -> None:
    for k, i in enumerate(at):
        if values[k] == "@SV" and i and written[i - 1].casefold() == "san":
            values[k] = "Nsalvador"


def find_title_facts(words: Words, body: Set[str]) -> Facts:
    """The facts of a headline.

    Where Every Word Is Capitalised a capital proves nothing: a word is a name only if the body
    uses it as one, or by its place (`for Honduras`, `Smith v. Noem`).
    """
    found = find_facts(words)
    inner = words.codes[1:][(words.codes[1:] & (PLAIN | FACT)) == 0]
    headline_case = np.count_nonzero(inner & CAPITAL) > 0.6 * len(inner)
    written = [word.casefold() for word in words.written]
    versus = [i for i, word in enumerate(written) if word in VERSUS]
    parties = {i + side for i in versus for side in (-1, 1)}
    placed = parties | {i + 1 for i, word in enumerate(written) if word in _BEFORE_A_NAME}
    values = []
    for i, value in zip(found.at.tolist(), found.values, strict=True):
        if value[0] == "?" and i in parties:
            values.append("N" + value[1:])
        elif headline_case and value[0] in "NA" and value not in body and i not in placed:
            values.append("?" + value[1:])
        else:
            values.append(value)
    return Facts(at=found.at, values=values)


def contexts(words: Words, facts: Facts) -> npt.NDArray[np.uint16]:
    """For each fact a 16-bit hash of the words on both sides, facts among them masked by their mark."""
    masked = np.zeros(len(words) + 2, np.uint64)
    masked[1:-1] = (words.codes & HASH).astype(np.uint64)
    marks = np.frombuffer("".join(v[0] for v in facts.values).encode("ascii"), np.uint8)
    masked[facts.at + 1] = marks
    left, right = masked[facts.at], masked[facts.at + 2]
    mixed = left * np.uint64(0x9E3779B97F4A7C15) + right * np.uint64(0xC2B2AE3D27D4EB4F)
    return (mixed >> np.uint64(48)).astype(np.uint16)
