"""Third step of matching: gates, decided over the hits, each only when somebody asks."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

from taxonomy.hits import Hit, Hits, Span, overlaps
from taxonomy.lexicon import CancelUse, Lexicon, Subject

ENOUGH_PLACES = 3


def admitted(found: list[Hit], subject: Subject, hits: Hits, gates: "Gates") -> list[Hit]:
    """The hits that neither an exclusion covers nor a nearby word cancels."""
    if subject.exclude is not None and (excluded := hits.groups.get(subject.exclude)):
        found = [hit for hit in found if not overlaps(excluded, hit.start, hit.end)]
    for cancel in subject.cancel:
        found = [hit for hit in found if not is_cancelled(hit, cancel, hits, gates)]
    return found


def is_cancelled(hit: Hit, cancel: CancelUse, hits: Hits, gates: "Gates") -> bool:
    """Whether a cancelling word is near and no gate in the same window rescues the hit."""
    if cancel.hits and hit.trigger not in cancel.hits:
        return False
    words = hits.groups.get(cancel.group)
    if not words or not overlaps(words, hit.start, hit.end, cancel.window):
        return False
    if cancel.unless is None:
        return True
    rescue = gates.spans(cancel.unless)
    return not overlaps(rescue, hit.start, hit.end, cancel.window)


@dataclass(slots=True)
class Gates:
    """The gates of one text.

    `assumed` gates hold everywhere (the country of the source); `implied` ones count, besides, as
    met in title and lead (the United States, where no other country is named).
    """

    lexicon: Lexicon
    hits: Hits
    assumed: frozenset[int] = frozenset()
    implied: frozenset[int] = frozenset()
    _known: dict[int, list[Span]] = field(default_factory=dict)
    _throughout: dict[int, bool] = field(default_factory=dict)

    def spans(self, gate: int) -> list[Span]:
        """Where the gate's own words stand, sorted."""
        known = self._known.get(gate)
        if known is None:
            found = self.hits.gates.get(gate)
            if found:
                found = admitted(found, self.lexicon.gates[gate], self.hits, self)
            known = sorted((hit.start, hit.end) for hit in found or ())
            self._known[gate] = known
        return known

    def near(self, gate: int, start: int, end: int) -> bool:
        """Whether the gate is met in the paragraph of a span, or within 350 characters."""
        if gate in self.assumed or gate in self.implied:
            return True
        if spans := self.spans(gate):
            low, high = self.hits.paragraph(start, end)
            index = bisect_left(spans, (low, 0))
            if index < len(spans) and spans[index][0] < high:
                return True
        both = self.lexicon.gates[gate].all
        return bool(both) and all(self.near(other, start, end) for other in both)

    def in_head(self, gate: int) -> bool:
        """Whether the gate is met in the title or the lead."""
        return self._before(gate, self.hits.lead)

    def in_title(self, gate: int) -> bool:
        """Whether the gate is met in the title."""
        return self._before(gate, self.hits.body)

    def _before(self, gate: int, limit: int) -> bool:
        if gate in self.implied:
            return True
        spans = self.spans(gate)
        if spans and spans[0][0] < limit:
            return True
        both = self.lexicon.gates[gate].all
        return bool(both) and all(self._before(other, limit) for other in both)

    def in_text(self, gate: int) -> bool:
        """Whether the gate holds for the whole text: assumed, in the head, or in three places."""
        known = self._throughout.get(gate)
        if known is None:
            enough = len(self.spans(gate)) >= ENOUGH_PLACES
            known = gate in self.assumed or enough or self.in_head(gate)
            self._throughout[gate] = known
        return known

    def possible(self, subject: Subject) -> bool:
        """Whether the gates a tag's strong terms ask for have any words in the text at all."""
        if not subject.rule.strong:
            return True
        if not all(map(self._occurs, subject.all)):
            return False
        return not subject.any or any(map(self._occurs, subject.any))

    def _occurs(self, gate: int) -> bool:
        if gate in self.assumed or gate in self.implied or self.hits.gates.get(gate):
            return True
        both = self.lexicon.gates[gate].all
        return bool(both) and all(map(self._occurs, both))

    def allowed(self, found: list[Hit], subject: Subject, *, weak: bool) -> list[Hit]:
        """The hits of a tag for which the gates it asks for are met."""
        if weak:
            return [hit for hit in found if self._allow(hit, subject, self.near)]
        if not subject.rule.strong:
            return found
        if all(map(self.in_text, subject.all)) and (not subject.any or any(map(self.in_text, subject.any))):
            return found
        return [hit for hit in found if self._allow(hit, subject, self._met)]

    def _allow(self, hit: Hit, subject: Subject, met: Callable[[int, int, int], bool]) -> bool:
        if not all(met(gate, hit.start, hit.end) for gate in subject.all):
            return False
        return not subject.any or any(met(gate, hit.start, hit.end) for gate in subject.any)

    def _met(self, gate: int, start: int, end: int) -> bool:
        return self.in_text(gate) or self.near(gate, start, end)
