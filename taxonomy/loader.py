"""Loads the YAML files into one checked Taxonomy; contradictions are errors naming file, entry and key."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from taxonomy.model import GateDef, TagDef, Taxonomy
from taxonomy.phrases import Lists, expand
from taxonomy.reading import Fields, Place, load_yaml
from taxonomy.references import check_references
from taxonomy.rulefile import read_examples, read_identifiers, read_relevance
from taxonomy.tagfile import read_gate, read_tag

FOLDER = Path(__file__).parent
FACETS = ("topic", "group", "nationality", "instrument", "document_type", "actor", "place")
OTHERS = ("words", "gates", "relevance", "identifiers", "examples")


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
    gates = _unique(
        read_gate(entry, lists, files["gates"].place) for entry in files["gates"].entries("gates")
    )
    files["gates"].finish()
    tags: dict[str, TagDef] = {}
    where: dict[str, str] = {}
    for facet in FACETS:
        for tag in _facet(files[facet], facet, lists):
            if tag.id in tags:
                raise Place(file=f"{facet}.yaml", entry=tag.id).complain(f"already in {where[tag.id]}")
            tags[tag.id], where[tag.id] = tag, f"{facet}.yaml"
    rules = read_relevance(files["relevance"], lists)
    check_references(tags, gates, rules, where)
    examples, traps = read_examples(files["examples"], tags)
    return Taxonomy(
        version=digest.hexdigest()[:12],
        tags=tags,
        gates=gates,
        relevance=rules,
        identifiers=read_identifiers(files["identifiers"]),
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


def _facet(fields: Fields, facet: str, lists: Lists) -> Iterable[TagDef]:
    if fields.text("facet", required=True) != facet:
        raise fields.place.at("facet").complain(f"expected {facet}")
    fields.labels("label")
    fields.flag("multi")
    for value in fields.entries("tags"):
        yield read_tag(value, facet, lists, fields.place)
    fields.finish()
