"""Whether the taxonomy does what it says: every term fires, every example and trap holds.

Slower than loading (about a second), so tests and `amparo doctor` run it, not every process.
"""

from collections.abc import Iterator

from taxonomy.matcher import Matcher
from taxonomy.model import Phrases, TagDef, Taxonomy


def check_taxonomy(matcher: Matcher) -> list[str]:
    """Every fault found, each naming file and entry; an empty list means all is well."""
    return [*_silent_terms(matcher), *_failed_examples(matcher), *_failed_traps(matcher)]


def _silent_terms(matcher: Matcher) -> Iterator[str]:
    taxonomy = matcher.taxonomy
    for tag in taxonomy.tags.values():
        surroundings = _surroundings(tag, taxonomy)
        for phrase in _samples(tag.strong):
            if tag.id not in matcher.read("", f"{phrase}, {surroundings}").tags:
                yield f"{taxonomy.files[tag.id]}: {tag.id}: match: {phrase!r} does not fire"


def _surroundings(tag: TagDef, taxonomy: Taxonomy) -> str:
    """Words that meet every gate a tag asks for."""
    gates = (*tag.gate.all, *tag.gate.any[:1])
    words = [_gate_word(gate, taxonomy) for gate in gates]
    if tag.requires_topic:
        topic = taxonomy.tags[tag.requires_topic[0]]
        words += [next(_samples(topic.strong)), _surroundings(topic, taxonomy)]
    return ", ".join(words)


def _gate_word(gate: str, taxonomy: Taxonomy) -> str:
    word = next(_samples(taxonomy.gates[gate].phrases), None)
    if word is not None:
        return word
    return " ".join(_gate_word(other, taxonomy) for other in taxonomy.gates[gate].both)


def _samples(phrases: Phrases) -> Iterator[str]:
    """A wording that each term of the phrases must find."""
    for term in phrases.terms:
        yield sample(term)
    yield from phrases.acronyms
    for near in phrases.near:
        yield " ".join(sample(part[0]) for part in near.parts)


def sample(term: str) -> str:
    """A text that a term must match: `detenid*` in `detenidxx`, a lone star as one word."""
    words = term.removeprefix("=").split(" ")
    return " ".join("palabra" if word == "*" else word.replace("*", "xx") for word in words)


def _failed_examples(matcher: Matcher) -> Iterator[str]:
    for number, example in enumerate(matcher.taxonomy.examples, 1):
        matched = matcher.match(example.title, example.lead, source_country=example.source_country)
        if matched.relevance.tier not in example.expected:
            yield (
                f"examples.yaml: example {number}: {example.title!r} is {matched.relevance.tier}, "
                f"expected {' or '.join(example.expected)} ({'; '.join(matched.relevance.reasons)})"
            )


def _failed_traps(matcher: Matcher) -> Iterator[str]:
    for number, trap in enumerate(matcher.taxonomy.traps, 1):
        fired = trap.tag in {tag.id for tag in matcher.match("", trap.text).tags}
        if fired != trap.fires:
            problem = "fires" if fired else "does not fire"
            yield f"examples.yaml: trap {number}: {trap.tag} {problem} in {trap.text!r}"
