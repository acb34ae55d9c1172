"""Second step of matching: one scan of the key, every hit filed under what it counts for."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from taxonomy.key import Key
from taxonomy.lexicon import Lexicon, Uses
from taxonomy.near import MOST_SPANS, find_near
from taxonomy.terms import STEM, WHOLE, is_shouted, word_end

LEAD = 600
REACH = 350
BACKGROUND_SHARE = 0.3
BACKGROUND_FROM = 1_500
MOST_PARAGRAPH = 2_000

Span = tuple[int, int]


class Hit(NamedTuple):
    """A span of the key and the trigger (term, pair or pattern) that found it."""

    start: int
    end: int
    trigger: int


@dataclass(slots=True)
class Hits:
    """Everything found in one text, in key positions.

    `parts` are the words of pairs, `pairs` the pairs all of whose words occur somewhere (gates are
    already looked for; those of tags wait until somebody can use them).
    `body` is where the text begins in the key, `lead` where its first 600 characters (or its first
    paragraph, when longer) end; from `background` on the closing paragraphs of a long text count half.
    """

    key: Key
    raw: str
    body: int
    lead: int
    terms: dict[int, list[Span]] = field(default_factory=dict)
    strong: dict[int, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    weak: dict[int, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    gates: dict[int, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    negatives: dict[int, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    groups: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    background: int = 0
    parts: dict[int, list[Span]] = field(default_factory=dict)
    pairs: list[int] = field(default_factory=list)

    def paragraph(self, start: int, end: int) -> Span:
        """The reach of a gate around a span: its paragraph, at least 350 characters each way."""
        text = self.key.text
        low = text.rfind("\n", max(0, start - MOST_PARAGRAPH), start)
        high = text.find("\n", end, end + MOST_PARAGRAPH)
        low = max(low, start - MOST_PARAGRAPH)
        high = end + MOST_PARAGRAPH if high < 0 else high
        return min(low, start - REACH), max(high, end + REACH)


def overlaps(spans: list[Span], start: int, end: int, window: int = 0) -> bool:
    """Whether one of the sorted spans touches [start - window, end + window)."""
    if not spans:
        return False
    index = bisect_left(spans, (end + window, 0))
    # Spans are short and sorted by start: looking back a few is enough to meet the longest.
    return any(stop > start - window for _, stop in spans[max(0, index - 8) : index])


def scan(lexicon: Lexicon, key: Key, raw: str, body: int, lead: int) -> Hits:
    """All hits of a text. `raw` is the original (title, newline, text) that the key was made of."""
    hits = Hits(key=key, raw=raw, body=body, lead=lead)
    length = len(key.text) - body
    hits.background = len(key.text)
    if length > BACKGROUND_FROM:
        hits.background = body + int(length * (1 - BACKGROUND_SHARE))
    doubtful = _scan_terms(lexicon, hits)
    parts: dict[int, list[Span]] = defaultdict(list)
    for term, spans in hits.terms.items():
        uses = lexicon.uses[term]
        if uses.counts:
            _file(uses, [Hit(s, e, term) for s, e in spans], hits)
        for part in uses.parts:
            parts[part].extend(spans)
        for group in uses.groups:
            hits.groups[group].extend(spans)
    for spans in (*parts.values(), *hits.groups.values()):
        spans.sort()
    hits.pairs = list(lexicon.nears_with(parts))
    hits.parts = parts
    for number in hits.pairs:
        if lexicon.nears[number].uses.gates or lexicon.nears[number].uses.negatives:
            find_pair(lexicon, hits, number)
    first = len(lexicon.terms) + len(lexicon.nears)
    for number, start, end in lexicon.patterns.find(key.plain):
        hit = Hit(key.position(start), key.position(end), first + number)
        _file(lexicon.pattern_uses[number], [hit], hits)
    _admit_shouted(lexicon, hits, doubtful)
    return hits


def find_pair(lexicon: Lexicon, hits: Hits, number: int) -> None:
    """Look for one pair whose parts were all found, and file it."""
    near = lexicon.nears[number]
    parts = [hits.parts[part] for part in near.parts]
    found = find_near(parts, near.within, near.ordered, hits.key.text)
    if found:
        trigger = len(lexicon.terms) + number
        _file(near.uses, [Hit(start, end, trigger) for start, end in found], hits)


def _scan_terms(lexicon: Lexicon, hits: Hits) -> dict[int, list[Span]]:
    """Fill `hits.terms`; give back acronyms that stand among capitals."""
    key, raw = hits.key, hits.raw
    text = f"{key.text} "
    found, terms, owners = hits.terms, lexicon.terms, lexicon.owners
    doubtful: dict[int, list[Span]] = defaultdict(list)
    for needle, start, end in lexicon.automaton.find_matches_as_indexes(key.text, overlapping=True):
        for index, form in owners[needle]:
            if form == WHOLE:
                if text[end].isalnum():
                    continue
                span = (start + 1, end)
            elif form == STEM:
                span = (start + 1, word_end(text, end))
            else:
                confirmed = terms[index].confirm(key, raw, start, end)
                if confirmed is None:
                    continue
                span = confirmed
                if terms[index].acronym and is_shouted(raw, *map(key.original, span)):
                    doubtful[index].append(span)
                    continue
            spans = found.get(index)
            if spans is None:
                found[index] = [span]
            elif len(spans) < MOST_SPANS and spans[-1] != span:
                spans.append(span)
    return doubtful


def _file(uses: Uses, found: list[Hit], hits: Hits) -> None:
    for tag in uses.strong:
        hits.strong[tag].extend(found)
    for tag in uses.weak:
        hits.weak[tag].extend(found)
    for gate in uses.gates:
        hits.gates[gate].extend(found)
    for negative in uses.negatives:
        hits.negatives[negative].extend(found)


def _admit_shouted(lexicon: Lexicon, hits: Hits, doubtful: dict[int, list[Span]]) -> None:
    """An acronym among capitals counts only beside a word of migration or removal."""
    if not doubtful:
        return
    beside = sorted(
        (hit.start, hit.end)
        for name in ("imm", "removal")
        for hit in hits.gates.get(lexicon.gate_ids[name], ())
    )
    for term, spans in doubtful.items():
        kept = [span for span in spans if overlaps(beside, *span, window=150)]
        if kept:
            hits.terms.setdefault(term, []).extend(kept)
            _file(lexicon.uses[term], [Hit(s, e, term) for s, e in kept], hits)
