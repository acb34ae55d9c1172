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

from pipeline.similarity_lexicon import COUNTRIES, VERSUS
from pipeline.similarity_sketch import Comparable, Hashes
from pipeline.similarity_words import word_hash

TIGHT: Final = 8
"""Words between anchors up to which any exchanged fact counts; in longer gaps only facts that
stand between the same neighbours do."""

FEWEST_BLOCK_WORDS: Final = 20
BLOCK_SHARE: Final = 0.4
BLOCK_DENSITY: Final = 0.85
LEAD_WORDS: Final = 20
OWN_WORDS: Final = 15
OWN_FACTS: Final = 3
OWN_SHARE: Final = 0.15

_VERSUS: Final = frozenset(word_hash(word) for word in VERSUS)

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

    @property
    def shortest(self) -> int:
        return min(self.a1 - self.a0, self.b1 - self.b0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """The facts of one side of a gap and the hashes of what surrounds each."""

    values: list[str]
    contexts: list[int]


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


def _facts(report: Comparable, start: int, end: int) -> Stretch:
    low, high = np.searchsorted(report.at, (start, end)).tolist()
    values = [report.table[i] for i in report.fact[low:high].tolist()]
    return Stretch(values=values, contexts=report.context[low:high].tolist())


def laid_side_by_side(pair: Pair) -> list[Gap]:
    """The stretches in which the two texts answer to each other in other words.


    At a start or end one copy may go on where the other is padded: only stretches of about the
    same length answer to each other there.
    """
    a, b = pair.a.head, pair.b.head
    at_a, at_b = anchors(a, b)
    return [g for g in gaps(a, b, at_a, at_b) if not (g.edge and g.longest > 3 * g.shortest)]


def changes(pair: Pair, stretches: Sequence[Gap]) -> list[Change]:
    """The facts that the two texts exchange for one another, in order, each once."""
    a, b = pair.a, pair.b
    found: list[Change] = []
    for gap in stretches:
        old, new = _facts(a, gap.a0, gap.a1), _facts(b, gap.b0, gap.b1)
        if not old.values or not new.values:
            continue
        if gap.longest <= TIGHT:
            found += exchanged(old.values, new.values, pair)
        else:
            found += _in_same_context(old, new, pair)
    return list(dict.fromkeys(found))


def tells_another_story(pair: Pair, stretches: Sequence[Gap]) -> bool:
    """Whether each text has a passage of its own, full of facts, around wording both share.

    So it is when two press releases are mostly what the publisher says below each of them. What
    follows the shared wording does not count: there reprints are padded.
    """
    own = 0
    for gap in stretches:
        if gap.shortest < OWN_WORDS or (gap.edge and gap.a0 > 0):
            continue
        old, new = _facts(pair.a, gap.a0, gap.a1), _facts(pair.b, gap.b0, gap.b1)
        only_a = sum(v[0] in "#=@N" and v[1:] not in pair.all_b for v in set(old.values))
        only_b = sum(v[0] in "#=@N" and v[1:] not in pair.all_a for v in set(new.values))
        if min(only_a, only_b) >= OWN_FACTS:
            own += gap.shortest
    return own > 0 and own >= OWN_SHARE * min(pair.a.words, pair.b.words)


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
    return pair.exclusive(old, new) and not _same_name(old, new)


def _same_name(old: str, new: str) -> bool:
    """One name with a typing error, or a country and its misspelt name."""
    spellings = [
        [word for word, code in COUNTRIES.items() if code == fact[1:]] if fact[0] == "@" else [fact[1:]]
        for fact in (old, new)
    ]
    return any(_close(x, y) for x in spellings[0] for y in spellings[1])


def _close(one: str, two: str) -> bool:
    length = min(len(one), len(two))
    allowed = 0 if length < 4 else 1 if length < 8 else 2
    return OSA.distance(one, two, score_cutoff=allowed) <= allowed


def _same_amount(old: str, new: str) -> bool:
    """1.2 (million) and 1,200,000; or two long figures that differ by two swapped digits."""
    if len(old) >= 3 and sorted(old) == sorted(new):
        return True
    short, long = sorted((old, new), key=len)
    return len(long) - len(short) >= 2 and short.replace(".", "").rstrip("0") == long.rstrip("0")


def _in_same_context(old: Stretch, new: Stretch, pair: Pair) -> list[Change]:
    """In a longer stretch: facts between the same neighbours, each unknown to the other report.

    Neighbours also meet by chance; in a template most of the facts stand in for each other.
    """
    places: dict[tuple[str, int], list[str]] = {}
    for value, context in zip(new.values, new.contexts, strict=True):
        places.setdefault((_CLASSES.get(value[0], "?"), context), []).append(value)
    found = []
    for value, context in zip(old.values, old.contexts, strict=True):
        kind = _CLASSES.get(value[0])
        answers = places.get((kind, context)) if kind else None
        if answers:
            other = answers.pop(0)
            if pair.exclusive(value, other) and differ(value, other, pair):
                found.append(Change(old=value, new=other))
    return found if 3 * len(found) >= min(len(old.values), len(new.values)) else []


def title_changes(pair: Pair) -> list[Change]:
    """Facts exchanged between two titles of one pattern. Two unlike headlines exchange nothing."""
    a, b = pair.a, pair.b
    words_a, words_b = a.title.tolist(), b.title.tolist()
    if not words_a or not words_b or words_a == words_b:
        return []
    blocks = SequenceMatcher(None, words_a, words_b, autojunk=False).get_opcodes()
    matched = sum(i1 - i0 for tag, i0, i1, _, _ in blocks if tag == "equal")
    # Of "Doe v. Noem" and "Roe v. Bondi" only the middle is the pattern.
    pattern = 0.3 if _VERSUS & set(words_a) & set(words_b) else 0.5
    if matched < pattern * max(len(words_a), len(words_b)):
        return []
    found = []
    for tag, i0, i1, j0, j1 in blocks:
        if tag != "replace":
            continue
        found += [
            change
            for change in exchanged(_title_facts(a, i0, i1), _title_facts(b, j0, j1), pair)
            if not (change.old[1:] in pair.all_b and change.new[1:] in pair.all_a)
        ]
    return found


def _title_facts(report: Comparable, start: int, end: int) -> list[str]:
    return [
        report.table[fact]
        for at, fact in zip(report.title_at.tolist(), report.title_fact.tolist(), strict=True)
        if start <= at < end
    ]


def copied(report: Comparable, common: Hashes) -> npt.NDArray[np.bool_]:
    """For each word of the report whether it stands in a copied run of four words or more."""
    shared = np.isin(report.head, common)
    run = shared.copy()
    run[1:-1] &= shared[:-2] | shared[2:]
    if len(run) > 1:
        run[0] &= shared[1]
        run[-1] &= shared[-2]
    words = np.zeros(len(shared) + 2, np.bool_)
    for shift in range(3):
        words[shift : len(shared) + shift] |= run
    return words


def opens_in(words: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> bool:
    """Whether the copied words are one block that begins where the other text begins.

    So it is when the first part of a text is reprinted with paragraphs around it.
    """
    at = np.flatnonzero(words)
    if len(at) < FEWEST_BLOCK_WORDS or len(at) < BLOCK_SHARE * len(words):
        return False
    dense = len(at) >= BLOCK_DENSITY * (at[-1] - at[0] + 1)
    return bool(dense and np.count_nonzero(other[:LEAD_WORDS]) >= BLOCK_DENSITY * min(LEAD_WORDS, len(other)))
