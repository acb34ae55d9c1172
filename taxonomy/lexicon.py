"""Compiles a Taxonomy into one automaton: every phrase once, with everything that uses it."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from taxonomy.key import make_key
from taxonomy.model import Cancel, GateRule, Near, Phrases, Taxonomy
from taxonomy.patterns import PatternSet
from taxonomy.terms import Term, compile_acronym, compile_term

NAME_FACETS = ("actor", "instrument", "place")


@dataclass(slots=True)
class Uses:
    """Who uses a term: indexes of tags, gates, negatives, parts of pairs, groups of cancelling words.

    `counts`: whether a tag, gate or negative uses it.
    """

    strong: list[int] = field(default_factory=list)
    weak: list[int] = field(default_factory=list)
    gates: list[int] = field(default_factory=list)
    negatives: list[int] = field(default_factory=list)
    parts: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    counts: bool = False


@dataclass(slots=True)
class NearUse:
    """A pair of words and who uses it. `parts` are indexes of part lists."""

    parts: tuple[int, ...]
    within: int
    ordered: bool
    uses: Uses = field(default_factory=Uses)


@dataclass(frozen=True, slots=True)
class CancelUse:
    """A compiled exclude_near rule: `group` is the list of cancelling words."""

    group: int
    window: int
    hits: frozenset[int]
    unless: int | None
    instead: int | None


@dataclass(slots=True)
class Subject:
    """What the engine needs of a tag or gate."""

    id: str
    facet: str = ""
    rule: GateRule = field(default_factory=lambda: GateRule(strong=False))
    all: tuple[int, ...] = ()
    any: tuple[int, ...] = ()
    exclude: int | None = None
    cancel: tuple[CancelUse, ...] = ()
    requires: tuple[int, ...] = ()
    parents: tuple[int, ...] = ()


class Lexicon:
    """The compiled taxonomy. `terms[i]` is used by `uses[i]`; needle j belongs to `owners[j]`.

    Terms, patterns and pairs share one numbering of "triggers": what counts once in a score.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self.terms: list[Term] = []
        self.uses: list[Uses] = []
        self.nears: list[NearUse] = []
        self.patterns = PatternSet()
        self.pattern_uses: list[Uses] = []
        self._term_ids: dict[tuple[str, bool], int] = {}
        self._part_ids: dict[tuple[str, ...], int] = {}
        self._group_ids: dict[tuple[str, ...], int] = {}
        self._near_ids: dict[Near, int] = {}
        self._pattern_ids: dict[str, int] = {}
        self.gate_ids = {gate: index for index, gate in enumerate(taxonomy.gates)}
        self.tag_ids = {tag: index for index, tag in enumerate(taxonomy.tags)}
        self.gates = [self._gate(gate) for gate in taxonomy.gates]
        self.tags = [self._tag(tag_id) for tag_id in taxonomy.tags]
        for index, negative in enumerate(taxonomy.relevance.negatives):
            self._add(negative.phrases, "negatives", index)
        self.patterns.compile()
        self._build()
        self.masks = self._find_masks()

    def _gate(self, gate_id: str) -> Subject:
        gate = self.taxonomy.gates[gate_id]
        self._add(gate.phrases, "gates", self.gate_ids[gate_id])
        subject = Subject(id=gate_id, exclude=self._group(gate.exclude))
        subject.cancel = tuple(self._cancel(cancel) for cancel in gate.cancel)
        subject.all = tuple(self.gate_ids[other] for other in gate.both)
        return subject

    def _tag(self, tag_id: str) -> Subject:
        tag = self.taxonomy.tags[tag_id]
        index = self.tag_ids[tag_id]
        self._add(tag.strong, "strong", index)
        self._add(tag.weak, "weak", index)
        return Subject(
            id=tag_id,
            facet=tag.facet,
            rule=tag.gate,
            all=tuple(self.gate_ids[gate] for gate in tag.gate.all),
            any=tuple(self.gate_ids[gate] for gate in tag.gate.any),
            exclude=self._group(tag.exclude),
            cancel=tuple(self._cancel(cancel) for cancel in tag.cancel),
            requires=tuple(self.tag_ids[topic] for topic in tag.requires_topic),
            parents=tuple(self.tag_ids[parent] for parent in self.taxonomy.parents_of(tag_id)),
        )

    def _cancel(self, cancel: Cancel) -> CancelUse:
        group = self._group(cancel.terms)
        assert group is not None
        hits = {self._term(hit, acronym) for hit in cancel.hits for acronym in (False, True)
                if (hit, acronym) in self._term_ids}  # fmt: skip
        return CancelUse(
            group=group,
            window=cancel.window,
            hits=frozenset(hits),
            unless=self.gate_ids[cancel.unless] if cancel.unless else None,
            instead=self.tag_ids[cancel.instead] if cancel.instead else None,
        )

    def _add(self, phrases: Phrases, role: str, owner: int) -> None:
        for source in phrases.terms:
            getattr(self.uses[self._term(source, False)], role).append(owner)
        for source in phrases.acronyms:
            getattr(self.uses[self._term(source, True)], role).append(owner)
        for pattern in phrases.patterns:
            if pattern not in self._pattern_ids:
                self._pattern_ids[pattern] = self.patterns.add(pattern)
                self.pattern_uses.append(Uses())
            getattr(self.pattern_uses[self._pattern_ids[pattern]], role).append(owner)
        for near in phrases.near:
            getattr(self.nears[self._near(near)].uses, role).append(owner)

    def _term(self, source: str, acronym: bool) -> int:
        known = self._term_ids.get((source, acronym))
        if known is not None:
            return known
        self._term_ids[source, acronym] = len(self.terms)
        self.terms.append(compile_acronym(source) if acronym else compile_term(source))
        self.uses.append(Uses())
        return len(self.terms) - 1

    def _group(self, terms: tuple[str, ...]) -> int | None:
        if not terms:
            return None
        if terms not in self._group_ids:
            self._group_ids[terms] = len(self._group_ids)
            for source in terms:
                self.uses[self._term(source, False)].groups.append(self._group_ids[terms])
        return self._group_ids[terms]

    def _near(self, near: Near) -> int:
        if near in self._near_ids:
            return self._near_ids[near]
        parts = []
        for part in near.parts:
            if part not in self._part_ids:
                self._part_ids[part] = len(self._part_ids)
                for source in part:
                    self.uses[self._term(source, False)].parts.append(self._part_ids[part])
            parts.append(self._part_ids[part])
        self._near_ids[near] = len(self.nears)
        self.nears.append(NearUse(parts=tuple(parts), within=near.within, ordered=near.ordered))
        return len(self.nears) - 1

    def _build(self) -> None:
        needles: dict[str, list[int]] = {}
        for index, term in enumerate(self.terms):
            for needle in term.needles:
                needles.setdefault(needle, []).append(index)
        self.owners = [tuple((term, self.terms[term].form) for term in owners) for owners in needles.values()]
        for uses in self.uses:
            uses.counts = bool(uses.strong or uses.weak or uses.gates or uses.negatives)
        sizes = {part: len(terms) for terms, part in self._part_ids.items()}
        self._nears_by_part: dict[int, list[int]] = {}
        for number, near in enumerate(self.nears):
            self._nears_by_part.setdefault(min(near.parts, key=lambda part: sizes[part]), []).append(number)
        self.automaton = AhoCorasick(
            list(needles),
            matchkind=MatchKind.Standard,
            store_patterns=False,
            implementation=Implementation.ContiguousNFA,
        )

    def nears_with(self, parts: Container[int]) -> Iterator[int]:
        """The pairs all of whose parts were found, looked up by their rarest part."""
        for part, numbers in self._nears_by_part.items():
            if part in parts:
                for number in numbers:
                    if all(other in parts for other in self.nears[number].parts):
                        yield number

    def _find_masks(self) -> frozenset[int]:
        """Terms of names (of bodies, laws, places) that hold a topic's phrase inside them."""
        found = set()
        for index, term in enumerate(self.terms):
            uses = self.uses[index]
            if not any(self.tags[tag].facet in NAME_FACETS for tag in uses.strong) or " " not in term.source:
                continue
            key = make_key(term.source.replace("*", ""))
            for needle, start, end in self.automaton.find_matches_as_indexes(key.text, overlapping=True):
                inside = end - start < len(key.text) - 1
                if inside and any(self._is_topic(owner) for owner, _ in self.owners[needle]):
                    found.add(index)
        return frozenset(found)

    def _is_topic(self, term: int) -> bool:
        owners = (*self.uses[term].strong, *self.uses[term].weak)
        return any(self.tags[tag].facet in ("topic", "group") for tag in owners)
