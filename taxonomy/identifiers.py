"""Numbers that identify a case or a person: found for a reader, or blanked before storage."""

import re
from collections.abc import Iterable

from taxonomy.model import Identifier

BLANK = "█"
_NEEDED_WITHIN = 40
MOST_CHARACTERS = 500_000


def find_identifiers(text: str, identifiers: Iterable[Identifier]) -> list[tuple[str, int, int]]:
    """(identifier, start, end) of every number in a text that may be shown, in order."""
    found = []
    for identifier in identifiers:
        if identifier.redact:
            continue
        for match in re.finditer(identifier.pattern, text[:MOST_CHARACTERS], re.IGNORECASE):
            before = text[max(0, match.start() - _NEEDED_WITHIN) : match.start()]
            if identifier.needs is None or identifier.needs in before:
                found.append((identifier.id, match.start(), match.end()))
    return sorted(found, key=lambda hit: (hit[1], hit[2]))


def redact(text: str, identifiers: Iterable[Identifier]) -> str:
    """The text with personal numbers blanked, as long as before, so that spans stay true."""
    for identifier in identifiers:
        if identifier.redact:
            text = re.sub(identifier.pattern, lambda match: BLANK * len(match.group()), text)
    return text
