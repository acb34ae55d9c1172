"""Lay two texts side by side: where they run along together and where each has words of its own.

Used by `similarity.compare`. Anchors are the three-word shingles that stand exactly once in both
texts; between two neighbouring anchors the words of one text answer to those of the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.similarity_sketch import Comparable, Hashes

FEWEST_BLOCK_WORDS: Final = 20
BLOCK_SHARE: Final = 0.4
BLOCK_DENSITY: Final = 0.85
LEAD_WORDS: Final = 20
"""A copied block (see `opens_in`): its least length, in words and as a share of the text; the least
share of copied words inside it; and the words of the other text that count as its opening."""


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


def laid_side_by_side(one: Comparable, two: Comparable) -> list[Gap]:
    """The stretches in which the two texts answer to each other in other words.

    At a start or end one copy may go on where the other is padded: only stretches of about the
    same length answer to each other there.
    """
    a, b = one.head, two.head
    at_a, at_b = anchors(a, b)
    return [g for g in gaps(a, b, at_a, at_b) if not (g.edge and g.longest > 3 * g.shortest)]


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
