"""Finds the stored reports whose words an incoming one repeats, inside one writing transaction."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from core.report import Fingerprint
from db.sketches import Candidates, StoredSketch
from db.stores import Stores
from pipeline.decision import Match
from pipeline.similarity import Comparable, compare, unpack

log = logging.getLogger(__name__)

ROUND = 20
"""Candidates compared at once. More are looked at only while none of them is a repetition."""


class Wordings:
    """The store's fingerprints as one batch needs them, with those the batch itself adds."""

    def __init__(self, stores: Stores, asked: Sequence[Fingerprint]) -> None:
        self._stores = stores
        banded = [one for one in asked if one.bands]
        found = stores.sketches.candidates(banded)
        self._candidates: dict[tuple[int, ...], Candidates] = {
            one.bands: candidates for one, candidates in zip(banded, found, strict=True)
        }
        self._wordings = _wordings(stores, asked)
        first = [i for candidates in found for i in candidates.ids[:ROUND]]
        self._sketches: dict[int, StoredSketch] = stores.sketches.load([*first, *self._wordings.values()])
        self._added: dict[int, list[int]] = {}
        self._unpacked: dict[int, Comparable] = {}
        self._moved: dict[int, int] = {}
        self._warned = False

    def add(self, report_id: int, fingerprint: Fingerprint, *, original: int) -> None:
        """Let what the batch just stored be found by the items after it."""
        self._wordings.setdefault((fingerprint.version, fingerprint.digest), report_id)
        for band in fingerprint.bands:
            self._added.setdefault(band, []).append(report_id)
        self._unpacked.pop(report_id, None)
        self._sketches[report_id] = StoredSketch(
            report_id=report_id,
            version=fingerprint.version,
            comparable=fingerprint.comparable,
            original=original,
        )
        if original != report_id:
            self._moved[report_id] = original

    def matches(self, fingerprint: Fingerprint, *, but: int | None = None) -> list[Match]:
        """The originals of the stored reports that this one repeats. `but` is its own number."""
        found = self._same_wording(fingerprint, but)
        if found or not fingerprint.bands:
            return found
        mine: Comparable | None = None
        for ids in self._rounds(fingerprint):
            if not ids:
                continue
            self._load(ids)
            mine = mine or unpack(fingerprint.comparable)
            for report_id in ids:
                match = self._compare(mine, fingerprint.version, report_id, but)
                if match is not None:
                    found.append(match)
            if found:
                return found
        return []

    def _same_wording(self, fingerprint: Fingerprint, but: int | None) -> list[Match]:
        report_id = self._wordings.get((fingerprint.version, fingerprint.digest))
        sketch = self._sketches.get(report_id) if report_id is not None else None
        if not fingerprint.digest or sketch is None or self._original(sketch) == but or report_id == but:
            return []
        return [Match(of=self._original(sketch), score=1.0, reasons=("same wording",))]

    def _rounds(self, fingerprint: Fingerprint) -> Iterator[Sequence[int]]:
        """Numbers to compare with, those with most shared bands first, the batch's own at once."""
        shared = Counter(i for band in fingerprint.bands for i in self._added.get(band, ()))
        own = [i for i, _ in sorted(shared.items(), key=lambda pair: (-pair[1], pair[0]))]
        stored = self._candidates.get(fingerprint.bands, Candidates())
        yield [*own, *(i for i in stored.ids[:ROUND] if i not in shared)]
        for start in range(ROUND, len(stored.ids), ROUND):
            yield stored.ids[start : start + ROUND]
        if stored.found > len(stored.ids) and not self._warned:
            # Once a batch: thousands of documents from one template come together.
            self._warned = True
            counts = {"compared": len(stored.ids), "found": stored.found}
            log.warning("near-duplicate candidates left out", extra=counts)

    def _load(self, ids: Sequence[int]) -> None:
        missing = [i for i in ids if i not in self._sketches]
        if missing:
            self._sketches.update(self._stores.sketches.load(missing))

    def _compare(self, mine: Comparable, version: int, report_id: int, but: int | None) -> Match | None:
        sketch = self._sketches.get(report_id)
        if sketch is None or sketch.version != version or report_id == but:
            return None
        of = self._original(sketch)
        if of == but:
            return None
        theirs = self._unpacked.get(report_id)
        if theirs is None:
            theirs = self._unpacked[report_id] = unpack(sketch.comparable)
        verdict = compare(mine, theirs)
        if verdict.verdict != "duplicate":
            return None
        return Match(of=of, score=verdict.score, reasons=verdict.reasons)

    def _original(self, sketch: StoredSketch) -> int:
        of = sketch.original
        while of in self._moved:
            of = self._moved[of]
        return of


def _wordings(stores: Stores, asked: Sequence[Fingerprint]) -> dict[tuple[int, str], int]:
    versions: Mapping[int, list[str]] = {one.version: [] for one in asked}
    for one in asked:
        versions[one.version].append(one.digest)
    return {
        (version, digest): report_id
        for version, digests in versions.items()
        for digest, report_id in stores.reports.with_wording(digests, version).items()
    }
