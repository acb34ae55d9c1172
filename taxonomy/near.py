"""Pairs and chains of words that mean something only together, found among the hits."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import permutations

Spans = Sequence[tuple[int, int]]
MOST_SPANS = 300
LONGEST_SPAN = 40
_FEW = 8

# A full stop ends a sentence, but not after one letter (U. S., J. D.) nor in "EE. UU.".
_STOP = re.compile(r"[!?;\n]|(?<!\b\w)(?<!\bee)(?<!\buu)\.(?!\w)")


def find_near(parts: Sequence[Spans], within: int, ordered: bool, text: str) -> list[tuple[int, int]]:
    """The spans of a chain: one span of every part in one sentence, gaps of at most `within`.

    The spans of each part are sorted. At most one chain for each start is given.
    """
    if len(parts) == 2:
        found = dict(_pairs(parts[0], parts[1], within, text))
        if not ordered:
            for start, stop in _pairs(parts[1], parts[0], within, text):
                if start not in found or stop < found[start]:
                    found[start] = stop
        return sorted(found.items())
    if sum(map(len, parts)) > _FEW:
        parts = _within_reach(parts, within)
    if not parts:
        return []
    found = {}
    for order in (tuple(parts),) if ordered else permutations(parts):
        for start, end in order[0][:MOST_SPANS]:
            chained = _follow(order, 1, end, within, text)
            if chained is not None and (start not in found or chained < found[start]):
                found[start] = chained
    return sorted(found.items())


def _pairs(first: Spans, second: Spans, within: int, text: str) -> list[tuple[int, int]]:
    """Every span of `first` with the nearest of `second` after it."""
    found = []
    count = len(second)
    last = second[-1][0]
    for start, end in first[:MOST_SPANS]:
        if last < end:
            break
        index = bisect_left(second, (end, 0))
        # Spans may overlap their predecessor, so `last` alone does not settle it.
        if index < count:
            after, stop = second[index]
            if after - end <= within and not _STOP.search(text, end, after):
                found.append((start, stop))
    return found


def _within_reach(parts: Sequence[Spans], within: int) -> list[list[tuple[int, int]]]:
    """The parts without the spans that lie too far from every span of the smallest part, or []."""
    centre = min(parts, key=len)
    reach = (len(parts) - 1) * (within + LONGEST_SPAN)
    kept: list[list[tuple[int, int]]] = []
    for part in parts:
        if part is centre:
            kept.append(list(part[:MOST_SPANS]))
            continue
        close: dict[tuple[int, int], None] = {}
        for start, end in centre[:MOST_SPANS]:
            low = bisect_left(part, (start - reach, 0))
            high = bisect_left(part, (end + reach, 0))
            close.update(dict.fromkeys(part[low:high]))
        if not close:
            return []
        kept.append(sorted(close))
    return kept


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
