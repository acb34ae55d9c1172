"""Which pairs of documents are worth comparing: indexes over what they share. Used by `similar`.

Every function returns pair codes `first * documents + second` with first < second, sorted, each
once. Documents are the positions in the sequence given.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import xxhash

from pipeline.similarity import Comparable
from pipeline.similarity_event import statements, weight
from pipeline.similarity_sketch import Hashes

CROWD: Final = 24
"""Documents that share one key up to which all of them are paired."""

NEIGHBOURS: Final = 6
"""In a larger crowd, how many documents next in the order of facts each is paired with."""

SAMPLED: Final = 128
"""Shingles of a long text that are indexed, at least; a text of up to twice as many has all indexed."""

TELLING: Final = 8
"""Weight of a fact (see `similarity_event.weight`) from which documents are paired by it."""

_ORDERS: Final = 3

Codes = npt.NDArray[np.int64]
Keys = npt.NDArray[np.int64]


def merge(*codes: Codes) -> Codes:
    """All pairs, each once."""
    return np.unique(np.concatenate(codes)) if codes else np.zeros(0, np.int64)


def by_digest(digests: Sequence[str]) -> Codes:
    """Documents of equal wording. No digest pairs with nothing."""
    owners = np.array([i for i, digest in enumerate(digests) if digest], np.int64)
    keys = np.array([_number(digest) for digest in digests if digest], np.int64)
    small, crowds = _groups(keys, owners, len(digests), least=1)
    return merge(small, *(_neighbours(crowd, len(digests)) for crowd in crowds))


def by_bands(bands: Sequence[Sequence[int]], reports: Sequence[Comparable]) -> Codes:
    """Documents with a band in common."""
    count = len(bands)
    owners = np.repeat(np.arange(count), [len(keys) for keys in bands])
    keys = np.array([key for one in bands for key in one], np.int64)
    small, crowds = _groups(keys, owners, count, least=1)
    found = [small]
    if crowds:
        orders = _orders_by_facts(reports)
        # Bands of one crowd hold much the same documents: each crowd is walked in one order.
        for k, crowd in enumerate(crowds):
            order = orders[k % _ORDERS]
            found.append(_neighbours(crowd[np.argsort(order[crowd], kind="stable")], count))
    return merge(*found)


def by_shingles(reports: Sequence[Comparable]) -> Codes:
    """Documents that share rare shingles, however short the one and long the other.

    Bands miss a short excerpt of a long text, whose share of all shingles is small. A long text
    is indexed by those of its shingles whose hash ends in enough zero bits, a short one by all.
    """
    samples = [_sample(report) for report in reports]
    owners = np.repeat(np.arange(len(reports)), [len(sample) for sample in samples])
    keys = np.concatenate([*samples, np.zeros(0, np.uint32)]).astype(np.int64)
    return _groups(keys, owners, len(reports), least=3)[0]


def by_facts(reports: Sequence[Comparable]) -> Codes:
    """Documents that share two rare names, odd figures or dates."""
    keys: list[int] = []
    owners: list[int] = []
    for i, report in enumerate(reports):
        telling = [_number(fact) for fact in statements(report) if weight(fact) >= TELLING]
        keys += telling
        owners += [i] * len(telling)
    return _groups(np.array(keys, np.int64), np.array(owners, np.int64), len(reports), least=2)[0]


def _number(text: str) -> int:
    return int(xxhash.xxh64_intdigest(text.encode())) - (1 << 63)


def _sample(report: Comparable) -> Hashes:
    level = max(0, (len(report.unique) // SAMPLED).bit_length() - 1)
    kept: Hashes = report.unique[(report.unique & np.uint32((1 << level) - 1)) == 0]
    return kept


def _groups(keys: Keys, owners: Keys, count: int, *, least: int) -> tuple[Codes, list[Keys]]:
    """Pairs of documents with at least `least` keys in common, and the crowds left unpaired."""
    if len(keys) == 0:
        return np.zeros(0, np.int64), []
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sizes = np.diff(np.concatenate((starts, [len(keys)])))
    crowds = [owners[s : s + n] for s, n in zip(starts[sizes > CROWD], sizes[sizes > CROWD], strict=True)]
    batches: list[Codes] = []
    for size in range(2, CROWD + 1):
        at = starts[sizes == size]
        if len(at):
            members = owners[at[:, None] + np.arange(size)]
            left, right = np.triu_indices(size, 1)
            batches.append((members[:, left] * count + members[:, right]).ravel())
    if not batches:
        return np.zeros(0, np.int64), crowds
    codes, shared = np.unique(np.concatenate(batches), return_counts=True)
    return codes[shared >= least], crowds


def _neighbours(crowd: Keys, count: int) -> Codes:
    """Each document with the next few of a crowd."""
    pairs = [
        np.minimum(crowd[:-step], crowd[step:]) * count + np.maximum(crowd[:-step], crowd[step:])
        for step in range(1, min(NEIGHBOURS, len(crowd) - 1) + 1)
    ]
    return np.concatenate(pairs) if pairs else np.zeros(0, np.int64)


def _orders_by_facts(reports: Sequence[Comparable]) -> list[npt.NDArray[np.uint64]]:
    """Sort keys that are likely the same for documents that state the same facts."""
    orders = np.zeros((_ORDERS, len(reports)), np.uint64)
    for i, report in enumerate(reports):
        stated = [xxhash.xxh64_intdigest(v.encode()) for v in report.table if v[0] != "?"]
        if stated:
            facts = np.array(stated, np.uint64)
            for k in range(_ORDERS):
                mixed = np.sort((facts ^ np.uint64(0x9E37 * (k + 1))) * np.uint64(0xC2B2AE3D27D4EB4F))
                orders[k, i] = mixed[0]
    return list(orders)
