"""What came instead: the form of an index body by its first bytes, and its safe unpacking."""

import re
import zlib
from html import unescape

from core.errors import DiscoveryError

LARGEST_INDEX = 64 * 1024 * 1024
"""A sitemap may have 50 MB by its protocol; nothing larger is read, gzipped or not."""

_GZIP = b"\x1f\x8b"
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.I | re.S)
_PROLOGUE = re.compile(rb"\s*(?:<\?.*?\?>|<!--.*?-->)", re.S)
_CHALLENGES = (
    "just a moment",
    "attention required",
    "are you a robot",
    "access denied",
    "verify you are human",
)
SHOWN = 80


def unpack(body: bytes) -> bytes:
    """The body, gunzipped when it is gzip by its first bytes. Raises DiscoveryError over the bound."""
    layers = 0
    while body.startswith(_GZIP):
        layers += 1
        if layers > 2:
            raise DiscoveryError("The body is gzipped again and again.")
        body = _gunzip(body)
    if len(body) > LARGEST_INDEX:
        raise DiscoveryError(f"The body is larger than {LARGEST_INDEX // 1024 // 1024} MB.")
    return body


def _gunzip(body: bytes) -> bytes:
    machine = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = machine.decompress(body, LARGEST_INDEX + 1)
    except zlib.error as error:
        raise DiscoveryError(f"The body is damaged gzip ({error}).") from None
    if len(plain) > LARGEST_INDEX:
        raise DiscoveryError(f"The body unpacks to more than {LARGEST_INDEX // 1024 // 1024} MB.")
    return plain


def start_of(body: bytes) -> bytes:
    """The body from its first element on: byte order mark, XML declaration and comments passed over.

    UTF-16 and UTF-32 text is thinned to its ASCII characters, which is enough to recognise it.
    """
    head = body[:65536]
    if b"\x00" in head[:64]:
        head = head.replace(b"\x00", b"").lstrip(b"\xff\xfe")
    head = head.removeprefix(b"\xef\xbb\xbf")
    while match := _PROLOGUE.match(head):
        head = head[match.end() :]
    return head.lstrip()


def is_html(body: bytes) -> bool:
    """Whether the body is a page for people."""
    head = start_of(body)[:512].lower()
    return head.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


def described(body: bytes) -> str:
    """What the body is, for a message: `an HTML page titled 'Just a moment...' (a challenge page)`."""
    head = start_of(body)
    if not head:
        return "an empty body"
    if is_html(body):
        return _described_page(body)
    if b"%PDF-" in body[:1024]:
        return "a PDF"
    if b"\x00" in body[:512]:
        return "binary data"
    form = "JSON" if head[:1] in (b"{", b"[") else "XML" if head[:1] == b"<" else "text"
    return f"{form} that begins {_quoted(head)}"


def _described_page(body: bytes) -> str:
    found = _TITLE.search(body[:65536])
    title = " ".join(unescape(found.group(1).decode("utf-8", "replace")).split()) if found else ""
    challenge = " (a challenge page)" if title.lower().startswith(_CHALLENGES) else ""
    return f"an HTML page titled {title[:SHOWN]!r}{challenge}" if title else "an HTML page"


def _quoted(head: bytes) -> str:
    return repr(" ".join(head[: SHOWN * 4].decode("utf-8", "replace").split())[:SHOWN])
