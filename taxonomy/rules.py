"""Last step of matching: which reports concern us, by rules whose names a researcher can cite."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.report import Relevance
from taxonomy.gates import Gates
from taxonomy.hits import Hits
from taxonomy.lexicon import Lexicon
from taxonomy.scoring import Scored

HEAD_SCORE = 2.0
BODY_SCORE = 3.0
SIDES = {"A": ("sv", "us"), "B": ("sv",), "C": ("us",)}


@dataclass(slots=True)
class Facts:
    """What the rules look at: the earned tags by id, the gates, and whether the source is Salvadoran."""

    lexicon: Lexicon
    hits: Hits
    gates: Gates
    tags: dict[str, Scored]
    salvadoran_source: bool
    sv_evidence: str = ""
    reasons: list[str] = field(default_factory=list)

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

    def cite(self, scored: Scored) -> str:
        """A tag, where it stands and its words: `death-in-custody in the title ('murió en…')`."""
        where = "title" if scored.title else "lead" if scored.head else "body"
        return f"{self.lexicon.tags[scored.tag].id} in the {where} ('{self.quote(*scored.spans[0])}')"


def is_strong(scored: Scored) -> bool:
    """A score of two with a hit in title or lead, or of three from the body alone."""
    return scored.weighed >= (HEAD_SCORE if scored.head else BODY_SCORE)


def judge(facts: Facts) -> Relevance:
    """The tier with its reasons. Deterministic; reads nothing but the facts."""
    negative = _negative(facts)
    if negative is not None:
        return negative
    sv, us = _sv_context(facts), _us_context(facts)
    b = _rule_b(facts) if sv else None
    c = _rule_c(facts) if us else None
    a = _rule_a(facts, b, c) if sv else None
    for tier, rule in (("A", a), ("B", b), ("C", c)):
        if rule is not None:
            reasons = [rule] if tier != "A" else [rule, *filter(None, (b, c))]
            if tier in "AB":
                reasons.append(f"El Salvador context: {facts.sv_evidence}")
            if tier in "AC":
                reasons.append(f"United States context: {_us_evidence(facts)}")
            return Relevance(
                tier=tier, sides=SIDES[tier], reasons=tuple(reasons), priority=_priority(facts, tier)
            )
    return _context_or_nothing(facts, sv)


def _negative(facts: Facts) -> Relevance | None:
    for number, negative in enumerate(facts.lexicon.taxonomy.relevance.negatives):
        found = [hit for hit in facts.hits.negatives.get(number, ()) if hit.start < facts.hits.body]
        if found and not (negative.unless_gate and facts.head(*negative.unless_gate)):
            words = facts.quote(found[0].start, found[0].end)
            reason = f"{negative.id}: '{words}' in the title ({negative.about})"
            return Relevance(tier=negative.effect, sides=(), reasons=(reason,), priority="low")
    return None


def _sv_context(facts: Facts) -> bool:
    in_head, place = facts.head("sv"), facts.head("sv_place")
    if facts.head("us_imm", "us") and not place:
        # R0: a Salvadoran held in Texas is a nationality, not a place; unless the text goes on about it.
        if facts.count("sv_place") >= 4 and facts.strong("sv_rights_topics"):
            facts.sv_evidence = f"'{facts.word('sv_place')}' in several places of the text"
            return True
        if in_head and (facts.strong("nexus_topics") or _anchor(facts, "anchors_sv")):
            facts.sv_evidence = f"'{facts.word('sv')}'"
            return True
        return False
    if in_head:
        if _only_among_others(facts):
            return False
        facts.sv_evidence = f"'{facts.word('sv')}' in {'the title' if facts.title('sv') else 'the lead'}"
        return True
    if facts.salvadoran_source and not facts.title("foreign"):
        facts.sv_evidence = "published in El Salvador"
        return True
    if facts.count("sv") >= 3 and not facts.title("foreign"):
        facts.sv_evidence = f"'{facts.word('sv')}' in several places of the text"
        return True
    return False


def _only_among_others(facts: Facts) -> bool:
    """Whether the title is about another country and El Salvador one name in the lead."""
    if not facts.title("foreign") or facts.title("sv"):
        return False
    if facts.head("removal", "us"):
        return False
    in_head = [span for span in facts.gates.spans(facts.gate("sv")) if span[0] < facts.hits.lead]
    return len(in_head) < 2


def _us_context(facts: Facts) -> bool:
    if facts.head("foreign_deporter") and not facts.head("us_imm", "us"):
        return False
    return facts.head("us", "us_imm") or facts.count("us_imm") >= 2 or facts.count("us") >= 3


def _us_evidence(facts: Facts) -> str:
    word = facts.word("us_imm") or facts.word("us")
    return f"'{word}'" if word else "no other country is named"


def _is_foreign_visit(facts: Facts) -> bool:
    """Whether another country looks at the Salvadoran prison as a model: context, no report on it."""
    return facts.title("foreign") and not facts.head("removal", "abuse", "rights", "imm")


def _anchor(facts: Facts, set_name: str) -> Scored | None:
    return next((scored for scored in facts.among(set_name) if scored.head and scored.strong), None)


def _rule_b(facts: Facts) -> str | None:
    if _is_foreign_visit(facts):
        return None
    anchor = _anchor(facts, "anchors_sv")
    if anchor is not None:
        return f"R1: {facts.cite(anchor)}"
    strong = facts.strong("sv_rights_topics")
    if strong:
        return f"R2: {facts.cite(strong[0])}"
    if facts.title("sv_place") and facts.head("prison") and facts.head("abuse"):
        return f"R2b: '{facts.word('prison')}' and '{facts.word('abuse')}' in title or lead"
    return None


def _rule_c(facts: Facts) -> str | None:
    anchor = _anchor(facts, "anchors_us")
    if anchor is not None:
        return f"R1: {facts.cite(anchor)}"
    strong = facts.strong("us_policy_topics")
    if strong:
        return f"R3: {facts.cite(strong[0])}"
    if facts.title("removal") and facts.head("us", "us_imm") and not facts.title("foreign_deporter"):
        return f"R3b: '{facts.word('removal')}' in the title, United States context"
    if facts.head("removal") and facts.head("us", "us_imm") and facts.head("custody", "rights"):
        return f"R4: removal ('{facts.word('removal')}') and custody or rights in title or lead"
    return None


def _rule_a(facts: Facts, b: str | None, c: str | None) -> str | None:
    nexus = facts.strong("nexus_topics")
    if nexus and facts.head("sv_place", "sv"):
        return f"R5: {facts.cite(nexus[0])}, both countries"
    if b and c:
        return "R5: detention in El Salvador and US deportation policy"
    if b and facts.head("removal") and (facts.head("us", "us_imm") or not facts.head("foreign")):
        return f"R5: detention in El Salvador and removal ('{facts.word('removal')}')"
    removed = facts.head("removal") and facts.head("us", "us_imm") and facts.head("custody", "rights")
    if removed and facts.head("sv_place"):
        return f"R5: people removed to El Salvador and custody or rights ('{facts.word('removal')}')"
    if c and facts.title("sv_place") and facts.head("us_imm") and facts.head("removal", "prison"):
        return f"R5: El Salvador in the title, US immigration control ('{facts.word('us_imm')}')"
    if "cecot" in facts.tags and facts.tags["cecot"].head and facts.head("us") and facts.head("imm"):
        return "R5: CECOT and migration from the United States"
    return None


def _context_or_nothing(facts: Facts, sv: bool) -> Relevance:
    about = facts.among("context_topics") if sv or facts.head("sv") else []
    about += [scored for scored in facts.among("sv_rights_topics") if scored.head] if sv else []
    if about:
        return Relevance(
            tier="D", sides=(), reasons=(f"R6: context only, {facts.cite(about[0])}",), priority="low"
        )
    return Relevance(tier="X", sides=(), reasons=(_why_not(facts),), priority="low")


def _why_not(facts: Facts) -> str:
    if facts.head("foreign_deporter") and not facts.head("us_imm", "us"):
        return f"R7: deportation by another state ('{facts.word('foreign_deporter')}')"
    if not facts.salvadoran_source and not facts.head("sv", "us", "us_imm"):
        return "R7: neither El Salvador nor the United States in title or lead"
    return "R7: no detention, rights or deportation topic"


def _priority(facts: Facts, tier: str) -> str:
    if tier == "A":
        return "high"
    high = facts.lexicon.taxonomy.relevance.high_topics
    if any(tag in high and is_strong(scored) for tag, scored in facts.tags.items()):
        return "high"
    strong = _ids(facts, facts.strong("sv_rights_topics"))
    blotter = tier == "B" and set(strong) <= {"state-of-exception"} and not facts.head("abuse")
    return "low" if blotter and facts.head("custody") else "normal"


def _ids(facts: Facts, found: Iterable[Scored]) -> Sequence[str]:
    return [facts.lexicon.tags[scored.tag].id for scored in found]
