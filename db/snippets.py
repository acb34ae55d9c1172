"""The piece of a text that shows why it was found. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.text import fold
from db.query import Term

LENGTH = 240


@dataclass(frozen=True, kw_only=True, slots=True)
class Snippet:
    """A piece of text on one line; `marks` are [start, end) of the words looked for in it."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def snippet(text: str, terms: Sequence[Term], length: int = LENGTH) -> Snippet:
    """At most about `length` characters around the first of the words, or the beginning."""
    pattern = _pattern(terms)
    folded = fold(text).replace("ñ", "n") if pattern else ""
    found = pattern.search(folded) if pattern else None
    start = _word_start(text, max(0, found.start() - length // 3)) if found else 0
    end = _word_end(text, min(len(text), start + length))
    piece = text[start:end].replace("\n", " ").replace("\r", " ").replace("\t", " ")
    left = "… " if start > 0 else ""
    right = " …" if end < len(text) else ""
    shift = len(left) - start
    marks = tuple((m.start() + shift, m.end() + shift) for m in _all(pattern, folded, start, end))
    return Snippet(text=f"{left}{piece}{right}", marks=marks)


def _pattern(terms: Sequence[Term]) -> re.Pattern[str] | None:
    wanted = [r"[\W_]+".join(map(re.escape, term.words)) for term in terms if not term.negated]
    return re.compile(r"(?<![^\W_])(?:" + "|".join(wanted) + r")(?![^\W_])") if wanted else None


def _all(pattern: re.Pattern[str] | None, folded: str, start: int, end: int) -> list[re.Match[str]]:
    return list(pattern.finditer(folded, start, end)) if pattern else []


def _word_start(text: str, place: int) -> int:
    if place == 0:
        return 0
    space = text.find(" ", place, place + 40)
    return space + 1 if space >= 0 else place


def _word_end(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    space = text.rfind(" ", max(0, place - 40), place)
    return space if space > 0 else place
