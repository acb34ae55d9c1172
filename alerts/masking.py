"""Blanks personal data of people at risk in everything that leaves the machine. Pure.

The rules are the taxonomy's identifiers with `redact: true`. Where a pattern has a group the
group is blanked, otherwise the whole match.
"""

import re
from collections.abc import Iterable

from taxonomy.model import Identifier

BLANK = "█████"
"""Stands for what was blanked; a screen reader and a plain text mail show that something is missing."""


class Mask:
    """Compiled once a process. Calling it blanks a text."""

    def __init__(self, identifiers: Iterable[Identifier]) -> None:
        self._patterns = [re.compile(rule.pattern) for rule in identifiers if rule.redact]

    def __call__(self, text: str) -> str:
        """The text with every match blanked; all matches are found before any is blanked."""
        spans = []
        for pattern in self._patterns:
            for match in pattern.finditer(text):
                group = match.lastindex or 0
                spans.append(match.span(group))
        if not spans:
            return text
        pieces, position = [], 0
        for start, end in _merged(spans):
            pieces += [text[position:start], BLANK]
            position = end
        return "".join([*pieces, text[position:]])


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def unmasked(text: str) -> str:
    """The text as it is, for a subscription that the operator allowed personal data."""
    return text
