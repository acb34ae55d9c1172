"""Compare two reports by what `fingerprint` kept of them: duplicate, same event, or different."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from pipeline.similarity_align import Change, Pair, changes, coverage, title_changes
from pipeline.similarity_show import show
from pipeline.similarity_sketch import Comparable, Hashes, unpack

__all__ = ["Comparable", "Verdict", "compare", "unpack"]

CONTAINED: Final = 0.6
"""Share of the shorter text's shingles that makes it a copy, unless facts were exchanged."""

LOOSELY_CONTAINED: Final = 0.4
"""Below `CONTAINED` but not below this, copied runs may still cover most words (`COVERED`)."""

COVERED: Final = 0.75
FEWEST_SHINGLES: Final = 8

Kind = Literal["duplicate", "same-event", "different"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What two reports are to each other, how surely (0 to 1), and why."""

    verdict: Kind
    score: float
    reasons: tuple[str, ...]


def compare(a: Comparable, b: Comparable) -> Verdict:
    """Judge two reports. Raises ValueError when their signature versions differ."""
    if a.version != b.version:
        raise ValueError(f"signature versions {a.version} and {b.version} cannot be compared")
    same = a.digest == b.digest and any(a.digest)
    if min(len(a.unique), len(b.unique)) < FEWEST_SHINGLES:
        if same:
            return Verdict(verdict="duplicate", score=1.0, reasons=("same wording",))
        return Verdict(verdict="different", score=0.0, reasons=("too short to compare",))
    common, contained = containment(a, b)
    if contained >= LOOSELY_CONTAINED:
        verdict = _copy_or_template(a, b, common, contained)
        if verdict is not None:
            return verdict
    return Verdict(verdict="different", score=contained, reasons=())


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


def _copy_or_template(a: Comparable, b: Comparable, common: Hashes, contained: float) -> Verdict | None:
    shorter = a if len(a.unique) <= len(b.unique) else b
    if contained < CONTAINED and coverage(shorter, common) < COVERED:
        return None
    pair = Pair(a=a, b=b)
    exchanged = [*title_changes(pair), *changes(pair)]
    if exchanged:
        return Verdict(verdict="different", score=contained, reasons=_template_reasons(exchanged))
    share = f"{contained:.0%} of the shorter text stands in the other"
    return Verdict(verdict="duplicate", score=contained, reasons=(share,))


def _template_reasons(exchanged: list[Change]) -> tuple[str, ...]:
    named = "; ".join(f"{show(change.old)} → {show(change.new)}" for change in exchanged[:5])
    more = f" and {len(exchanged) - 5} more" if len(exchanged) > 5 else ""
    return (f"same wording with other facts: {named}{more}",)
