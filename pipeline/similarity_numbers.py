"""Numbers written in several words (`two hundred and fifty-two`, `85 mil`) read as one figure.

Used by `similarity_words`, so that a copy that prints 252 is the same text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.text import fold
from pipeline.similarity_lexicon import NUMBERS

_JOINING: Final = frozenset(("and", "y"))
_HUNDRED: Final = frozenset(("hundred",))
_ORDINAL_TEN: Final = frozenset(("decimo", "decima"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """Words [start, end) that say `value` together."""

    start: int
    end: int
    value: int


@dataclass(slots=True)
class _Sum:
    """A number while its words are read: `room` is what still fits below the last word."""

    total: int = 0
    current: int = 0
    room: int = 10**6

    def take(self, word: str, value: int) -> bool:
        """Add one more word; False when it cannot continue this number."""
        if value == 1000:
            if self.total or self.current >= 1000:
                return False
            self.total, self.current, self.room = max(1, self.current) * 1000, 0, 1000
        elif word in _HUNDRED and 1 <= self.current <= 9:
            self.current, self.room = self.current * 100, 100
        elif value < self.room:
            self.current += value
            self.room = 100 if value >= 100 else 10 if value >= 20 and value % 10 == 0 else 0
            if word in _ORDINAL_TEN:
                self.room = 10
        else:
            return False
        return True


def figures(written: Sequence[str], starts: Sequence[int]) -> Iterator[Figure]:
    """The numbers of two or more words. `starts` are the positions of spelled number words."""
    reached = 0
    for start in starts:
        if start < reached:
            continue
        figure = _read(written, start)
        if figure.end - figure.start > 1:
            yield figure
        reached = figure.end


def _read(written: Sequence[str], start: int) -> Figure:
    total = _Sum()
    first = start
    before = written[start - 1] if start else ""
    if NUMBERS.get(fold(written[start])) == "1000" and before.isdecimal() and len(before) <= 3:
        first, total.current = start - 1, int(before)
    at = start
    while at < len(written):
        word = fold(written[at])
        joined = word in _JOINING and at > start and total.room in (10, 100)
        if joined and at + 1 < len(written):
            word = fold(written[at + 1])
        value = NUMBERS.get(word)
        if value is None or not total.take(word, int(value)):
            break
        at += 2 if joined else 1
    return Figure(start=first, end=max(at, start + 1), value=total.total + total.current)
