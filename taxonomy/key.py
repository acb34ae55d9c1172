"""First step of matching: a key text in which words are found, with the way back to the original.

The key is the folded text (`core.text.fold`) with every run of spaces, hyphens, quotes, brackets
and slashes as one space, and a space before the first word of every line, so that a phrase is
found with a plain search for " phrase". N-tilde becomes a capital N, the only capital in a key.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from core.text import fold

_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_LONE_QUOTE = re.compile(r"'(?:(?!\w)|(?<![^\W_]'))")
_RUNS = re.compile("  +")
_SPACE_LIKE = '-"()[]{}/\\|_*<>~' + "".join(map(chr, (*range(10), *range(11, 32), 0x7F)))
_ENYE = "\x01"
_TO_KEY = str.maketrans(
    dict.fromkeys(_SPACE_LIKE, " ")
    | {chr(c): chr(c).lower() for c in range(ord("A"), ord("Z") + 1)}
    | {"`": "'", _ENYE: "N"}
)
_SYMBOLS = (
    dict.fromkeys("¿¡§·•", " ") | dict.fromkeys("\x85\u2028\u2029", "\n") | {"ñ": _ENYE, "Ñ": _ENYE, "…": "."}
)


@dataclass(frozen=True, slots=True)
class Key:
    """A text made ready for matching.

    `text` is the key, `plain` the original with accents folded and its length and case kept
    (regular expressions run on it). `starts`/`shifts`: from key position `starts[i]` on, an
    original position is the key position plus `shifts[i]`.
    """

    text: str
    plain: str
    starts: list[int]
    shifts: list[int]

    def original(self, position: int) -> int:
        """The position in the original text of a position in the key."""
        return position + self.shifts[bisect_right(self.starts, position) - 1]

    def position(self, original: int) -> int:
        """The position in the key of a position in the original text, rounded up."""
        low, high = 0, len(self.text)
        while low < high:
            middle = (low + high) // 2
            if self.original(middle) < original:
                low = middle + 1
            else:
                high = middle
        return low


def _replacement(character: str) -> str:
    if "\ud800" <= character <= "\udfff":  # half a character: no automaton takes it
        return " "
    if unicodedata.category(character) == "So":  # an emoji that touches a word is no part of it
        return " "
    known = _SYMBOLS.get(character)
    return fold(character) if known is None else known


def _plain(text: str) -> str:
    text = text.replace(_ENYE, " ")
    for character in set(_NON_ASCII.findall(text)):
        text = text.replace(character, _replacement(character))
    return text


def make_key(text: str) -> Key:
    """The key of a text. A newline ends a sentence and is kept."""
    plain = _plain(text)
    key = plain.translate(_TO_KEY)
    if "'" in key:
        key = _LONE_QUOTE.sub(" ", key)
    parts = [" "]
    starts, shifts = [0], [-1]
    length, begin = 1, 0
    for line in key.split("\n"):
        done = 0
        for run in _RUNS.finditer(line):
            # Of a run of spaces the first stays.
            kept = run.start() + 1
            parts.append(line[done:kept])
            length += kept - done
            done = run.end()
            starts.append(length)
            shifts.append(begin + done - length)
        parts.append(line[done:])
        parts.append("\n ")
        length += len(line) - done + 2
        begin += len(line) + 1
        starts.append(length)
        shifts.append(begin - length)
    parts.pop()
    if _ENYE in plain:
        plain = plain.replace(_ENYE, "n")
    return Key("".join(parts), plain, starts, shifts)


def phrase_key(phrase: str) -> str:
    """The key of a phrase of the taxonomy, without the outer spaces."""
    return make_key(phrase).text.strip()
