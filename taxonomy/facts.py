"""What the relevance rules look at: earned tags, gates and words, with their quotations."""

from dataclasses import dataclass

from taxonomy.gates import Gates
from taxonomy.hits import Hits
from taxonomy.lexicon import Lexicon
from taxonomy.scoring import Scored

HEAD_SCORE = 2.0
BODY_SCORE = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """One text as the rules see it: the earned tags by id, the gates, where it was published."""

    lexicon: Lexicon
    hits: Hits
    gates: Gates
    tags: dict[str, Scored]
    salvadoran_source: bool
    salvadoran_state: bool

    def gate(self, name: str) -> int:
        """The number of a gate."""
        return self.lexicon.gate_ids[name]

    def head(self, *names: str) -> bool:
        """Whether one of the gates is met in title or lead."""
        return any(self.gates.in_head(self.gate(name)) for name in names)

    def title(self, *names: str) -> bool:
        """Whether one of the gates is met in the title."""
        return any(self.gates.in_title(self.gate(name)) for name in names)

    def count(self, *names: str) -> int:
        """In how many places of the text the gates are met."""
        return sum(len(self.gates.spans(self.gate(name))) for name in names)

    def count_in_head(self, name: str) -> int:
        """In how many places of title and lead a gate is met."""
        return sum(start < self.hits.lead for start, _ in self.gates.spans(self.gate(name)))

    def word(self, name: str) -> str:
        """The first words that meet a gate, as the report writes them."""
        spans = self.gates.spans(self.gate(name))
        return self.quote(*spans[0]) if spans else ""

    def quote(self, start: int, end: int) -> str:
        """The original wording of a span of the key, shortened to 60 characters."""
        key = self.hits.key
        written = " ".join(self.hits.raw[key.original(start) : key.original(end - 1) + 1].split())
        return written if len(written) <= 60 else f"{written[:57]}…"

    def among(self, set_name: str) -> list[Scored]:
        """The earned tags of a named set, the highest score first."""
        members = self.lexicon.taxonomy.relevance.sets.get(set_name, frozenset())
        found = [self.tags[tag] for tag in members if tag in self.tags]
        return sorted(found, key=lambda scored: (-scored.weighed, self.lexicon.tags[scored.tag].id))

    def strong(self, set_name: str) -> list[Scored]:
        """The tags of a set that carry a report: in title or lead, or often in the body."""
        return [scored for scored in self.among(set_name) if is_strong(scored)]

    def anchor(self, set_name: str) -> Scored | None:
        """The first tag of a set with a strong term in title or lead."""
        return next((scored for scored in self.among(set_name) if scored.head and scored.strong), None)

    def tag_in_head(self, tag: str) -> bool:
        """Whether a tag was earned in title or lead."""
        return tag in self.tags and self.tags[tag].head

    def cite(self, scored: Scored) -> str:
        """A tag, where it stands and its words: `death-in-custody in the title ('murió en…')`."""
        where = "title" if scored.title else "lead" if scored.head else "body"
        return f"{self.lexicon.tags[scored.tag].id} in the {where} ('{self.quote(*scored.spans[0])}')"


def is_strong(scored: Scored) -> bool:
    """A score of two with a hit in title or lead, or of three from the body alone."""
    return scored.weighed >= (HEAD_SCORE if scored.head else BODY_SCORE)
