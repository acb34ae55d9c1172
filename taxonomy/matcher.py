"""The compiled taxonomy, used for every report: tags with their spans, and relevance."""

from dataclasses import dataclass

from core.report import TEXT, TITLE, Relevance, Span, Tag
from taxonomy.clean import Clean, clean
from taxonomy.facts import Facts
from taxonomy.gates import Gates
from taxonomy.hits import LEAD, Hits, scan
from taxonomy.identifiers import redact
from taxonomy.key import Key, make_key
from taxonomy.lexicon import Lexicon
from taxonomy.model import Taxonomy
from taxonomy.rules import judge
from taxonomy.scoring import Scored, score_tags

MOST_CHARACTERS = 500_000
"""Longer texts are matched up to here; nothing we watch comes near it."""

SALVADORAN = frozenset({"SV", "SLV"})
GOVERNMENT = "government"
DOCUMENT_TYPE = "document_type"
AFFECTED = ("group", "nationality")
AMERICAN = frozenset({"US", "USA"})
_ENGLISH = (" the ", " of ", " and ", " to ", " in ", " for ")
_SPANISH = (" de ", " la ", " el ", " que ", " en ", " por ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """What the taxonomy says of one text."""

    relevance: Relevance
    tags: tuple[Tag, ...]


class Matcher:
    """A taxonomy ready for use. Making one takes some 60 ms; `match` changes nothing in it."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self.lexicon = Lexicon(taxonomy)
        self._parents = {tag: taxonomy.parents_of(tag) for tag in taxonomy.tags}
        self._parent_tags = {
            (tag.id, confidence): Tag(
                id=tag.id, facet=tag.facet, score=0.0, confidence=confidence, rule="parent"
            )
            for tag in taxonomy.tags.values()
            for confidence in ("high", "low")
        }

    @property
    def version(self) -> str:
        """The version of the taxonomy, stored with every result."""
        return self.taxonomy.version

    def match(
        self,
        title: str,
        text: str,
        *,
        source_country: str | None = None,
        document_type: str | None = None,
        publisher_type: str | None = None,
    ) -> Matched:
        """Tags and relevance of a title and a text, whatever their language.

        `source_country` is the ISO code of the publisher: what a Salvadoran paper prints is about El
        Salvador unless it says otherwise. `document_type` is a tag id already decided, if any;
        `publisher_type` one of core.source.PublisherType.
        """
        fields = clean(title), clean(text[:MOST_CHARACTERS])
        facts = self.read(
            fields[0].text, fields[1].text, source_country=source_country, publisher_type=publisher_type
        )
        relevance = judge(facts)
        nobody = relevance.tier == "X" and not (facts.head("removal") and facts.head("us", "us_imm"))
        earned = self._out_of_scope(facts.tags) if nobody else facts.tags
        return Matched(relevance=relevance, tags=self._tags(earned, facts.hits, fields, document_type))

    def read(
        self,
        title: str,
        text: str,
        *,
        source_country: str | None = None,
        publisher_type: str | None = None,
    ) -> Facts:
        """What the relevance rules judge by, of a cleaned text: every earned tag and the gates."""
        raw = f"{title}\n{text}"
        key = make_key(raw)
        body = key.position(len(title) + 1)
        hits = scan(self.lexicon, key, raw, body, self._lead(key, raw, len(title) + 1))
        gates = Gates(self.lexicon, hits)
        country = (source_country or "").strip().upper()
        local = country in SALVADORAN
        if local and (self._in_head(gates, "sv") or not self._in_head(gates, "foreign")):
            places = ("sv",) if self._in_head(gates, "us", "us_imm") else ("sv", "sv_place")
            gates.assumed = frozenset(self.lexicon.gate_ids[name] for name in places)
        if self._implies_united_states(gates, country):
            gates.implied = frozenset({self.lexicon.gate_ids["us"]})
        scored = score_tags(self.lexicon, hits, gates)
        return Facts(
            lexicon=self.lexicon,
            hits=hits,
            gates=gates,
            tags={self.lexicon.tags[tag].id: result for tag, result in scored.items()},
            salvadoran_source=local,
            salvadoran_state=local and publisher_type == GOVERNMENT,
        )

    def redact(self, text: str) -> str:
        """The text with personal numbers blanked out, its length kept."""
        return redact(text, self.taxonomy.identifiers)

    def _out_of_scope(self, scored: dict[str, Scored]) -> dict[str, Scored]:
        """Of a report out of scope, the tags that do not say that somebody was affected."""
        facets = self.taxonomy.tags
        return {
            tag: result
            for tag, result in scored.items()
            if result.strong and facets[tag].facet not in AFFECTED
        }

    def _in_head(self, gates: Gates, *names: str) -> bool:
        return any(gates.in_head(self.lexicon.gate_ids[name]) for name in names)

    def _implies_united_states(self, gates: Gates, country: str) -> bool:
        """Whether immigration control with no country named can only be that of the United States.

        So it is with an American publisher, in English, in Spanish when the title speaks of it, and for
        a Salvadoran publisher when the title speaks of removal.
        """
        if country not in ("", *AMERICAN, *SALVADORAN) or self._in_head(gates, "us", "foreign"):
            return False
        if country in AMERICAN or _is_english(gates.hits.key.text):
            return self._in_head(gates, "imm_control", "removal")
        local = country in SALVADORAN and gates.in_title(self.lexicon.gate_ids["removal"])
        return local or gates.in_title(self.lexicon.gate_ids["imm_control"])

    def _lead(self, key: Key, raw: str, begin: int) -> int:
        """Where title and lead end in the key: 600 characters, or the whole first paragraph."""
        first = raw.find("\n", begin)
        paragraph = min(first if first >= 0 else len(raw), begin + 3 * LEAD)
        return key.position(max(begin + LEAD, paragraph))

    def _tags(
        self, scored: dict[str, Scored], hits: Hits, fields: tuple[Clean, Clean], document_type: str | None
    ) -> tuple[Tag, ...]:
        facets = self.taxonomy.tags
        kind = self._document_type(scored, document_type)
        found: dict[str, Tag] = {}
        for tag_id, result in scored.items():
            if facets[tag_id].facet != DOCUMENT_TYPE or tag_id == kind:
                found[tag_id] = Tag(
                    id=tag_id,
                    facet=facets[tag_id].facet,
                    score=result.score,
                    confidence="low" if result.low else "high",
                    rule="terms" if result.strong else "weak terms",
                    spans=tuple(_span(hits.key, start, end, fields) for start, end in result.spans),
                )
        if kind is not None and kind not in found:
            found[kind] = Tag(id=kind, facet=DOCUMENT_TYPE, score=0.0, confidence="high", rule="source")
        # A parent is as sure as its surest child, so the sure ones come first.
        for tag in sorted(found.values(), key=lambda tag: tag.confidence):
            for parent in self._parents[tag.id]:
                if parent not in found:
                    found[parent] = self._parent_tags[parent, tag.confidence]
        return tuple(sorted(found.values(), key=lambda tag: (-tag.score, tag.id)))

    def _document_type(self, scored: dict[str, Scored], decided: str | None) -> str | None:
        """The one document type: as the source says, else the clearest words in title or lead."""
        tags = self.taxonomy.tags
        if decided is not None and decided in tags:
            return decided
        clear = [
            (result.score, tag)
            for tag, result in scored.items()
            if tags[tag].facet == DOCUMENT_TYPE and (result.title or (result.head and result.score >= 4))
        ]
        return max(clear)[1] if clear else None


def _is_english(text: str) -> bool:
    start = text[:1_000]
    return sum(map(start.count, _ENGLISH)) > sum(map(start.count, _SPANISH))


def _span(key: Key, start: int, end: int, fields: tuple[Clean, Clean]) -> Span:
    title, text = fields
    begin, stop = key.original(start), key.original(end - 1) + 1
    body = len(title.text) + 1
    if begin < body - 1:
        begin, stop = title.original(begin, min(stop, body - 1))
        return Span(start=begin, end=stop, where=TITLE)
    begin, stop = text.original(begin - body, stop - body)
    return Span(start=begin, end=stop, where=TEXT)
