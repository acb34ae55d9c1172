"""Text to normalised words for comparison: spelling, numbers and names unified across copies.

Used by `fingerprint` only. A word becomes one integer: a stable 32-bit hash of its normalised form
in the low bits, what is known of it in flags above. Nothing here depends on Python's own `hash`.
"""

import html
import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xxhash

from core.text import fold
from pipeline.similarity_lexicon import (
    CAPITAL_ONLY,
    COUNTRIES,
    FUNCTION,
    GENERIC,
    MONTHS,
    NUMBERS,
    WEEKDAYS,
)
from pipeline.similarity_numbers import figures

Codes = npt.NDArray[np.int64]

FACT = 1 << 32
CAPITAL = 1 << 33
ACRONYM = 1 << 34
PLAIN = 1 << 35
NUMERAL = 1 << 36
STOP = 1 << 37
HASH = 0xFFFFFFFF

_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*\w*|\w+|[.!?…:\n%]")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_SUFFIXED = re.compile(r"(\d+)[^\W\d_]{1,3}")
_ROMAN = re.compile(r"(?=[IVXL]{2})X{0,3}L?X{0,3}(?:IX|IV|V?I{0,3})")
_SPACED = re.compile(r"[\u00a0\u2009\u202f](?<=\d.)(?=\d{3}(?!\d))")
_HYPHEN = re.compile(r"(?<=[a-záéíóúñ])-\n(?=[a-záéíóúñ])")
_TAG = re.compile(r"<[^<>\n]{1,300}>")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff\ud800-\udfff]")
_SAME = (
    ("U.S.A.", "US"),
    ("U.S.", "US"),
    ("U. S. ", "US "),
    ("United States", "US"),
    ("EE. UU.", "EEUU"),
    ("EE.UU.", "EEUU"),
    ("EE UU", "EEUU"),
    ("Estados Unidos", "EEUU"),
    ("U.N.", "UN"),
    ("per cent", "%"),
    ("por ciento", "%"),
    ("a.m.", "am"),
    ("p.m.", "pm"),
)
_CACHE_LIMIT = 200_000
_LONGEST_CACHED = 40


def clean(text: str) -> str:
    """The text without markup residue, invisible characters and the commonest spelling variants."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if not text.isascii():
        text = _SPACED.sub("", _INVISIBLE.sub("", text))
    if "-\n" in text:
        text = _HYPHEN.sub("", text)
    for written, unified in _SAME:
        text = text.replace(written, unified)
    return text


def number(folded: str) -> str | None:
    """The value of a figure as it is compared (`1,000`, `1.000` and `1000` are one), or None."""
    if not folded[0].isdigit():
        return None
    suffixed = _SUFFIXED.fullmatch(folded)
    if suffixed:
        folded = suffixed[1]
    if _THOUSANDS.fullmatch(folded):
        folded = folded.replace(",", "").replace(".", "")
    else:
        whole, mark, decimals = folded.replace(",", ".").rpartition(".")
        folded = whole.replace(".", "") + mark + decimals
        folded = folded.rstrip("0").rstrip(".") if mark else folded
    return folded.lstrip("0") or "0"


def _spelling(folded: str) -> str:
    """British and American forms, double and single letters, made one (also in words that need it not)."""
    word = folded.replace("isation", "ization").replace("ll", "l").replace("mme", "m")
    for ending, unified in (
        ("ise", "ize"),
        ("ised", "ized"),
        ("ising", "izing"),
        ("our", "or"),
        ("ence", "ense"),
    ):
        if word.endswith(ending):
            return word[: -len(ending)] + unified
    return word[:-2] + "er" if word.endswith("tre") else word


def fact_of(word: str) -> str | None:
    """The fact a word states by itself: `#252` a figure, `=3` March, `~1` Monday, `@HN` Honduras."""
    folded = fold(word)
    figure = number(folded)
    if figure is not None:
        return f"#{figure}"
    if folded in CAPITAL_ONLY and word.islower():
        return None
    if folded == "us" and word != "US":
        return None
    for mark, table in (("#", NUMBERS), ("=", MONTHS), ("~", WEEKDAYS), ("@", COUNTRIES)):
        if folded in table:
            return mark + table[folded]
    if _ROMAN.fullmatch(word):
        return f"#{_roman(word)}"
    return "#" + folded if any(c.isdigit() for c in folded) else None


def _roman(word: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50}[letter] for letter in word]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))


class _Words(dict[str, int]):
    """Written word -> its code, computed once a process."""

    def __missing__(self, word: str) -> int:
        code = _code(word)
        if len(word) <= _LONGEST_CACHED:
            if len(self) > _CACHE_LIMIT:
                self.clear()
            self[word] = code
        return code


def word_hash(word: str) -> int:
    """The 32-bit hash of a normalised word, the same on every machine."""
    return int(xxhash.xxh32_intdigest(word.encode()))


def _code(word: str) -> int:
    if word == "%":
        return word_hash("percent")
    if not word[0].isalnum():
        return STOP
    folded = fold(word)
    fact = fact_of(word)
    code = word_hash(_spelling(folded) if fact is None or fact[0] in "~@" else fact)
    if fact is not None:
        code |= FACT
    if fact is not None and folded in NUMBERS:
        code |= NUMERAL
    if word[0].isupper():
        code |= CAPITAL
        if len(word) > 1 and word.isupper() and len(word) <= 6:
            code |= ACRONYM
        if folded in FUNCTION or folded in GENERIC or (len(word) == 1):
            code |= PLAIN
    return code


_WORDS = _Words()


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The words of a text. `first` marks those after a stop, a line end or at the start."""

    written: list[str]
    codes: Codes
    first: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.written)


def split(cleaned: str) -> Words:
    """The words of a cleaned text in order, a spelled-out number (`twenty-five`) as one."""
    tokens = _TOKEN.findall(cleaned)
    codes = np.fromiter(map(_WORDS.__getitem__, tokens), np.int64, len(tokens))
    kept = np.flatnonzero(codes != STOP)
    if len(kept) == 0:
        return Words(written=[], codes=codes[kept], first=np.zeros(0, np.bool_))
    first = np.empty(len(kept), np.bool_)
    first[0] = True
    np.not_equal(np.diff(kept), 1, out=first[1:])
    written = tokens if len(kept) == len(tokens) else [tokens[i] for i in kept.tolist()]
    codes = codes[kept]
    # A stop behind an abbreviated office (Dr. Sosa) ends no sentence.
    first[1:] &= (codes[:-1] & (PLAIN | CAPITAL)) != (PLAIN | CAPITAL)
    words = Words(written=written, codes=codes, first=first)
    return _join_numbers(words) if (codes & NUMERAL).any() else words


def _join_numbers(words: Words) -> Words:
    """Spelled numbers of several words become the figure that other copies print."""
    written, codes = words.written, words.codes
    keep = np.ones(len(written), np.bool_)
    for figure in figures(written, np.flatnonzero(codes & NUMERAL).tolist()):
        if codes is words.codes:
            written, codes = written.copy(), codes.copy()
        written[figure.start] = str(figure.value)
        codes[figure.start] = _WORDS[written[figure.start]]
        keep[figure.start + 1 : figure.end] = False
    if codes is words.codes:
        return words
    return Words(
        written=[written[i] for i in np.flatnonzero(keep).tolist()],
        codes=codes[keep],
        first=words.first[keep],
    )
