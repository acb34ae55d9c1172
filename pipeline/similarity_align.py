"""Lay two texts side by side and see which facts one has where the other has different ones.

Used by `similarity.compare`. Copies of one text keep its facts; documents made from one template
put other figures, dates or names into the same places. Anchors are the three-word shingles that
stand exactly once in both texts; between two neighbouring anchors the words of one text answer
to those of the other.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from pipeline.similarity_sketch import Comparable, Hashes

TIGHT: Final = 8
"""Words between anchors up to which any exchanged fact counts; in longer gaps only facts that
stand between the same neighbours do."""

_CLASSES: Final = {"#": "#", "=": "=", "~": "~", "@": "N", "N": "N", "A": "A"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """`old` in one text stands where `new` stands in the other."""

    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two texts and what is found by laying them side by side."""

    a: Comparable
    b: Comparable

    @cached_property
    def all_a(self) -> frozenset[str]:
        """Everything stated in the first report, without the mark of its kind."""
        return frozenset(value[1:] for value in self.a.table)

    @cached_property
    def all_b(self) -> frozenset[str]:
        return frozenset(value[1:] for value in self.b.table)

    def exclusive(self, old: str, new: str) -> bool:
        """Whether neither fact stands anywhere in the other report."""
        return old[1:] not in self.all_b and new[1:] not in self.all_a


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Words [a0, a1) of one text that answer to [b0, b1) of the other; `edge`: at a start or end."""

    a0: int
    a1: int
    b0: int
    b1: int
    edge: bool

    @property
    def longest(self) -> int:
        return max(self.a1 - self.a0, self.b1 - self.b0)


def anchors(a: Hashes, b: Hashes) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Positions of the shingles that stand exactly once in both, in the order of the first."""
    hashes_a, first_a, count_a = np.unique(a, return_index=True, return_counts=True)
    hashes_b, first_b, count_b = np.unique(b, return_index=True, return_counts=True)
    once_a, once_b = count_a == 1, count_b == 1
    _, in_a, in_b = np.intersect1d(
        hashes_a[once_a], hashes_b[once_b], assume_unique=True, return_indices=True
    )
    at_a, at_b = first_a[once_a][in_a], first_b[once_b][in_b]
    order = np.argsort(at_a)
    return at_a[order], at_b[order]


def gaps(a: Hashes, b: Hashes, at_a: npt.NDArray[np.intp], at_b: npt.NDArray[np.intp]) -> Iterator[Gap]:
    """The places where both texts have words of their own between the same anchors."""
    if len(at_a) == 0:
        return
    if at_a[0] > 0 and at_b[0] > 0:
        yield Gap(a0=0, a1=int(at_a[0]), b0=0, b1=int(at_b[0]), edge=True)
    step_a, step_b = np.diff(at_a), np.diff(at_b)
    for k in np.flatnonzero((step_a > 3) & (step_b > 3)).tolist():
        i, j, ni, nj = int(at_a[k]), int(at_b[k]), int(at_a[k + 1]), int(at_b[k + 1])
        if ni - i == nj - j and np.array_equal(a[i:ni], b[j:nj]):
            continue
        yield Gap(a0=i + 3, a1=ni, b0=j + 3, b1=nj, edge=False)
    end_a, end_b = int(at_a[-1]) + 3, int(at_b[-1]) + 3
    if end_a < len(a) + 2 and end_b < len(b) + 2:
        yield Gap(a0=end_a, a1=len(a) + 2, b0=end_b, b1=len(b) + 2, edge=True)


def _facts(report: Comparable, start: int, end: int) -> tuple[list[str], list[int]]:
    low, high = np.searchsorted(report.at, (start, end)).tolist()
    table = report.table
    return [table[i] for i in report.fact[low:high].tolist()], report.context[low:high].tolist()


def changes(pair: Pair) -> list[Change]:
    """The facts that the two texts exchange for one another, in order, each once."""
    a, b = pair.a, pair.b
    at_a, at_b = anchors(a.head, b.head)
    found: list[Change] = []
    for gap in gaps(a.head, b.head, at_a, at_b):
        old, old_context = _facts(a, gap.a0, gap.a1)
        new, new_context = _facts(b, gap.b0, gap.b1)
        if not old or not new:
            continue
        if gap.longest <= TIGHT:
            found += exchanged(old, new, pair)
        else:
            found += _in_same_context(old, old_context, new, new_context, pair, few=gap.longest <= 40)
    return list(dict.fromkeys(found))


