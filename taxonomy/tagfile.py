"""Reading one tag or one gate out of its YAML entry."""

from typing import Any

from taxonomy.model import GateDef, GateRule, Phrases, TagDef
from taxonomy.phrases import Lists, expand, read_cancel, read_phrases
from taxonomy.reading import Fields, Place

_DESCRIPTIVE = (
    "core", "coords", "place_type", "country", "iso", "as_of", "aliases_note", "crosswalk",
)  # fmt: skip


def read_gate(value: Any, lists: Lists, place: Place) -> tuple[GateDef, Place]:
    """A gate and where it stands."""
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


def read_tag(value: Any, facet: str, lists: Lists, place: Place) -> TagDef:
    """A tag of a facet."""
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
