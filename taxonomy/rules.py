"""Last step of matching: which reports concern us, by rules whose names a researcher can cite."""

from core.report import Relevance
from taxonomy.facts import Facts, is_strong

SIDES = {"A": ("sv", "us"), "B": ("sv",), "C": ("us",)}
USED_GATES = (
    "sv", "sv_place", "us", "us_imm", "imm_control", "imm", "removal", "custody", "rights", "prison", "abuse",
    "foreign", "foreign_deporter",
)  # fmt: skip
USED_SETS = (
    "agencies_us", "anchors_sv", "anchors_us", "context_topics", "nexus_topics", "sv_rights_topics",
    "us_policy_topics",
)  # fmt: skip
"""The gates and sets that the rules ask for by name; the loader sees to it that they exist."""


def judge(facts: Facts) -> Relevance:
    """The tier with its reasons. Deterministic; reads nothing but the facts."""
    negative = _negative(facts)
    if negative is not None:
        return negative
    sv, us = _sv_context(facts), _us_context(facts)
    b = _detention_in_sv(facts) if sv else None
    c = _us_policy(facts) if us else None
    a = _both(facts, b, c) if sv else None
    if a is not None:
        us = us or "removal to El Salvador"
        reasons = [a, *filter(None, (b, c)), f"El Salvador context: {sv}", f"United States context: {us}"]
        return _relevant(facts, "A", reasons)
    if b is not None:
        return _relevant(facts, "B", [b, f"El Salvador context: {sv}"])
    if c is not None:
        return _relevant(facts, "C", [c, f"United States context: {us}"])
    return _context_or_nothing(facts, sv is not None)


def _relevant(facts: Facts, tier: str, reasons: list[str]) -> Relevance:
    return Relevance(tier=tier, sides=SIDES[tier], reasons=tuple(reasons), priority=_priority(facts, tier))


def _negative(facts: Facts) -> Relevance | None:
    """N: a title that decides alone (sport, legal migration, the civil war, copies of the model)."""
    for number, negative in enumerate(facts.lexicon.taxonomy.relevance.negatives):
        found = [hit for hit in facts.hits.negatives.get(number, ()) if hit.start < facts.hits.body]
        if found and not (negative.unless_gate and facts.head(*negative.unless_gate)):
            words = facts.quote(found[0].start, found[0].end)
            reason = f"N: '{words}' in the title ({negative.about})"
            return Relevance(tier=negative.effect, sides=(), reasons=(reason,), priority="low")
    return None


def _sv_context(facts: Facts) -> str | None:
    """What places the report in El Salvador, or None."""
    if facts.head("us_imm", "us") and not facts.head("sv_place"):
        return _sv_despite_us(facts)
    if facts.head("sv"):
        where = "the title" if facts.title("sv") else "the lead"
        return None if _one_name_among_others(facts) else f"'{facts.word('sv')}' in {where}"
    if facts.title("foreign"):
        return None
    if facts.salvadoran_source:
        return "published in El Salvador"
    return f"'{facts.word('sv')}' in several places of the text" if facts.count("sv") >= 3 else None


def _sv_despite_us(facts: Facts) -> str | None:
    """R0: a Salvadoran held in Texas is a nationality, not a place, unless the text says more."""
    if facts.count("sv_place") >= 4 and facts.strong("sv_rights_topics"):
        return f"'{facts.word('sv_place')}' in several places of the text"
    if facts.head("sv") and (facts.strong("nexus_topics") or facts.anchor("anchors_sv")):
        return f"'{facts.word('sv')}'"
    return None


def _one_name_among_others(facts: Facts) -> bool:
    """Whether the title is about another country and El Salvador one name in the lead."""
    if not facts.title("foreign") or facts.title("sv") or facts.head("removal", "us"):
        return False
    return facts.count_in_head("sv") <= facts.count_in_head("foreign")


def _us_context(facts: Facts) -> str | None:
    """What shows the United States at work, or None."""
    if facts.title("foreign_deporter") and not facts.title("us", "us_imm"):
        return None
    if not facts.head("us_imm", "us") and (
        facts.head("foreign_deporter") or (facts.count("us_imm") < 2 and facts.count("us") < 3)
    ):
        return None
    word = facts.word("us_imm") or facts.word("us")
    return f"'{word}'" if word else "no other country is named"


