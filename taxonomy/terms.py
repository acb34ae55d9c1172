"""The term syntax: from a phrase as written in YAML to what is searched in a key.

`detenid*` a word beginning so; `sentenced to * years` a lone star is exactly one word;
`=Nuevas Ideas` only with these capitals or all in capitals; an acronym only as written.
"""

import re
from dataclasses import dataclass

from taxonomy.key import Key, phrase_key

_TAIL = re.compile(r"[\w']*")
_SMALL = re.compile(r"[a-záéíóúüñ]")
_WORD = re.compile(r"[\w']")
_STAR = "\x00"
_REACH_PER_STAR = 30
SHORT_STEM = 6
WHOLE, STEM, CHECKED = range(3)
SHOUT_WINDOW = 60
SHOUT_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Term:
    """One phrase, compiled. `needles` are plain strings; where one is found, `confirm` decides.

    `others` are further literal pieces, looked for before the costlier `verify`.
    `source` is the phrase as written in YAML. `closed`: the needle is the whole phrase, so no letter
    may follow it.
    """

    source: str
    needles: tuple[str, ...]
    open_end: bool = False
    shape: str = ""
    acronym: bool = False
    verify: re.Pattern[str] | None = None
    others: tuple[str, ...] = ()
    reach: int = 0
    closed: bool = False

    @property
    def form(self) -> int:
        """How much is left to confirm: nothing but the end of the word, its rest, or more."""
        if self.shape or self.verify is not None:
            return CHECKED
        return STEM if self.open_end else WHOLE

    def confirm(self, key: Key, text: str, start: int, end: int) -> tuple[int, int] | None:
        """The span in the key of the whole phrase for a needle at [start, end), or None.

        The needle begins with the space before the phrase; the span does not hold that space.
        """
        if self.verify is not None:
            begin = max(0, start - self.reach)
            if any(key.text.find(piece, begin, end + self.reach) < 0 for piece in self.others):
                return None
            for found in self.verify.finditer(key.text, begin, min(len(key.text), end + self.reach)):
                if found.start() <= start and found.end() >= end - 1:
                    return self._cased(key, text, found.start() + 1, found.end())
            return None
        if self.open_end:
            return self._cased(key, text, start + 1, word_end(key.text, end))
        if self.closed and key.text[end : end + 1].isalnum():
            return None
        return self._cased(key, text, start + 1, end)

    def _cased(self, key: Key, text: str, start: int, end: int) -> tuple[int, int] | None:
        if not self.shape:
            return start, end
        written = text[key.original(start) : key.original(end - 1) + 1]
        if self.acronym:
            return (start, end) if written == self.shape else None
        letters = [c for c in written if c.isalpha()]
        if all(c.isupper() for c in letters):
            return start, end
        # A star may have caught more letters than the phrase has: they may be of any case.
        wanted = [c.isupper() for c in self.shape if c.isalpha()]
        same = [c.isupper() for c in letters[: len(wanted)]] == wanted
        return (start, end) if same else None


def compile_term(source: str) -> Term:
    """A phrase of a term list. Raises ValueError for one without letters."""
    exact = source.startswith("=")
    phrase = source[1:] if exact else source
    starred = re.sub(r"(?<=\S)\*", _STAR, phrase)
    words = phrase_key(starred.replace(_STAR, "\ue000").replace("*", "\ue001"))
    if not _WORD.search(words.replace("\ue000", "").replace("\ue001", "")):
        raise ValueError(f"{source!r}: nothing to search for")
    shape = phrase.replace("*", "") if exact else ""
    simple = words.rstrip("\ue000")
    if "\ue000" not in simple and "\ue001" not in simple:
        return Term(
            source=source,
            needles=_with_plain_n(f" {simple}", words != simple),
            open_end=words != simple,
            shape=shape,
            closed=words == simple,
        )
    pieces = re.split("[\ue000\ue001]", f" {words}")
    needle = max((piece for piece in pieces if piece.startswith(" ") and piece.strip()), key=len)
    pattern = re.escape(f" {words}").replace("\ue000", r"[\w']*").replace("\ue001", r"[\w']+")
    if words[-1] not in "\ue000\ue001":
        pattern += r"(?!\w)"
    others = [piece for piece in pieces if piece.strip() and piece is not needle and "N" not in piece]
    reach = len(words) + _REACH_PER_STAR * (len(pieces) - 1)
    return Term(
        source=source,
        needles=_with_plain_n(needle.rstrip()),
        shape=shape,
        verify=re.compile(pattern.replace("N", "[Nn]")),
        others=tuple(others),
        reach=reach,
    )


def compile_acronym(source: str) -> Term:
    """An acronym: found only in exactly these letters."""
    return Term(source=source, needles=(f" {phrase_key(source)}",), shape=source, acronym=True, closed=True)


def word_end(text: str, position: int) -> int:
    """Where the word ends that goes on at a position of a key."""
    tail = _TAIL.match(text, position)
    return tail.end() if tail else position


def _with_plain_n(needle: str, open_end: bool = False) -> tuple[str, ...]:
    # A short open stem would catch other words: niñ* must not find "ninguno".
    if "N" not in needle or (open_end and needle.endswith("N") and len(needle) < SHORT_STEM):
        return (needle,)
    return needle, needle.replace("N", "n")


def is_shouted(text: str, start: int, end: int) -> bool:
    """Whether most letters around a span are capitals, so that an acronym proves nothing."""
    around = text[max(0, start - SHOUT_WINDOW) : start] + text[end : end + SHOUT_WINDOW]
    small = len(_SMALL.findall(around))
    if small > (1 - SHOUT_SHARE) * 2 * SHOUT_WINDOW:
        return False
    letters = sum(map(str.isalpha, around))
    return letters > 12 and letters - small >= SHOUT_SHARE * letters
