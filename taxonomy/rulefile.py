"""Reading relevance.yaml, identifiers.yaml and examples.yaml."""

import re
from collections.abc import Mapping

from taxonomy.model import Example, Identifier, Negative, RelevanceRules, TagDef, Trap
from taxonomy.phrases import Lists, read_phrases
from taxonomy.reading import Fields

TIERS = ("A", "B", "C", "D", "X")


def read_relevance(fields: Fields, lists: Lists) -> RelevanceRules:
    """The sets of tags and the title rules."""
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


def read_identifiers(fields: Fields) -> tuple[Identifier, ...]:
    """The number patterns; each must compile and match its own example."""
    found = []
    for value in fields.entries("identifiers"):
        entry = Fields.of(value, fields.place)
        entry.place = fields.place.of(entry.text("id", required=True))
        pattern, example = entry.text("pattern", required=True), entry.text("example")
        try:
            matched = re.search(pattern, example, re.IGNORECASE)
        except re.error as error:
            raise entry.place.at("pattern").complain(str(error)) from None
        if example and not matched:
            raise entry.place.at("example").complain("is not matched by its own pattern")
        found.append(
            Identifier(
                id=entry.place.entry,
                pattern=pattern,
                means=entry.text("means"),
                needs=entry.text("needs") or None,
                redact=entry.flag("redact"),
            )
        )
        entry.finish()
    return tuple(found)


def read_examples(fields: Fields, tags: Mapping[str, TagDef]) -> tuple[tuple[Example, ...], tuple[Trap, ...]]:
    """The example headlines and the trap sentences."""
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
