"""Which facts one text has where the other has different ones.

Used by `similarity.compare`. Copies of one text keep its facts; documents made from one template
put other figures, dates or names into the same places.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Final

import numpy as np
from rapidfuzz.distance import OSA

from pipeline.similarity_align import Gap
from pipeline.similarity_lexicon import COUNTRIES, VERSUS
from pipeline.similarity_sketch import Comparable
from pipeline.similarity_words import word_hash

TIGHT: Final = 8
"""Words between anchors up to which any exchanged fact counts; in longer stretches only facts that
stand between the same neighbours do."""

OWN_WORDS: Final = 15
OWN_FACTS: Final = 3
OWN_SHARE: Final = 0.15
"""A passage of one's own (see `tells_another_story`): its least words and facts, and the least share
of the shorter text that such passages make up."""

_VERSUS: Final = frozenset(word_hash(word) for word in VERSUS)

_CLASSES: Final = {"#": "#", "=": "=", "~": "~", "@": "N", "N": "N", "A": "A"}
"""Kinds of facts that can stand in for each other: a country and a name are one kind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """`old` in one text stands where `new` stands in the other."""

    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two reports and everything each of them states."""

    a: Comparable
    b: Comparable

    @cached_property
    def all_a(self) -> frozenset[str]:
        """What the first report states, as `key` writes it."""
        return frozenset(key(value) for value in self.a.table)

    @cached_property
    def all_b(self) -> frozenset[str]:
        """What the second report states."""
        return frozenset(key(value) for value in self.b.table)

    def exclusive(self, old: str, new: str) -> bool:
        """Whether neither fact stands anywhere in the other report."""
        return key(old) not in self.all_b and key(new) not in self.all_a

    def both_said_by_both(self, old: str, new: str) -> bool:
        """Whether each report states both facts, so that neither replaces the other."""
        return key(old) in self.all_b and key(new) in self.all_a


def key(fact: str) -> str:
    """A fact as it is looked up: of a name only the word, whether sure, an acronym or uncertain."""
    return fact[1:] if fact[0] in "NA?" else fact


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """The facts of one side of a gap and the hashes of what surrounds each."""

    values: list[str]
    contexts: list[int]


def _facts(report: Comparable, start: int, end: int) -> Stretch:
    low, high = np.searchsorted(report.at, (start, end)).tolist()
    values = [report.table[i] for i in report.fact[low:high].tolist()]
    return Stretch(values=values, contexts=report.context[low:high].tolist())


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
        only_a = sum(v[0] in "#=@N" and key(v) not in pair.all_b for v in set(old.values))
        only_b = sum(v[0] in "#=@N" and key(v) not in pair.all_a for v in set(new.values))
        if min(only_a, only_b) >= OWN_FACTS:
            own += gap.shortest
    return own > 0 and own >= OWN_SHARE * min(pair.a.words, pair.b.words)


def exchanged(old: Sequence[str], new: Sequence[str], pair: Pair) -> list[Change]:
    """Facts of one kind that stand in for each other in a short stretch."""
    common = Counter(key(v) for v in old) & Counter(key(v) for v in new)
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
        if spare[key(value)] > 0:
            spare[key(value)] -= 1
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
        return not pair.both_said_by_both(old, new)
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
    """The 1.2 of 1.2 million and 1,200,000."""
    short, long = sorted((old, new), key=len)
    if len(long) < 7 and not ("." in short and len(long) >= 6):
        return False
    return long.isdigit() and short.replace(".", "").rstrip("0") == long.rstrip("0")


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
            if not pair.both_said_by_both(change.old, change.new)
        ]
    return found


def _title_facts(report: Comparable, start: int, end: int) -> list[str]:
    return [
        report.table[fact]
        for at, fact in zip(report.title_at.tolist(), report.title_fact.tolist(), strict=True)
        if start <= at < end
    ]