def _detention_in_sv(facts: Facts) -> str | None:
    """R1, R2, R2b: detention, rights or civic space in El Salvador."""
    if facts.title("foreign") and not facts.head("removal", "abuse", "rights", "imm"):
        # Another country looks at the Salvadoran prison as a model: context.
        return None
    anchor = facts.anchor("anchors_sv")
    if anchor is not None:
        return f"R1: {facts.cite(anchor)}"
    strong = facts.strong("sv_rights_topics")
    if strong:
        return f"R2: {facts.cite(strong[0])}"
    if facts.title("sv_place") and facts.head("prison") and facts.head("abuse"):
        return f"R2b: '{facts.word('prison')}' and '{facts.word('abuse')}' in title or lead"
    return None


def _us_policy(facts: Facts) -> str | None:
    """R1, R3, R3b, R4: deportation or immigration detention by the United States."""
    anchor = facts.anchor("anchors_us")
    if anchor is not None:
        return f"R1: {facts.cite(anchor)}"
    strong = facts.strong("us_policy_topics")
    if strong:
        return f"R3: {facts.cite(strong[0])}"
    agency = next((scored for scored in facts.among("agencies_us") if scored.title), None)
    if agency is not None:
        return f"R3c: {facts.cite(agency)}"
    return _us_removal(facts) if facts.head("us", "us_imm") and facts.head("removal") else None


def _us_removal(facts: Facts) -> str | None:
    """R3b, R4: removal in the title, or removal with custody or abuse anywhere in the head."""
    if facts.title("removal") and not facts.title("foreign_deporter"):
        return f"R3b: '{facts.word('removal')}' in the title, United States context"
    if facts.head("custody", "rights"):
        return f"R4: removal ('{facts.word('removal')}') and custody or rights in title or lead"
    return None


def _both(facts: Facts, b: str | None, c: str | None) -> str | None:
    """R5: people the United States sends into Salvadoran hands."""
    nexus = facts.strong("nexus_topics")
    if nexus and facts.head("sv_place", "sv"):
        return f"R5: {facts.cite(nexus[0])}, both countries"
    if b and c:
        return "R5: detention in El Salvador and US deportation policy"
    by_us = facts.head("us", "us_imm")
    if facts.head("removal"):
        words = f"removal ('{facts.word('removal')}')"
        if b and (by_us or not facts.head("foreign")):
            return f"R5: detention in El Salvador and {words}"
        if by_us and facts.head("sv_place") and facts.head("custody", "rights"):
            return f"R5: El Salvador, {words} and custody or rights in title or lead"
    agency = c is not None and facts.title("sv_place") and facts.head("us_imm")
    moved = facts.head("us") and (facts.head("imm") or facts.tag_in_head("nat-venezuelan"))
    cecot = moved and facts.tag_in_head("cecot")
    if cecot or (agency and facts.head("removal", "prison")):
        return f"R5: El Salvador and US immigration control ('{facts.word('us_imm') or facts.word('imm')}')"
    return None


def _context_or_nothing(facts: Facts, sv: bool) -> Relevance:
    """R6: context worth keeping (D); R7: out of scope (X)."""
    about = facts.among("context_topics") if sv or facts.head("sv") else []
    about += [scored for scored in facts.among("sv_rights_topics") if scored.head] if sv else []
    tier, reason = ("D", f"R6: context only, {facts.cite(about[0])}") if about else ("X", _why_not(facts))
    return Relevance(tier=tier, sides=(), reasons=(reason,), priority="low")


def _why_not(facts: Facts) -> str:
    if facts.head("foreign_deporter") and not facts.head("us_imm", "us"):
        return f"R7: deportation by another state ('{facts.word('foreign_deporter')}')"
    if not facts.salvadoran_source and not facts.head("sv", "us", "us_imm"):
        return "R7: neither El Salvador nor the United States in title or lead"
    return "R7: no detention, rights or deportation topic"


def _priority(facts: Facts, tier: str) -> str:
    """High: tier A, or a grave topic; low: a police blotter that only names the regime."""
    if tier == "A":
        return "high"
    high = facts.lexicon.taxonomy.relevance.high_topics
    if any(tag in high and is_strong(scored) for tag, scored in facts.tags.items()):
        # What a government of El Salvador says of itself is not an alarm.
        return "normal" if facts.salvadoran_state else "high"
    names = {facts.lexicon.tags[scored.tag].id for scored in facts.strong("sv_rights_topics")}
    blotter = tier == "B" and names <= {"state-of-exception"} and facts.head("custody")
    return "low" if blotter and not facts.head("abuse") else "normal"
