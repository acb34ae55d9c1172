"""Feeds: RSS in all its versions, RDF, Atom (by feedparser) and JSON Feed (by hand)."""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.parsers import expat

import feedparser

from core.dates import DateClaim, DateKind, Origin
from core.errors import DiscoveryError
from core.report import Listed
from core.source import FeedParams, Source
from pipeline.charset import mend_utf8, tidy
from spiders.discovery.content import described, is_html, start_of, unpack
from spiders.discovery.dates import claim
from spiders.discovery.index import Index, IndexRequest, select, web_address
from spiders.discovery.jsonfeed import read_json_feed
from spiders.discovery.markup import plain
from spiders.discovery.references import mend_references

LARGEST_FEED = 8 * 1024 * 1024
DEEPEST = 100
"""Feeds nest a dozen levels, XHTML content a few more; far deeper ones are made to hurt a parser."""

_DECLARED = re.compile(rb"<\?xml[^>]*\bencoding\s*=", re.I)
_DOCTYPE_ENTITY = re.compile(rb"<!ENTITY", re.I)
_OFTEN_OPEN = frozenset((b"br", b"hr", b"img", b"p", b"li", b"td", b"tr", b"link", b"input"))
"""What people forget to close; a feed with many of them is sloppy, and parsed in linear time."""
_TAIL = re.compile(
    r"\s*<p>\s*(?:The post|La entrada|El artículo|El post)\s*<a\b[^>]{0,2000}>[^<]{0,500}</a>\s*"
    r"(?:first appeared on|appeared first on|se publicó primero en|aparece primero en|apareció primero en)"
    r"\s*<a\b[^>]{0,2000}>[^<]{0,300}</a>\s*\.?\s*</p>\s*$",
    re.I,
)
_TAG = re.compile(rb"<(/?)([A-Za-z][^\s/<>]*)[^<>]*?(/?)>")


def read(
    body: bytes,
    request: IndexRequest,
    source: Source,
    *,
    now: datetime,
    charset: str | None = None,
    base: str | None = None,
) -> Index:
    """The entries of one feed. A feed that is cut off gives what could be read and says so."""
    params = source.params
    assert isinstance(params, FeedParams)
    body = unpack(body)
    address = base or request.url
    if start_of(body)[:1] == b"{":
        found, notes = read_json_feed(body, address, source, now=now)
        partial = False
    else:
        _refuse_unsafe(body)
        found, notes, partial = _read_xml(
            body, address, charset=charset, source=source, params=params, now=now
        )
    listed, left_out = select(found, include=params.include, exclude=params.exclude)
    return Index(listed=listed, notes=(*notes, *left_out), partial=partial)


def _refuse_unsafe(body: bytes) -> None:
    """Refuse what is no feed, and what a parser could be hurt with, before a parser sees it."""
    head = start_of(body)
    if not head or is_html(body) or head[:1] != b"<":
        raise DiscoveryError(f"Expected a feed, got {described(body)}.")
    if len(body) > LARGEST_FEED:
        raise DiscoveryError(f"The feed has {len(body):,} bytes; at most {LARGEST_FEED:,} are read.")
    prologue = head[: match.start()] if (match := re.search(rb"<[A-Za-z]", head)) else head
    if _DOCTYPE_ENTITY.search(prologue):
        raise DiscoveryError("The feed declares entities of its own, which is not read.")
    depth = nesting(body)
    if depth > DEEPEST:
        raise DiscoveryError(f"The feed nests more than {DEEPEST} elements inside each other.")


