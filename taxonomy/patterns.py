"""Regular expressions for citations and case numbers, tried only where RE2 says they may match.

RE2 runs in linear time but knows no look-around, so it gets each expression without it: a
superset. What it lets through is matched by Python, on a text of bounded length.
"""

import re

import re2

_LOOKAROUND = re.compile(r"\(\?<?[=!]")
MOST_CHARACTERS = 200_000
MOST_MATCHES = 50


def superset(pattern: str) -> str:
    """The pattern without look-around and case switches: whatever it matches, this matches too."""
    found = _LOOKAROUND.search(pattern)
    while found:
        depth, position = 1, found.end()
        in_class = False
        while depth:
            character = pattern[position]
            if character == "\\":
                position += 1
            elif in_class:
                in_class = character != "]"
            elif character == "[":
                in_class = True
            elif character in "()":
                depth += 1 if character == "(" else -1
            position += 1
        pattern = pattern[: found.start()] + pattern[position:]
        found = _LOOKAROUND.search(pattern)
    return pattern.replace("(?-i:", "(?:").replace("ñ", "n")


class PatternSet:
    """Patterns added one by one, then compiled together."""

    def __init__(self) -> None:
        self._patterns: list[re.Pattern[str]] = []
        self._filter = re2.Filter()
        self._options = re2.Options()
        self._options.case_sensitive = False
        self._options.log_errors = False

    def add(self, pattern: str) -> int:
        """The number of the pattern. Raises re.error, or ValueError when RE2 cannot read it."""
        compiled = re.compile(pattern.replace("ñ", "[nñ]"), re.IGNORECASE)
        try:
            self._filter.Add(superset(pattern), self._options)
        except re2.error as error:
            raise ValueError(f"{pattern!r}: {error}") from None
        self._patterns.append(compiled)
        return len(self._patterns) - 1

    def compile(self) -> None:
        """Make the set ready; nothing can be added afterwards."""
        if self._patterns:
            self._filter.Compile()

    def find(self, plain: str) -> list[tuple[int, int, int]]:
        """(pattern, start, end) for every match in a text with accents folded (`Key.plain`)."""
        if not self._patterns:
            return []
        plain = plain[:MOST_CHARACTERS]
        found = []
        for number in self._filter.Match(plain) or ():
            for count, match in enumerate(self._patterns[number].finditer(plain)):
                if count == MOST_MATCHES:
                    break
                if match.end() > match.start():
                    found.append((number, match.start(), match.end()))
        return found
