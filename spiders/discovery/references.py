"""Before a feed or sitemap is parsed: what a strict XML parser stumbles over is mended.

References to no character: software that thinks in UTF-16 writes an emoji as `&#xD83D;&#xDE00;`. That is
not XML, and feedparser gives up the whole feed for it, and for numbers beyond Unicode.
Bare ampersands: people paste addresses with `?a=1&b=2` into sitemaps.
"""

import re

from pipeline.charset import mend_utf8

_PAIR = re.compile(
    rb"&(amp;)?#(x0*d[89ab][0-9a-f]{2}|0*5[56][0-9]{3});&(?:amp;)?#(x0*d[c-f][0-9a-f]{2}|0*5[67][0-9]{3});",
    re.I,
)
_REFERENCE = re.compile(rb"&(amp;)?#(x[0-9a-f]{4,}|[0-9]{5,});", re.I)
_BARE = re.compile(rb"&(?!(?:#[0-9]+|#x[0-9a-f]+|[a-z][a-z0-9]*);)", re.I)
_CONTROLS = bytes((*range(9), 0x0B, 0x0C, *range(0x0E, 0x20)))
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
_BEYOND = 0x110000


def mend_references(body: bytes) -> bytes:
    """`body` with surrogate pairs joined, and U+FFFD for halves of them and what Unicode has not."""
    return _REFERENCE.sub(_single, _PAIR.sub(_pair, body))


def mend_xml(body: bytes) -> bytes:
    """`body` also with bare ampersands escaped, control characters removed, broken UTF-8 replaced.

    For a body that a parser has refused; it is no longer what the server sent.
    """
    mended = mend_references(mend_utf8(body.translate(None, _CONTROLS)))
    first, *quoted = mended.split(b"<![CDATA[")
    pieces = [_BARE.sub(b"&amp;", first)]
    for piece in quoted:
        inside, end, after = piece.partition(b"]]>")
        pieces.append(inside + end + _BARE.sub(b"&amp;", after))
    return b"<![CDATA[".join(pieces)


def _pair(match: re.Match[bytes]) -> bytes:
    escaped, *written = match.groups()
    high, low = map(_code, written)
    if high not in _HIGH or low not in _LOW:
        return match.group()
    return b"&%b#x%X;" % (escaped or b"", 0x10000 + ((high - _HIGH.start) << 10) + (low - _LOW.start))


def _single(match: re.Match[bytes]) -> bytes:
    escaped, written = match.groups()
    code = _code(written)
    if code < _HIGH.start or _LOW.stop <= code < _BEYOND:
        return match.group()
    return b"&%b#xFFFD;" % (escaped or b"")


def _code(written: bytes) -> int:
    # No character's number has more than seven digits, and Python reads no endless ones.
    digits = written.lstrip(b"xX0")[:8] or b"0"
    return int(digits, 16) if written[:1] in b"xX" else int(digits)
