"""What the YAML files say, as values: tags, gates, word lists, relevance, examples."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Near:
    """Words that mean something together: `parts` in one sentence, each within `within` characters.

    A part is a tuple of terms, of which one must occur. With `ordered` they follow each other as
    written, otherwise in any order.
    """

    parts: tuple[tuple[str, ...], ...]
    within: int = 60
    ordered: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrases:
    """Everything that can hit: terms of both languages, acronyms, regular expressions, pairs."""

    terms: tuple[str, ...] = ()
    acronyms: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    near: tuple[Near, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Cancel:
    """A hit is cancelled when one of `terms` lies within `window` characters.

    `hits` limits it to hits of those terms; `unless` names a gate that rescues the hit when it is
    met in the same window; `instead` names a tag that takes the cancelled hit.
    """

    terms: tuple[str, ...]
    window: int
    hits: tuple[str, ...] = ()
    unless: str | None = None
    instead: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GateRule:
    """Which gates a hit needs: every one of `all`, one of `any`. Strong terms only with `strong`."""

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    strong: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class TagDef:
    """One tag as its facet file describes it."""

    id: str
    facet: str
    label: Mapping[str, str]
    definition: Mapping[str, str]
    parents: tuple[str, ...] = ()
    abstract: bool = False
    strong: Phrases = Phrases()
    weak: Phrases = Phrases()
    gate: GateRule = GateRule()
    requires_topic: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    cancel: tuple[Cancel, ...] = ()
    notes: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GateDef:
    """A named condition on the surroundings of a hit, also met where all gates of `both` are."""

    id: str
    about: str
    phrases: Phrases
    both: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    cancel: tuple[Cancel, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Negative:
    """A title that takes a report out of scope (`effect` X) or down to context (D)."""

    id: str
    about: str
    effect: str
    phrases: Phrases
    unless_gate: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RelevanceRules:
    """The tag sets and title rules that decide a tier."""

    sets: Mapping[str, frozenset[str]]
    negatives: tuple[Negative, ...]
    high_topics: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """An invented headline and lead with the tier (or tiers) it must get."""

    title: str
    lead: str
    expected: tuple[str, ...]
    source_country: str | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trap:
    """A sentence in which a tag must not fire (or, with `fires`, must)."""

    text: str
    tag: str
    fires: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Identifier:
    """A number worth keeping (docket, decree, resolution). `redact`: never stored, only blanked."""

    id: str
    pattern: str
    means: str
    needs: str | None = None
    redact: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Taxonomy:
    """The whole taxonomy. `version` is a short hash of its files."""

    version: str
    tags: Mapping[str, TagDef]
    gates: Mapping[str, GateDef]
    relevance: RelevanceRules
    identifiers: tuple[Identifier, ...] = ()
    examples: tuple[Example, ...] = ()
    traps: tuple[Trap, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    def parents_of(self, tag_id: str) -> tuple[str, ...]:
        """Every ancestor of a tag, the nearest first."""
        found: list[str] = []
        queue = list(self.tags[tag_id].parents)
        while queue:
            parent = queue.pop(0)
            if parent not in found:
                found.append(parent)
                queue.extend(self.tags[parent].parents)
        return tuple(found)
