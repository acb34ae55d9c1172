"""Whether two reports in other words tell of one event: the same figures, dates and rare names.

Used by `similarity.compare` for pairs that are no copies. Languages do not matter: figures, months
and countries are compared by value. Set for precision: a report missing from an event costs a
reader less than two events taken for one.
"""

from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pipeline.similarity_lexicon import WELL_KNOWN
from pipeline.similarity_show import show
from pipeline.similarity_sketch import Comparable

SHARED: Final = 30
"""Least weight of what both say, in tenths (see `weight`): three rare names, or two and two dates."""

OVERLAP: Final = 0.3
"""Least share of the weight of the report that states less."""

MOST_DAYS: Final = 3.0

_EMPTY: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """Facts that two reports share and how much they weigh."""

    names: tuple[str, ...]
    figures: tuple[str, ...]
    dates: tuple[str, ...]
    score: float
    enough: bool


_NOTHING: Final = Agreement(names=(), figures=(), dates=(), score=0.0, enough=False)


def weight(fact: str) -> int:
    """How much it says that two reports state this, in tenths: a rare name 10, a year 1.

    Whole numbers, so that a sum does not depend on the order of a set.
    """
    mark, value = fact[0], fact[1:]
    if mark in "NA":
        return 1 if value in WELL_KNOWN or len(value) < 3 else 10
    if mark == "d":
        return 8
    return _figure_weight(value) if mark == "#" else 0


def _figure_weight(value: str) -> int:
    if not value.replace(".", "", 1).isdecimal():
        return 10
    amount = float(value)
    if amount < 13 or 1950 <= amount <= 2050:
        return 1
    if amount < 32:
        return 3
    return 5 if amount < 60 or amount % 100 == 0 else 10


def statements(report: Comparable) -> frozenset[str]:
    """What a report states: its facts, with day and month joined into dates (`d3-16`)."""
    table = report.table
    named = {value for value in table if value[0] in "NA#"}
    values = [table[i] for i in report.fact.tolist()]
    at = report.at.tolist()
    for k, value in enumerate(values):
        if value[0] != "=":
            continue
        for near in (k - 1, k + 1):
            if not 0 <= near < len(values) or abs(at[near] - at[k]) > 2:
                continue
            day = values[near]
            if day[0] == "#" and day[1:].isdecimal() and 1 <= int(day[1:]) <= 31:
                named.add(f"d{value[1:]}-{day[1:]}")
    return frozenset(named)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stated:
    """What one report states, what that weighs, and its words that may or may not be names."""

    says: frozenset[str]
    weight: int
    unsure: frozenset[str]


@lru_cache(maxsize=4096)
def _stated(report: Comparable) -> _Stated:
    says = statements(report)
    unsure = frozenset(value[1:] for value in report.table if value[0] == "?")
    return _Stated(says=says, weight=sum(map(weight, says)), unsure=unsure)


def agree(a: Comparable, b: Comparable, *, common: Set[str] = _EMPTY) -> Agreement:
    """Weigh what two reports share. `common` are facts that too many reports at hand state."""
    if not _worth_weighing(a, b):
        return _NOTHING
    one, two = _stated(a), _stated(b)
    # A name that opens a sentence in one report is a name when the other uses it inside one.
    found_in_a = {v for v in two.says - one.says if v[0] in "NA" and v[1:] in one.unsure}
    found_in_b = {v for v in one.says - two.says if v[0] in "NA" and v[1:] in two.unsure}
    shared = sorted(((one.says & two.says) | found_in_a | found_in_b) - common)
    total = min(_total(one, found_in_a, common), _total(two, found_in_b, common))
    shared_weight = sum(map(weight, shared))
    names = tuple(v for v in shared if v[0] in "NA" and weight(v) >= 5)
    figures = tuple(v for v in shared if v[0] == "#" and weight(v) >= 3)
    dates = tuple(v for v in shared if v[0] == "d")
    score = shared_weight / total if total else 0.0
    kinds = sum(bool(group) for group in (names, figures, dates))
    enough = shared_weight >= SHARED and score >= OVERLAP and bool(names) and (kinds >= 2 or len(names) >= 4)
    return Agreement(names=names, figures=figures, dates=dates, score=min(score, 1.0), enough=enough)


def _total(stated: _Stated, found: Set[str], common: Set[str]) -> int:
    return stated.weight + sum(map(weight, found - common)) - sum(map(weight, stated.says & common))


def _worth_weighing(a: Comparable, b: Comparable) -> bool:
    """Whether the words both state could weigh enough at all. Saves most pairs the work."""
    shared = {value[1:] for value in a.table} & {value[1:] for value in b.table}
    return 10 * len(shared) >= SHARED and sum(1 if word in WELL_KNOWN else 10 for word in shared) >= SHARED


def reasons(agreement: Agreement) -> tuple[str, ...]:
    """The shared facts, for a person."""
    groups = (
        ("same names", [show(v) for v in agreement.names]),
        ("same figures", [show(v) for v in agreement.figures]),
        ("same dates", [_show_date(v) for v in agreement.dates]),
    )
    return tuple(f"{label}: {', '.join(shown[:6])}" for label, shown in groups if shown)


def _show_date(value: str) -> str:
    month, day = value[1:].split("-")
    return f"{day} {show('=' + month)}"
