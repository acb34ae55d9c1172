"""Pairs and chains of words that mean something only together, found among the hits."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import permutations

Spans = Sequence[tuple[int, int]]
MOST_SPANS = 300

# A full stop ends a sentence, but not after one letter (U. S., J. D.) nor in "EE. UU.".
_STOP = re.compile(r"[!?;\n]|(?<!\b\w)(?<!\bee)(?<!\buu)\.(?!\w)")


def find_near(parts: Sequence[Spans], within: int, ordered: bool, text: str) -> list[tuple[int, int]]:
    """The spans of a chain: one span of every part in one sentence, gaps of at most `within`.

    The spans of each part are sorted. At most one chain for each start is given.
    """
    found: dict[int, int] = {}
    for order in (tuple(parts),) if ordered else permutations(parts):
        for start, end in order[0][:MOST_SPANS]:
            stop = _follow(order, 1, end, within, text)
            if stop is not None and (start not in found or stop < found[start]):
                found[start] = stop
    return sorted(found.items())


def _follow(order: Sequence[Spans], number: int, end: int, within: int, text: str) -> int | None:
    """Where the chain ends when its part `number` must start within reach of `end`."""
    if number == len(order):
        return end
    spans = order[number]
    for index in range(bisect_left(spans, (end, 0)), len(spans)):
        start, stop = spans[index]
        if start - end > within or _STOP.search(text, end, start):
            return None
        last = _follow(order, number + 1, stop, within, text)
        if last is not None:
            return last
    return None
