"""What a received body is: its type by header and by its first bytes, and its charset."""

from email.message import Message
from html import escape

from core.report import Listed

HTML = "text/html"
PDF = "application/pdf"
READABLE = (HTML, "application/xhtml+xml", PDF)
PDF_WINDOW = 1024
"""Readers of PDF accept the mark anywhere in the first 1024 bytes; some ministries put junk before it."""


def _message(header: bytes | None) -> Message:
    message = Message()
    message["Content-Type"] = (header or b"").decode("latin-1")
    return message


def encoding_of(header: bytes | None) -> str | None:
    """The charset a Content-Type header names, lower case, or None."""
    try:
        return _message(header).get_content_charset()
    except (ValueError, LookupError):
        return None


def content_type_of(header: bytes | None, body: bytes) -> str:
    """The media type of a body. Its own first bytes outrank the header for PDF and plain HTML."""
    if b"%PDF-" in body[:PDF_WINDOW] and body.lstrip()[:1] != b"<":
        return PDF
    declared = _message(header).get_content_type().lower() if header else ""
    if declared in READABLE and declared != PDF:
        return declared
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith((b"<!doctype html", b"<html")) or (start.startswith(b"<") and b"<html" in start):
        return HTML
    if declared == PDF:
        # Declared PDF without the mark: an error page in disguise, or nothing at all.
        return "application/octet-stream"
    return declared or "application/octet-stream"


def readable(content_type: str) -> bool:
    """Whether a report can be read from this type: HTML, XHTML or PDF."""
    return content_type in READABLE


def document_of_index_text(listed: Listed) -> bytes:
    """A small HTML document around the text an index carries, so that it is read like any page."""
    title = escape(listed.title)
    text = listed.html.strip() or f"<p>{escape(listed.summary or listed.title)}</p>"
    language = f' lang="{escape(listed.language)}"' if listed.language else ""
    return (
        f'<!doctype html><html{language}><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><article><h1>{title}</h1>\n{text}\n</article></body></html>"
    ).encode("utf-8", "replace")