def exchanged(old: Sequence[str], new: Sequence[str], pair: Pair) -> list[Change]:
    """Facts of one kind that stand in for each other in a short stretch."""
    common = Counter(v[1:] for v in old) & Counter(v[1:] for v in new)
    left, right = _without(old, common), _without(new, common)
    if bool(left.get("=")) != bool(right.get("=")):
        # A date said in another way (5 March, two days ago): its day is no exchanged figure.
        left.pop("#", None)
    return [
        Change(old=x, new=y)
        for kind, xs in left.items()
        for x, y in zip(xs, right.get(kind, ()), strict=False)
        if differ(x, y, pair)
    ]


def _without(values: Sequence[str], common: Counter[str]) -> dict[str, list[str]]:
    """Values by kind, the common ones left out once each and uncertain ones always."""
    spare = Counter(common)
    kinds: dict[str, list[str]] = {}
    for value in values:
        if spare[value[1:]] > 0:
            spare[value[1:]] -= 1
        elif value[0] in _CLASSES:
            kinds.setdefault(_CLASSES[value[0]], []).append(value)
    return kinds


def differ(old: str, new: str, pair: Pair) -> bool:
    """Whether two facts in one place are really two: not a spelling, nor both said by both."""
    if old[1:] == new[1:]:
        return False
    if old[0] == "#" and new[0] == "#":
        return not _same_amount(old[1:], new[1:])
    if old[0] in "=~":
        return True
    if old[0] == "@" and new[0] == "@":
        return not (old[1:] in pair.all_b and new[1:] in pair.all_a)
    if not pair.exclusive(old, new):
        return False
    length = min(len(old), len(new)) - 1
    allowed = 0 if length < 4 else 1 if length < 8 else 2
    return OSA.distance(old[1:], new[1:], score_cutoff=allowed) > allowed


def _same_amount(old: str, new: str) -> bool:
    """1.2 (million) and 1,200,000; or two long figures that differ by two swapped digits."""
    if len(old) >= 3 and sorted(old) == sorted(new):
        return True
    short, long = sorted((old, new), key=len)
    return len(long) - len(short) >= 2 and short.replace(".", "").rstrip("0") == long.rstrip("0")


def _in_same_context(
    old: Sequence[str],
    old_context: Sequence[int],
    new: Sequence[str],
    new_context: Sequence[int],
    pair: Pair,
    *,
    few: bool,
) -> list[Change]:
    """In a longer stretch: facts between the same neighbours, each unknown to the other report.

    A chance meeting of neighbours is likelier the longer the stretch, so two are wanted there.
    """
    places: dict[tuple[str, int], list[str]] = {}
    for value, context in zip(new, new_context, strict=True):
        places.setdefault((_CLASSES.get(value[0], "?"), context), []).append(value)
    found = []
    for value, context in zip(old, old_context, strict=True):
        kind = _CLASSES.get(value[0])
        answers = places.get((kind, context)) if kind else None
        if answers:
            other = answers.pop(0)
            if pair.exclusive(value, other) and differ(value, other, pair):
                found.append(Change(old=value, new=other))
    return found if few or len(found) >= 2 else []


def title_changes(pair: Pair) -> list[Change]:
    """Facts exchanged between two titles of one pattern. Two unlike headlines exchange nothing."""
    a, b = pair.a, pair.b
    words_a, words_b = a.title.tolist(), b.title.tolist()
    if not words_a or not words_b or words_a == words_b:
        return []
    blocks = SequenceMatcher(None, words_a, words_b, autojunk=False).get_opcodes()
    matched = sum(i1 - i0 for tag, i0, i1, _, _ in blocks if tag == "equal")
    if matched < 0.5 * max(len(words_a), len(words_b)):
        return []
    found = []
    for tag, i0, i1, j0, j1 in blocks:
        if tag != "replace":
            continue
        for change in exchanged(_title_facts(a, i0, i1), _title_facts(b, j0, j1), pair):
            if not (change.old[1:] in pair.all_b and change.new[1:] in pair.all_a):
                found.append(change)
    return found


def _title_facts(report: Comparable, start: int, end: int) -> list[str]:
    return [
        report.table[fact]
        for at, fact in zip(report.title_at.tolist(), report.title_fact.tolist(), strict=True)
        if start <= at < end
    ]


def coverage(shorter: Comparable, common: Hashes) -> float:
    """The share of words of a text inside copied runs of four words or more."""
    shared = np.isin(shorter.head, common)
    run = shared.copy()
    run[1:-1] &= shared[:-2] | shared[2:]
    if len(run) > 1:
        run[0] &= shared[1]
        run[-1] &= shared[-2]
    covered = np.zeros(len(shared) + 2, np.bool_)
    for shift in range(3):
        covered[shift : len(shared) + shift] |= run
    return float(np.count_nonzero(covered)) / len(covered)
