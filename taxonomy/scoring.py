"""Fourth step of matching: the hits of each tag, less the false ones, become a score and spans."""

from collections import defaultdict
from typing import NamedTuple

from taxonomy.gates import Gates, admitted, is_cancelled
from taxonomy.hits import Hit, Hits, Span, find_pair
from taxonomy.lexicon import Lexicon

TITLE_POINTS, LEAD_POINTS, BODY_POINTS = 3.0, 2.0, 1.0
WEAK_SHARE = 0.5
THRESHOLD = 1.0
LATE = 3_000
MOST_TAG_SPANS = 40


class Scored(NamedTuple):
    """A tag that was earned. `weighed` is the score with the closing background at half weight.

    `head` says whether a hit stands in title or lead, `title` whether one stands in the title.
    """

    tag: int
    score: float
    weighed: float
    title: bool
    head: bool
    strong: bool
    low: bool
    spans: tuple[Span, ...]


def score_tags(lexicon: Lexicon, hits: Hits, gates: Gates) -> dict[int, Scored]:
    """Every tag of the text with its score, parents not included."""
    strong: dict[int, list[Hit]] = {}
    weak: dict[int, list[Hit]] = {}
    moved: dict[int, list[Hit]] = defaultdict(list)
    names = _names(lexicon, hits)
    _find_pairs(lexicon, hits, gates)
    for tag in {**hits.strong, **hits.weak}:
        subject = lexicon.tags[tag]
        for found, kept, is_weak in ((hits.strong, strong, False), (hits.weak, weak, True)):
            spans = found.get(tag)
            if not spans:
                continue
            for cancel in subject.cancel:
                if cancel.instead is not None:
                    moved[cancel.instead] += [h for h in spans if is_cancelled(h, cancel, hits, gates)]
            if not is_weak and not gates.possible(subject):
                continue
            spans = admitted(spans, subject, hits, gates)
            if names and subject.facet in ("topic", "group"):
                spans = [hit for hit in spans if not _is_masked(hit, names, tag)]
            spans = gates.allowed(spans, subject, weak=is_weak)
            if spans:
                kept[tag] = spans
    for tag, spans in moved.items():
        if spans:
            strong.setdefault(tag, []).extend(spans)
    scored: dict[int, Scored] = {}
    for tag in {**strong, **weak}:
        result = _score(tag, strong.get(tag, []), weak.get(tag, []), hits)
        if result is not None:
            scored[tag] = result
    return {
        tag: result
        for tag, result in scored.items()
        if not (requires := lexicon.tags[tag].requires) or any(topic in scored for topic in requires)
    }


def _find_pairs(lexicon: Lexicon, hits: Hits, gates: Gates) -> None:
    """Look for the pairs of those tags whose gates can be met."""
    possible: dict[int, bool] = {}
    for number in hits.pairs:
        for tag in (*lexicon.nears[number].uses.strong, *lexicon.nears[number].uses.weak):
            if tag not in possible:
                possible[tag] = gates.possible(lexicon.tags[tag])
            if possible[tag]:
                find_pair(lexicon, hits, number)
                break


def _names(lexicon: Lexicon, hits: Hits) -> list[tuple[int, int, tuple[int, ...]]]:
    """Spans of names that hold topic words, with the tags that own the name."""
    return [
        (start, end, tuple(lexicon.uses[term].strong))
        for term in hits.terms
        if term in lexicon.masks
        for start, end in hits.terms[term]
    ]


def _is_masked(hit: Hit, names: list[tuple[int, int, tuple[int, ...]]], tag: int) -> bool:
    return any(
        start <= hit.start and hit.end <= end and tag not in owners and (start, end) != (hit.start, hit.end)
        for start, end, owners in names
    )


def _score(tag: int, strong: list[Hit], weak: list[Hit], hits: Hits) -> Scored | None:
    best: dict[int, tuple[float, float]] = {}
    body, lead, background = hits.body, hits.lead, hits.background
    for share, found in ((1.0, strong), (WEAK_SHARE, weak)):
        for start, _, trigger in found:
            if start >= lead:
                full = BODY_POINTS * share
                points = (full, full / 2 if start >= background else full)
            else:
                full = (LEAD_POINTS if start >= body else TITLE_POINTS) * share
                points = (full, full)
            known = best.get(trigger)
            if known is None or points > known:
                best[trigger] = points
    score = weighed = 0.0
    for full, part in best.values():
        score += full
        weighed += part
    if score < THRESHOLD:
        return None
    spans = _joined(sorted({(start, end) for start, end, _ in (*strong, *weak)}))
    first = spans[0][0]
    late = first >= body + LATE and len(spans) == 1
    return Scored(
        tag,
        score,
        weighed,
        first < body,
        first < lead,
        bool(strong),
        late or weighed < THRESHOLD,
        tuple(spans),
    )


def _joined(spans: list[Span]) -> list[Span]:
    """The first 40 of the sorted spans, those that overlap joined into one."""
    if len(spans) == 1:
        return spans
    kept: list[Span] = []
    for start, end in spans:
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept[:MOST_TAG_SPANS]
