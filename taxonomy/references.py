"""Whether everything a tag, gate or rule names exists, and no tag is its own ancestor."""

from collections.abc import Container, Iterable, Mapping

from taxonomy.model import Cancel, GateDef, RelevanceRules, TagDef
from taxonomy.reading import Place
from taxonomy.rules import USED_GATES, USED_SETS


def check_references(
    tags: Mapping[str, TagDef],
    gates: Mapping[str, GateDef],
    rules: RelevanceRules,
    where: Mapping[str, str],
) -> None:
    """Raises TaxonomyError at the first name that leads nowhere. `where` is the file of each tag."""
    for tag in tags.values():
        place = Place(file=where[tag.id], entry=tag.id)
        _require(tag.parents, tags, "tag", place.at("parents"))
        _require(tag.requires_topic, tags, "tag", place.at("requires_topic"))
        _require((*tag.gate.all, *tag.gate.any), gates, "gate", place.at("gate"))
        _check_cancels(tag.cancel, tags, gates, place.at("exclude_near"))
        _check_cycle(tag.id, tags, place)
    for gate in gates.values():
        place = Place(file="gates.yaml", entry=gate.id)
        _require(gate.both, gates, "gate", place.at("both"))
        _check_cancels(gate.cancel, tags, gates, place.at("exclude_near"))
    place = Place(file="relevance.yaml")
    for name, members in rules.sets.items():
        _require(members, tags, "tag", place.of("sets").at(name))
    _require(rules.high_topics, tags, "tag", place.of("high_priority_topics"))
    _require(USED_SETS, rules.sets, "set", place.of("sets"))
    for negative in rules.negatives:
        _require(negative.unless_gate, gates, "gate", place.of(negative.id).at("unless_gate"))
    _require(USED_GATES, gates, "gate", Place(file="gates.yaml"))


def _require(names: Iterable[str], known: Container[str], kind: str, place: Place) -> None:
    for name in sorted(names):
        if name not in known:
            raise place.complain(f"no {kind} {name}")


def _check_cancels(
    cancels: Iterable[Cancel], tags: Container[str], gates: Container[str], place: Place
) -> None:
    for cancel in cancels:
        _require(filter(None, (cancel.instead,)), tags, "tag", place.at("instead"))
        _require(filter(None, (cancel.unless,)), gates, "gate", place.at("unless"))


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
