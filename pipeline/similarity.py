"""Compare two reports by what `fingerprint` kept of them: duplicate, same event, or different."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipeline.similarity_sketch import Comparable, unpack

__all__ = ["Comparable", "Verdict", "compare", "unpack"]

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
    if a.digest == b.digest and any(a.digest):
        return Verdict(verdict="duplicate", score=1.0, reasons=("same wording",))
    fewest = min(len(a.unique), len(b.unique))
    if fewest < 8:
        return Verdict(verdict="different", score=0.0, reasons=("too short to compare",))
    common = np.intersect1d(a.unique, b.unique, assume_unique=True)
    score = len(common) / fewest
    if score >= 0.6:
        return Verdict(verdict="duplicate", score=score, reasons=(f"{score:.0%} of the shorter text",))
    return Verdict(verdict="different", score=score, reasons=())
