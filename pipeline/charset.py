"""Before extraction: the bytes of a page become text that every later step can hold.

Order of belief: a byte order mark; bytes that are valid UTF-8 (no other encoding looks like it by
accident); what the server declared; what the page declares; Windows-1252, as browsers assume where
English and Spanish are read.
"""

import codecs
import contextlib
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD = 4096
_META = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([a-z0-9_.:-]{2,40})""", re.I
)
# Browsers read these labels as their larger siblings, and so do the people who write them.
_WIDER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# The same in the bytes of valid UTF-8, which has no surrogates; ten times faster to look for.
_UNWANTED_BYTES = bytes((*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F))
_NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
# UTF-8 bytes that were once read as Windows-1252: Ã³, â€œ, Â¿.
_MOJIBAKE = re.compile("(?:[ÃÂ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ]|â€[\x80-\xbf‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ]?)+")


def _known(label: str | None) -> str | None:
    """The codec for a declared label, widened as browsers do; None when it names no text codec."""
    if not label:
        return None
    try:
        info = codecs.lookup(label.strip().strip("\"'"))
        b"text".decode(info.name, "replace")
    except (LookupError, ValueError, UnicodeError):
        return None
    return _WIDER.get(info.name, info.name)


def decode(body: bytes, declared: str | None = None) -> str:
    """The text of `body`; never raises. `declared` is the charset of the HTTP header, if any."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return tidy(body[len(mark) :].decode(name, "replace"))
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        clean = len(body.translate(None, _UNWANTED_BYTES)) == len(body)
        return text if clean and not any(one in body for one in _NONCHARACTERS) else tidy(text)
    with contextlib.suppress(UnicodeDecodeError):
        # Software that thinks in UTF-16 writes an emoji as two halves, each in UTF-8.
        return tidy(body.decode("utf-8", "surrogatepass"))
    meta = _META.search(body[:_HEAD])
    labels = (declared, meta.group(1).decode("ascii") if meta else None)
    for codec in filter(None, map(_known, labels)):
        # A page that can be searched for an ASCII tag is not UTF-16, whatever it says.
        if codec.startswith(("utf-16", "utf-32")) and meta:
            continue
        text = body.decode(codec, "replace")
        if _believable(text, codec):
            return tidy(text)
    return tidy(body.decode("cp1252", "replace"))


def mend_utf8(body: bytes) -> bytes:
    """`body` with what is broken in its UTF-8 replaced; as it is when it is another encoding.

    For parsers that read a whole body as Windows-1252 because one letter in it was cut in two.
    """
    try:
        text = body.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
        if not _mostly_whole(text):
            return body
    return _SURROGATE_PAIR.sub(_joined, text).encode("utf-8", "replace")


def _believable(text: str, codec: str) -> bool:
    """Whether a label fits: a stray broken byte is no reason to doubt it, many of them are."""
    return text.count("\ufffd") <= 1 + len(text) // 1000 or (codec == "utf-8" and _mostly_whole(text))


def _mostly_whole(text: str) -> bool:
    """Whether more letters of a text read as UTF-8 are whole than broken: no other encoding does that."""
    broken = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", "ignore")) - broken > broken


def _joined(pair: re.Match[str]) -> str:
    return pair.group().encode("utf-16", "surrogatepass").decode("utf-16")


def tidy(text: str) -> str:
    """Without control characters and without halves of surrogate pairs; whole pairs are joined."""
    if _UNWANTED.search(text) is None:
        return text
    return _UNWANTED.sub("", _SURROGATE_PAIR.sub(_joined, text))


def _reread(match: re.Match[str]) -> str:
    garbled = match.group()
    try:
        raw = b"".join(c.encode("latin-1") if ord(c) < 256 else c.encode("cp1252") for c in garbled)
        return raw.decode("utf-8")
    except UnicodeError:
        return garbled


def repair(text: str) -> str:
    """Undo UTF-8 once misread as Windows-1252 (`CamiÃ³n`), where that reading is consistent."""
    if "Ã" not in text and "â€" not in text and "Â" not in text:
        return text
    return _MOJIBAKE.sub(_reread, text)
