"""Loads the YAML files into one checked Taxonomy; contradictions are errors naming file, entry and key."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core.errors import TaxonomyError
from taxonomy.model import (
    Example,
    GateDef,
    GateRule,
    Identifier,
    Negative,
    Phrases,
    RelevanceRules,
    TagDef,
    Taxonomy,
    Trap,
)
from taxonomy.phrases import Lists, expand, read_cancel, read_phrases
from taxonomy.reading import Fields, Place, load_yaml

FOLDER = Path(__file__).parent
FACETS = ("topic", "group", "nationality", "instrument", "document_type", "actor", "place")
OTHERS = ("words", "gates", "relevance", "identifiers", "examples")
_DESCRIPTIVE = (
    "core",
    "notes",
    "coords",
    "place_type",
    "country",
    "iso",
    "as_of",
    "aliases_note",
    "crosswalk",
)
TIERS = ("A", "B", "C", "D", "X")


def load_taxonomy(folder: Path | None = None) -> Taxonomy:
    """The taxonomy of a folder, by default the packaged one.

    Raises TaxonomyError naming file, entry and key. Structure is checked here; whether every term
    fires and every example holds is checked by `taxonomy.check.check_taxonomy`, which takes longer.
    """
    folder = folder or FOLDER
    digest = hashlib.sha256()
    files: dict[str, Fields] = {}
    for name in (*OTHERS, *FACETS):
        value, raw = load_yaml(folder / f"{name}.yaml")
        files[name] = Fields.of(value, Place(file=f"{name}.yaml"))
        digest.update(raw)
    lists = _word_lists(files["words"])
    gates = _unique(_gate(entry, lists, files["gates"].place) for entry in files["gates"].entries("gates"))
    files["gates"].finish()
    tags: dict[str, TagDef] = {}
    where: dict[str, str] = {}
    for facet in FACETS:
        for tag in _facet(files[facet], facet, lists):
            if tag.id in tags:
                raise Place(file=f"{facet}.yaml", entry=tag.id).complain(f"already in {where[tag.id]}")
            tags[tag.id], where[tag.id] = tag, f"{facet}.yaml"
    rules = _relevance(files["relevance"], lists)
    _check_references(tags, gates, rules, where)
    examples, traps = _examples(files["examples"], tags)
    return Taxonomy(
        version=digest.hexdigest()[:12],
        tags=tags,
        gates=gates,
        relevance=rules,
        identifiers=_identifiers(files["identifiers"]),
        examples=examples,
        traps=traps,
        files=where,
    )


def _word_lists(fields: Fields) -> Lists:
    lists: dict[str, tuple[str, ...]] = {}
    for name, words in fields.value.items():
        # A list may draw on lists above it, so the order of the file matters.
        terms = Fields({"words": words}, fields.place.of(str(name))).texts("words")
        lists[str(name)] = expand(terms, lists, fields.place.of(str(name)))
    return lists


def _unique(gates: Iterable[tuple[GateDef, Place]]) -> dict[str, GateDef]:
    found: dict[str, GateDef] = {}
    for gate, place in gates:
        if gate.id in found:
            raise place.complain("defined twice")
        found[gate.id] = gate
    return found


def _gate(value: Any, lists: Lists, place: Place) -> tuple[GateDef, Place]:
    fields = Fields.of(value, place)
    place = place.of(fields.text("id", required=True))
    fields.place = place
    gate = GateDef(
        id=place.entry,
        about=fields.text("about"),
        phrases=read_phrases(fields, lists),
        both=fields.texts("both"),
        exclude=expand(fields.texts("exclude"), lists, place.at("exclude")),
        cancel=tuple(
            read_cancel(item, lists, place.at("exclude_near")) for item in fields.entries("exclude_near")
        ),
    )
    fields.finish("notes")
    return gate, place


def _facet(fields: Fields, facet: str, lists: Lists) -> Iterable[TagDef]:
    if fields.text("facet", required=True) != facet:
        raise fields.place.at("facet").complain(f"expected {facet}")
    fields.labels("label")
    fields.flag("multi")
    for value in fields.entries("tags"):
        yield _tag(value, facet, lists, fields.place)
    fields.finish()


def _tag(value: Any, facet: str, lists: Lists, place: Place) -> TagDef:
    fields = Fields.of(value, place)
    place = place.of(fields.text("id", required=True))
    fields.place = place
    strong, weak = Phrases(), Phrases()
    if fields.get("match") is not None:
        match = Fields.of(fields.get("match"), place.at("match"))
        strong = read_phrases(match, lists)
        if match.get("weak") is not None:
            inner = Fields.of(match.get("weak"), place.at("match.weak"))
            weak = read_phrases(inner, lists)
            inner.finish()
        match.finish()
    tag = TagDef(
        id=place.entry,
        facet=facet,
        label=fields.labels("label"),
        definition=fields.labels("definition"),
        parents=fields.texts("parents"),
        abstract=fields.flag("abstract"),
        strong=strong,
        weak=weak,
        gate=_gate_rule(fields),
        requires_topic=fields.texts("requires_topic"),
        exclude=expand(fields.texts("exclude"), lists, place.at("exclude")),
        cancel=tuple(
            read_cancel(item, lists, place.at("exclude_near")) for item in fields.entries("exclude_near")
        ),
        notes=fields.text("notes"),
    )
    fields.finish(*_DESCRIPTIVE)
    if not tag.abstract and strong == Phrases() and weak == Phrases():
        raise place.at("match").complain("nothing to match, and not abstract")
    return tag


def _gate_rule(fields: Fields) -> GateRule:
    value = fields.get("gate")
    if value is None:
        return GateRule(strong=False)
    inner = Fields.of(value, fields.place.at("gate"))
    applies = inner.text("applies_to") or "all"
    if applies not in ("all", "weak"):
        raise inner.place.at("applies_to").complain("expected all or weak")
    rule = GateRule(all=inner.texts("all"), any=inner.texts("any"), strong=applies == "all")
    inner.finish()
    return rule


def _relevance(fields: Fields, lists: Lists) -> RelevanceRules:
    sets = Fields.of(fields.get("sets"), fields.place.at("sets"))
    named = {str(name): frozenset(sets.texts(str(name))) for name in sets.value}
    negatives = []
    for value in fields.entries("negatives"):
        entry = Fields.of(value, fields.place.at("negatives"))
        entry.place = fields.place.of(entry.text("id", required=True))
        effect = entry.text("effect", required=True)
        if effect not in ("D", "X"):
            raise entry.place.at("effect").complain("expected D or X")
        about, unless = entry.text("about"), entry.texts("unless_gate")
        phrases = read_phrases(entry, lists)
        entry.finish()
        negatives.append(
            Negative(id=entry.place.entry, about=about, effect=effect, phrases=phrases, unless_gate=unless)
        )
    rules = RelevanceRules(
        sets=named, negatives=tuple(negatives), high_topics=frozenset(fields.texts("high_priority_topics"))
    )
    fields.finish("about", "tiers")
    return rules


def _identifiers(fields: Fields) -> tuple[Identifier, ...]:
    found = []
    for value in fields.entries("identifiers"):
        entry = Fields.of(value, fields.place)
        entry.place = fields.place.of(entry.text("id", required=True))
        found.append(
            Identifier(
                id=entry.place.entry,
                pattern=entry.text("pattern", required=True),
                means=entry.text("means"),
                needs=entry.text("needs") or None,
                redact=entry.flag("redact"),
            )
        )
        entry.finish("example")
    return tuple(found)


def _examples(fields: Fields, tags: Mapping[str, TagDef]) -> tuple[tuple[Example, ...], tuple[Trap, ...]]:
    examples = []
    for number, value in enumerate(fields.entries("examples"), 1):
        entry = Fields.of(value, fields.place.of(f"example {number}"))
        expected = tuple(entry.text("expected", required=True))
        if not set(expected) <= set(TIERS):
            raise entry.place.at("expected").complain(f"expected letters of {''.join(TIERS)}")
        examples.append(
            Example(
                title=entry.text("title", required=True),
                lead=entry.text("lead"),
                expected=expected,
                source_country=entry.text("source_country") or None,
                why=entry.text("why"),
            )
        )
        entry.finish("lang")
    traps = []
    for number, value in enumerate(fields.entries("traps"), 1):
        entry = Fields.of(value, fields.place.of(f"trap {number}"))
        trap = Trap(
            text=entry.text("text", required=True),
            tag=entry.text("tag", required=True),
            fires=entry.flag("fires"),
        )
        if trap.tag not in tags:
            raise entry.place.at("tag").complain(f"no tag {trap.tag}")
        entry.finish("why")
        traps.append(trap)
    return tuple(examples), tuple(traps)


def _check_references(
    tags: Mapping[str, TagDef],
    gates: Mapping[str, GateDef],
    rules: RelevanceRules,
    where: Mapping[str, str],
) -> None:
    for tag in tags.values():
        place = Place(file=where[tag.id], entry=tag.id)
        for parent in tag.parents:
            if parent not in tags:
                raise place.at("parents").complain(f"no tag {parent}")
        for topic in (*tag.requires_topic, *(c.instead for c in tag.cancel if c.instead)):
            if topic not in tags:
                raise place.complain(f"no tag {topic}")
        rescues = tuple(cancel.unless for cancel in tag.cancel if cancel.unless)
        for gate in (*tag.gate.all, *tag.gate.any, *rescues):
            if gate not in gates:
                raise place.at("gate").complain(f"no gate {gate}")
        _check_cycle(tag.id, tags, place)
    for name, members in rules.sets.items():
        for tag_id in members:
            if tag_id not in tags:
                raise Place(file="relevance.yaml", entry="sets", key=name).complain(f"no tag {tag_id}")
    for negative in rules.negatives:
        for gate in negative.unless_gate:
            if gate not in gates:
                raise Place(file="relevance.yaml", entry=negative.id).complain(f"no gate {gate}")


def _check_cycle(start: str, tags: Mapping[str, TagDef], place: Place) -> None:
    seen: set[str] = set()
    queue = list(tags[start].parents)
    while queue:
        current = queue.pop()
        if current == start:
            raise place.at("parents").complain("is its own ancestor")
        if current not in seen and current in tags:
            seen.add(current)
            queue.extend(tags[current].parents)


__all__ = ["TaxonomyError", "load_taxonomy"]