def nesting(body: bytes) -> int:
    """How deep the elements nest, at most one more than DEEPEST. Works on broken XML too."""
    depth = deepest = 0
    parser = expat.ParserCreate()

    class TooDeep(Exception):
        pass

    def opened(name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, deepest
        depth += name.lower().encode() not in _OFTEN_OPEN
        deepest = max(deepest, depth)
        if depth > DEEPEST:
            raise TooDeep

    def closed(name: str) -> None:
        nonlocal depth
        depth -= name.lower().encode() not in _OFTEN_OPEN

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    try:
        parser.Parse(body, True)
    except TooDeep:
        return DEEPEST + 1
    except (expat.ExpatError, ValueError, LookupError):
        return max(deepest, _nesting_of_tags(body))
    return deepest


def _without_quoted(body: bytes) -> bytes:
    """The body without comments and CDATA, whose tags are text. One pass, whatever is left open."""
    for opening, closing in ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>")):
        pieces = body.split(opening)
        kept = pieces[:1]
        for piece in pieces[1:]:
            _, end, rest = piece.partition(closing)
            kept.append(rest if end else b"")
        body = b"".join(kept)
    return body


def _nesting_of_tags(body: bytes) -> int:
    """The nesting of a body that is not XML: tags left open count as nested, whatever their name."""
    open_tags: list[bytes] = []
    deepest = 0
    for match in _TAG.finditer(_without_quoted(body)):
        closing, name, empty = match.groups()
        if empty or name.lower() in _OFTEN_OPEN:
            continue
        if not closing:
            open_tags.append(name)
        elif name in open_tags:
            while open_tags.pop() != name:
                pass
        deepest = max(deepest, len(open_tags))
        if deepest > DEEPEST:
            break
    return deepest


def _read_xml(
    body: bytes, address: str, *, charset: str | None, source: Source, params: FeedParams, now: datetime
) -> tuple[list[Listed], list[str], bool]:
    headers = {"content-location": address}
    if charset and not _DECLARED.search(body[:512]):
        headers["content-type"] = f"application/xml; charset={charset}"
    try:
        parsed: Any = feedparser.parse(
            io.BytesIO(mend_references(mend_utf8(body))), response_headers=headers, sanitize_html=False
        )
    except Exception as error:  # its lenient parser meets bytes nobody foresaw
        raise DiscoveryError(f"The feed cannot be parsed ({type(error).__name__}: {error}).") from error
    if not parsed.get("version") and not parsed.entries:
        raise DiscoveryError(f"Expected a feed, got {described(body)}.")
    partial = bool(parsed.bozo) and not isinstance(parsed.get("bozo_exception"), _HARMLESS)
    notes = (
        [f"the feed is not well-formed ({_reason(parsed)}); what could be read was used"] if partial else []
    )
    found = list(_entries(parsed, address, source, params, now))
    missing = len(parsed.entries) - len(found)
    if missing:
        notes.append(f"{missing} entries without a usable link")
    return found, notes, partial


_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)


def _reason(parsed: Any) -> str:
    error = parsed.get("bozo_exception")
    where = getattr(error, "getLineNumber", None)
    message = getattr(error, "getMessage", lambda: str(error))()
    return f"line {where()}: {message}" if where else str(message)


def _entries(
    parsed: Any, address: str, source: Source, params: FeedParams, now: datetime
) -> Iterator[Listed]:
    language = _language(parsed.feed.get("language"))
    for entry in parsed.entries:
        url = _link(entry, address)
        if url is None:
            continue
        # The caption of a picture comes as content too, so the longest text is that of the entry.
        summary = _without_tail(entry.get("summary") or "")
        parts = (part.get("value") or "" for part in entry.get("content", ()))
        content = max((summary, *map(_without_tail, parts)), key=len)
        yield Listed(
            url=url,
            title=plain(entry.get("title", "")),
            summary=plain(summary),
            html=tidy(content),
            dates=tuple(_dates(entry, source, params, now)),
            authors=_authors(entry),
            language=_language(entry.get("language")) or language,
            guid=tidy(entry.get("id") or "") or None,
        )


def _without_tail(html: str) -> str:
    """The text of an entry without the line that WordPress adds below it, in English or Spanish."""
    return _TAIL.sub("", html)


def _link(entry: Any, address: str) -> str | None:
    """The page of an entry: its alternate link (HTML first), its permanent id, a PDF it encloses."""
    links = [link for link in entry.get("links", ()) if link.get("href")]
    alternates = [link for link in links if link.get("rel", "alternate") == "alternate"]
    alternates.sort(key=lambda link: "html" not in link.get("type", "text/html"))
    enclosed = [link for link in links if link.get("rel") == "enclosure" and "pdf" in link.get("type", "")]
    identity = entry.get("id") or ""
    permanent = [identity] if entry.get("guidislink") or identity.startswith(("http://", "https://")) else []
    written = [link["href"] for link in alternates] + [entry.get("link", "")] + permanent
    for candidate in (*written, *(link["href"] for link in enclosed)):
        url = web_address(address, candidate)
        # A link that is empty or only `#` comes resolved, as the address of the feed itself.
        if url is not None and url != address:
            return url
    return None


def _dates(entry: Any, source: Source, params: FeedParams, now: datetime) -> Iterator[DateClaim]:
    published = entry.get("published") or entry.get("created") or ""
    # feedparser answers `updated` with `published` when there is none; the raw key does not.
    updated = dict.get(entry, "updated") or ""
    first = DateKind.MODIFIED if params.date_is == "modified" else DateKind.PUBLISHED
    for written, kind in ((published, first), (updated, DateKind.MODIFIED)):
        read_as = claim(
            written,
            source=source,
            origin=Origin.FEED,
            kind=kind,
            now=now,
            timezone=params.tz,
            day_only=params.date_precision == "day",
        )
        if read_as is not None:
            yield read_as


def _authors(entry: Any) -> tuple[str, ...]:
    names = [plain(author.get("name", "")) for author in entry.get("authors", ())]
    return tuple(dict.fromkeys(name for name in names if name))


def _language(written: str | None) -> str | None:
    """`es-SV` and `ES` are `es`; anything that is no language code is nothing."""
    match = re.match(r"\s*([A-Za-z]{2,3})(?:[-_]|\s*$)", written or "")
    return match.group(1).lower() if match else None
