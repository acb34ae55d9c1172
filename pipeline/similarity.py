"""Compare two reports by what `fingerprint` kept of them: duplicate, same event, or different."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from pipeline.similarity_align import copied, laid_side_by_side, opens_in
from pipeline.similarity_changes import Change, Pair, changes, tells_another_story, title_changes
from pipeline.similarity_event import MOST_DAYS, agree, reasons
from pipeline.similarity_show import show
from pipeline.similarity_sketch import Comparable, Hashes, unpack

__all__ = ["Comparable", "Verdict", "compare", "unpack"]

CONTAINED: Final = 0.6
"""Share of the shorter text's shingles that makes it a copy, unless facts were exchanged."""

LOOSELY_CONTAINED: Final = 0.3
"""Below `CONTAINED` but not below this, copied runs may still cover most words (`COVERED`)."""

COVERED: Final = 0.75
WORDING_IN_COMMON: Final = 0.1
FEWEST_SHINGLES: Final = 8

Kind = Literal["duplicate", "same-event", "different"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What two reports are to each other, how surely (0 to 1), and why."""

    verdict: Kind
    score: float
    reasons: tuple[str, ...]


def compare(
    a: Comparable, b: Comparable, *, days_apart: float | None = None, common: Set[str] = frozenset()
) -> Verdict:
    """Judge two reports. Raises ValueError when their signature versions differ.

    `days_apart` is the time between their publication, when both are known: what is too far apart
    is not one event. `common` are facts (as in `Comparable.table`) so frequent that sharing them
    says nothing.
    """
    if a.version != b.version:
        raise ValueError(f"signature versions {a.version} and {b.version} cannot be compared")
    same = a.digest == b.digest and any(a.digest)
    if min(len(a.unique), len(b.unique)) < FEWEST_SHINGLES:
        if same:
            return Verdict(verdict="duplicate", score=1.0, reasons=("same wording",))
        return Verdict(verdict="different", score=0.0, reasons=("too short to compare",))
    shared, contained = containment(a, b)
    copy = _judge_copy(a, b, shared, contained)
    if copy is not None and copy.certain:
        return copy.verdict
    if days_apart is None or abs(days_apart) <= MOST_DAYS:
        agreement = agree(a, b, common=common)
        if agreement.enough and not _one_template(a, b, contained):
            return Verdict(verdict="same-event", score=agreement.score, reasons=reasons(agreement))
    return copy.verdict if copy is not None else Verdict(verdict="different", score=contained, reasons=())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Copy:
    """What shared wording says. Not `certain`: the two may still tell of one event."""

    verdict: Verdict
    certain: bool


def _one_template(a: Comparable, b: Comparable, contained: float) -> bool:
    """Whether the little wording two reports share puts other facts into the same places."""
    if contained < WORDING_IN_COMMON:
        return False
    pair = Pair(a=a, b=b)
    return bool(title_changes(pair) or changes(pair, laid_side_by_side(a, b)))


def containment(a: Comparable, b: Comparable) -> tuple[Hashes, float]:
    """The common shingles and their share of the shorter text.

    Where a text is so long that only a sample of its end was kept, both are sampled alike.
    """
    common = np.intersect1d(a.unique, b.unique, assume_unique=True)
    share = len(common) / min(len(a.unique), len(b.unique))
    if len(a.tail) or len(b.tail):
        sampled_a, sampled_b = _sampled(a, max(a.shift, b.shift)), _sampled(b, max(a.shift, b.shift))
        fewest = min(len(sampled_a), len(sampled_b))
        if fewest >= FEWEST_SHINGLES:
            share = len(np.intersect1d(sampled_a, sampled_b, assume_unique=True)) / fewest
    return common, share


def _sampled(report: Comparable, shift: int) -> Hashes:
    both = np.union1d(report.unique, report.tail)
    return both[: np.searchsorted(both, np.uint32((1 << (32 - shift)) - 1), side="right")]


def _judge_copy(a: Comparable, b: Comparable, shared: Hashes, contained: float) -> _Copy | None:
    """Copy, template or neither; None when the two share too little wording to tell."""
    if contained < LOOSELY_CONTAINED:
        return None
    if contained < CONTAINED and not _reprinted_in_part(a, b, shared):
        return None
    pair = Pair(a=a, b=b)
    stretches = laid_side_by_side(a, b)
    exchanged = [*title_changes(pair), *changes(pair, stretches)]
    if exchanged:
        template = Verdict(verdict="different", score=contained, reasons=_template_reasons(exchanged))
        return _Copy(verdict=template, certain=True)
    if tells_another_story(pair, stretches):
        around = ("shared wording around other facts",)
        return _Copy(verdict=Verdict(verdict="different", score=contained, reasons=around), certain=False)
    share = (f"{contained:.0%} of the shorter text stands in the other",)
    return _Copy(verdict=Verdict(verdict="duplicate", score=contained, reasons=share), certain=True)


def _reprinted_in_part(a: Comparable, b: Comparable, common: Hashes) -> bool:
    """Under `CONTAINED`: copied with many small edits, or the opening of one inside the other."""
    shorter, longer = (a, b) if len(a.unique) <= len(b.unique) else (b, a)
    words, others = copied(shorter, common), copied(longer, common)
    covered = np.count_nonzero(words) >= COVERED * len(words)
    return bool(covered) or opens_in(words, others) or opens_in(others, words)


def _template_reasons(exchanged: list[Change]) -> tuple[str, ...]:
    named = "; ".join(f"{show(change.old)} → {show(change.new)}" for change in exchanged[:5])
    more = f" and {len(exchanged) - 5} more" if len(exchanged) > 5 else ""
    return (f"same wording with other facts: {named}{more}",)
