"""Find the duplicate and same-event pairs of a set of documents in memory, for `amparo similar`.

Candidates come from three indexes (bands, sampled shingles, rare facts); `compare` judges each.
A key that too many documents share is a template's or a phrase's, and would pair all with all:
there only neighbours by facts are paired, since copies agree on their facts. Copies of copies are
then paired with each other, so that a large family of reprints is complete.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pipeline.fingerprint import fingerprint
from pipeline.similar_candidates import Codes, by_bands, by_digest, by_facts, by_shingles, merge
from pipeline.similarity import Comparable, Verdict, compare, unpack

FAMILY: Final = 200
"""Documents of one family of reprints up to which every pair of it is compared."""

OFTEN: Final = 8
"""A fact in more documents than this, and in more than `OFTEN_SHARE` of all, says nothing of an event."""

OFTEN_SHARE: Final = 0.05

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One text to compare. `id` is given back as it came."""

    id: object
    text: str
    title: str = ""
    published: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two documents that are not simply different; `a` came before `b`."""

    a: object
    b: object
    verdict: Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Sketched:
    """What is kept of a document while it waits to be compared; the text is not."""

    id: object
    published: datetime | None
    digest: str
    bands: tuple[int, ...]
    comparable: Comparable


def sketch(document: Document) -> Sketched:
    """Fingerprint one document."""
    made = fingerprint(document.title, document.text)
    return Sketched(
        id=document.id,
        published=document.published,
        digest=made.digest,
        bands=made.bands,
        comparable=unpack(made.comparable),
    )


def find_pairs(documents: Iterable[Document], *, progress: Progress | None = None) -> Iterator[Pair]:
    """Every pair that is not different, in the order of the first document, then of the second.

    `progress(done, total)` is called as comparisons are made. Deterministic. Time grows with the
    number of documents and of pairs found; memory by about 10 kB a document of 500 words.
    """
    sketches = [sketch(document) for document in documents]
    found = judge(sketches, candidates(sketches), progress)
    for first, second in sorted(found):
        yield Pair(a=sketches[first].id, b=sketches[second].id, verdict=found[first, second])


def candidates(sketches: Sequence[Sketched]) -> Codes:
    """Pairs worth comparing, each as `first * len(sketches) + second`, sorted."""
    reports = [one.comparable for one in sketches]
    return merge(
        by_digest([one.digest for one in sketches]),
        by_bands([one.bands for one in sketches], reports),
        by_shingles(reports),
        by_facts(reports),
    )


def judge(
    sketches: Sequence[Sketched], codes: Codes, progress: Progress | None = None
) -> dict[tuple[int, int], Verdict]:
    """Compare the candidates, then every two members of one family of reprints."""
    count = len(sketches)
    common = frequent_facts(sketches)
    found: dict[tuple[int, int], Verdict] = {}
    seen = set(codes.tolist())
    waiting = sorted(seen)
    done = 0
    while waiting:
        for code in waiting:
            first, second = divmod(code, count)
            verdict = _compare(sketches[first], sketches[second], common)
            if verdict.verdict != "different":
                found[first, second] = verdict
            done += 1
            if progress and (done % 256 == 0 or done == len(seen)):
                progress(done, len(seen))
        waiting = [code for code in _within_families(found, count) if code not in seen]
        seen.update(waiting)
    return found


def _compare(one: Sketched, two: Sketched, common: frozenset[str]) -> Verdict:
    apart = None
    if one.published and two.published:
        apart = (two.published - one.published).total_seconds() / 86_400
    return compare(one.comparable, two.comparable, days_apart=apart, common=common)


def frequent_facts(sketches: Sequence[Sketched]) -> frozenset[str]:
    """Facts that stand in so many of the documents that sharing one proves nothing."""
    counts = Counter(value for one in sketches for value in set(one.comparable.table))
    limit = max(OFTEN, OFTEN_SHARE * len(sketches))
    return frozenset(value for value, number in counts.items() if number > limit)


def _within_families(found: dict[tuple[int, int], Verdict], count: int) -> list[int]:
    """All pairs among documents linked by duplicates, for families that are not too large."""
    parent: dict[int, int] = {}

    def root(one: int) -> int:
        while parent.setdefault(one, one) != one:
            parent[one] = one = parent[parent[one]]
        return one

    for (first, second), verdict in found.items():
        if verdict.verdict == "duplicate":
            parent[root(second)] = root(first)
    families: dict[int, list[int]] = defaultdict(list)
    for one in sorted(parent):
        families[root(one)].append(one)
    return [
        first * count + second
        for members in families.values()
        if len(members) <= FAMILY
        for k, first in enumerate(members)
        for second in members[k + 1 :]
    ]
