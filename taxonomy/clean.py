"""Before matching: a text without what a reader does not see, with the way back to the original.

Soft hyphens, invisible characters, accents written as characters of their own (e + U+0301), and the
tags and entities left over from HTML would each break the words they stand in.
"""

import html
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff"
_HIDDEN = re.compile(f"[{_INVISIBLE}]")
_DIRT = re.compile(f"[<&\u0300-\u036f{_INVISIBLE}]")
_UNIT = re.compile(
    f"[{_INVISIBLE}]+"
    f"|\\w[{_INVISIBLE}]*[\u0300-\u036f][\u0300-\u036f{_INVISIBLE}]*"
    "|[\u0300-\u036f]+"
    "|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
    "|</?[A-Za-z][^<>]{0,2000}>"
    "|<!--[^<>]{0,2000}-->"
)
_INLINE = frozenset(
    ("a", "abbr", "b", "em", "font", "i", "mark", "small", "span", "strong", "sub", "sup", "u")
)
_TAG_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")


@dataclass(frozen=True, slots=True)
class Clean:
    """A cleaned text. From position `starts[i]` of it on, the original is `shifts[i]` further.

    `stops` holds, for a position whose character stands for several of the original, where
    those end.
    """

    text: str
    starts: tuple[int, ...] = (0,)
    shifts: tuple[int, ...] = (0,)
    stops: dict[int, int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span in the original of a span that is not empty."""
        if self.stops is None:
            return start, end
        last = end - 1
        stop = self.stops.get(last)
        return self._position(start), self._position(last) + 1 if stop is None else stop

    def _position(self, position: int) -> int:
        return position + self.shifts[bisect_right(self.starts, position) - 1]


def clean(text: str) -> Clean:
    """The text as it is read. Most texts need nothing and are given back as they are."""
    if not _DIRT.search(text):
        return Clean(text)
    parts: list[str] = []
    starts, shifts, stops = [0], [0], {}
    length = done = 0
    for found in _UNIT.finditer(text):
        written = _seen(found.group())
        if written == found.group():
            continue
        parts += (text[done : found.start()], written)
        length += found.start() - done + len(written)
        if len(written) == 1:
            # This character keeps the shift before it: it begins where the original does.
            stops[length - 1] = found.end()
        done = found.end()
        starts.append(length)
        shifts.append(done - length)
    parts.append(text[done:])
    return Clean("".join(parts), tuple(starts), tuple(shifts), stops)


def _seen(written: str) -> str:
    """What a reader sees of a unit: one character, or none."""
    first = written[0]
    if first == "<":
        name = _TAG_NAME.match(written)
        return "" if name and name.group(1).lower() in _INLINE else "\n"
    if first == "&":
        meant = html.unescape(written)
        return meant if len(meant) == 1 and meant not in "<>" else " " if len(meant) == 1 else written
    if first.isalnum() or first == "_":
        whole = unicodedata.normalize("NFC", _HIDDEN.sub("", written))
        return whole[0]
    return ""
