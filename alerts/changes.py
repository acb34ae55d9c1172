"""What differs between two wordings of a report, what matters for rights first. Pure."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from alerts.digest import Difference
from alerts.figures import cut, sentences

FIGURE, TITLE, WORDING = "figure", "title", "wording"
_RANK = {FIGURE: 0, TITLE: 1, WORDING: 2}
_NUMBER = re.compile(r"\d(?:[\d.,]*\d)?")

MOST = 4
"""Differences shown of one edit; the rest is a click away in the versions kept."""

LONGEST = 260

COMPARED = 2000
"""Sentences of a text that are compared; the matcher is quadratic."""


def differences(old: tuple[str, str], new: tuple[str, str]) -> tuple[Difference, ...]:
    """How (title, text) became another one: a figure outranks the title, the title other words.

    Compared by sentences, so that a moved paragraph is no pile of letters.
    """
    found: list[Difference] = []
    if old[0] != new[0]:
        kind = FIGURE if _numbers(old[0]) != _numbers(new[0]) else TITLE
        found.append(Difference(what=kind, before=cut(old[0], LONGEST), after=cut(new[0], LONGEST)))
    before, after = sentences(old[1])[:COMPARED], sentences(new[1])[:COMPARED]
    for operation, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation != "equal":
            found += _paired(before[i1:i2], after[j1:j2])
    ranked = sorted(found, key=lambda difference: _RANK[difference.what])
    return tuple(ranked[:MOST])


def _paired(before: Sequence[str], after: Sequence[str]) -> list[Difference]:
    """Each replaced sentence beside its successor; what is left over stands alone."""
    pairs = []
    for place in range(max(len(before), len(after))):
        old = before[place] if place < len(before) else ""
        new = after[place] if place < len(after) else ""
        kind = FIGURE if _numbers(old) != _numbers(new) else WORDING
        pairs.append(Difference(what=kind, before=cut(old, LONGEST), after=cut(new, LONGEST)))
    return pairs


def _numbers(text: str) -> list[str]:
    return sorted(_NUMBER.findall(text))
