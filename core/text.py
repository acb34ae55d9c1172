"""Text folding shared by tagging, search and comparison.

`fold` never changes the length of its input, so an offset into the folded text is an
offset into the original. Everything that matches words goes through it.
"""

import unicodedata
from functools import cache

_QUOTES = dict.fromkeys(map(ord, "‘’‚‛′`´ʼ"), "'") | dict.fromkeys(map(ord, "“”„‟«»″"), '"')
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_SPACES = dict.fromkeys((*range(9, 14), 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_PUNCTUATION = _QUOTES | _DASHES | _SPACES


@cache
def _fold_character(character: str) -> str:
    """Lower case without accents, when that is still exactly one character."""
    if character in "ñÑ":
        return "ñ"
    decomposed = unicodedata.normalize("NFKD", character)
    base = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    return base if len(base) == 1 else character


class _FoldTable(dict[int, str]):
    """A translation table that fills itself with the characters it meets."""

    def __missing__(self, codepoint: int) -> str:
        folded = _fold_character(chr(codepoint))
        self[codepoint] = folded
        return folded


_TABLE = _FoldTable(_PUNCTUATION)


def fold(text: str) -> str:
    """Case, accents, quotes, dashes and spaces unified one character for one character.

    The letter n-tilde stays distinct (ano and año are different words); a caller that wants
    plain n to match it asks twice. `len(fold(text)) == len(text)` always holds.
    """
    return text.translate(_TABLE)
