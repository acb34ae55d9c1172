"""Sitemaps: lists of pages, lists of lists, news sitemaps, text ones; plain or gzipped."""

import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from lxml import etree

from core.dates import DateClaim, DateKind, Origin
from core.errors import DiscoveryError
from core.report import Listed
from core.source import SitemapParams, Source
from spiders.discovery.content import described, is_html, start_of, unpack
from spiders.discovery.dates import claim
from spiders.discovery.index import Index, IndexRequest, newest_date, select, web_address
from spiders.discovery.markup import plain
from spiders.discovery.references import mend_xml

DEEPEST = 3
MOST_CHILDREN = 50
"""Sitemaps are followed three levels down, and at most the 50 newest of one index."""
MOST_PAGES = 200_000
"""The protocol allows 50,000 a file; a file with four times that is still read to there."""


def read(
    body: bytes,
    request: IndexRequest,
    source: Source,
    *,
    now: datetime,
    charset: str | None = None,  # noqa: ARG001 - XML names its own, and addresses are ASCII
    base: str | None = None,
) -> Index:
    """The pages of one sitemap, newest first, or the further sitemaps of an index.

    A page older than `max_age_days` by every date the sitemap gives is left out; a page without
    a date is kept, for nothing says that it is old.
    """
    params = source.params
    assert isinstance(params, SitemapParams)
    body = unpack(body)
    address = base or request.url
    head = start_of(body)
    notes: list[str] = []
    if head[:1] == b"<" and not is_html(body):
        pages, children, notes = _read_xml(body, address, source, now)
    elif re.match(rb"https?://", head):
        pages, children = [_page_of_line(line, address) for line in body.split()], []
    else:
        raise DiscoveryError(f"Expected a sitemap, got {described(body)}.")
    partial = bool(notes)
    found = [page for page in pages if page is not None]
    if len(found) < len(pages):
        notes.append(f"{len(pages) - len(found)} entries without a usable address")
    fresh = [page for page in found if not _too_old(page, params.max_age_days, now)]
    if len(fresh) < len(found):
        notes.append(f"{len(found) - len(fresh)} pages older than {params.max_age_days} days")
    listed, left_out = select(fresh, include=params.include, exclude=params.exclude)
    follow, left = _follow(children, request, params, now)
    return Index(
        listed=tuple(sorted(listed, key=_newness, reverse=True)),
        follow=follow,
        notes=(*notes, *left_out, *left),
        partial=partial,
    )


def _newness(listed: Listed) -> tuple[bool, float]:
    newest = newest_date(listed)
    return (newest is not None, newest.timestamp() if newest else 0.0)


def _page_of_line(line: bytes, address: str) -> Listed | None:
    url = web_address(address, line.decode("utf-8", "replace"))
    return Listed(url=url) if url else None


def _too_old(listed: Listed, days: int | None, now: datetime) -> bool:
    if days is None or not listed.dates:
        return False
    newest = max(date.value for date in listed.dates)
    return newest < now - timedelta(days=days)


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


Child = tuple[str, datetime | None]


Entries = tuple[list[Listed | None], list[Child], list[str]]


def _read_xml(body: bytes, address: str, source: Source, now: datetime) -> Entries:
    """The entries of an XML sitemap. One that is not well-formed is mended and read again."""
    pages, children, notes, fault = _walk(body, address, source, now)
    if fault:
        again, more, also, still = _walk(mend_xml(body), address, source, now)
        if len(again) + len(more) > len(pages) + len(children) or not still:
            pages, children, notes = again, more, also
        kept = "what stood before was used" if still else "it was mended"
        notes = [*notes, f"the sitemap is not well-formed ({fault}); {kept}"]
    return pages, children, notes


def _walk(
    body: bytes, address: str, source: Source, now: datetime
) -> tuple[list[Listed | None], list[Child], list[str], str]:
    """The entries up to the first fault in the XML, and what the fault is."""
    pages: list[Listed | None] = []
    children: list[Child] = []
    notes: list[str] = []
    kind = ""
    try:
        walk = etree.iterparse(
            io.BytesIO(body),
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        for event, element in walk:
            name = _local(element)
            if event == "start":
                kind = kind or _checked_root(name, element, body)
                continue
            if name == "url":
                pages.append(_page(element, address, source, now))
            elif name == "sitemap":
                child = _child(element, address, source, now)
                children += [child] if child else []
            else:
                continue
            _forget(element)
            if len(pages) >= MOST_PAGES:
                notes.append(f"only the first {MOST_PAGES:,} pages were read")
                break
    except etree.XMLSyntaxError as error:
        if not kind:
            raise DiscoveryError(f"Expected a sitemap, got {described(body)}: {error.msg}.") from None
        return pages, children, notes, error.msg or "no reason given"
    return pages, children, notes, ""


def _checked_root(name: str, element: etree._Element, body: bytes) -> str:
    if name not in ("urlset", "sitemapindex"):
        raise DiscoveryError(f"Expected a sitemap, got {described(body)}.")
    if element.getroottree().docinfo.internalDTD is not None:
        raise DiscoveryError("The sitemap declares a document type of its own, which is not read.")
    return name


def _forget(element: etree._Element) -> None:
    """Free what was read: a sitemap of 50 MB must not become a tree of 500."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _texts(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Name and text of every element below, without those of pictures and videos."""
    for part in element.iter():
        if not isinstance(part.tag, str) or not part.text:
            continue
        if "sitemap-image" in part.tag or "sitemap-video" in part.tag:
            continue
        yield _local(part), part.text.strip()


def _page(element: etree._Element, address: str, source: Source, now: datetime) -> Listed | None:
    texts: dict[str, str] = {}
    for name, text in _texts(element):
        texts.setdefault(name, text)
    url = web_address(address, texts.get("loc"))
    if url is None:
        return None
    dates: list[DateClaim] = []
    for name, kind in (("publication_date", DateKind.PUBLISHED), ("lastmod", DateKind.MODIFIED)):
        read_as = claim(texts.get(name, ""), source=source, origin=Origin.SITEMAP, kind=kind, now=now)
        dates += [read_as] if read_as else []
    language = texts.get("language", "")[:2].lower()
    return Listed(
        url=url,
        title=plain(texts.get("title", "")),
        dates=tuple(dates),
        language=language if language.isalpha() else None,
    )


def _child(element: etree._Element, address: str, source: Source, now: datetime) -> Child | None:
    texts = dict(_texts(element))
    url = web_address(address, texts.get("loc"))
    if url is None:
        return None
    changed = claim(texts.get("lastmod", ""), source=source, origin=Origin.SITEMAP, now=now)
    return url, changed.value if changed else None


def _follow(
    children: list[Child], request: IndexRequest, params: SitemapParams, now: datetime
) -> tuple[tuple[IndexRequest, ...], list[str]]:
    """The further sitemaps to read: matching `follow`, not older than asked, newest first, bounded."""
    if not children:
        return (), []
    if request.depth >= DEEPEST:
        return (), [f"{len(children)} further sitemaps lie deeper than {DEEPEST} levels"]
    pattern = re.compile(params.follow) if params.follow else None
    seen = request.chain | {request.url}
    chosen = [child for child in dict(children).items() if child[0] not in seen]
    notes = []
    if pattern:
        before, chosen = len(chosen), [child for child in chosen if pattern.search(child[0])]
        notes += [f"{before - len(chosen)} sitemaps not matching follow"] if before > len(chosen) else []
    if params.max_age_days is not None:
        oldest = now - timedelta(days=params.max_age_days + 1)
        before, chosen = len(chosen), [child for child in chosen if child[1] is None or child[1] >= oldest]
        notes += [f"{before - len(chosen)} sitemaps not changed lately"] if before > len(chosen) else []
    chosen.sort(key=lambda child: child[1].timestamp() if child[1] else 0.0, reverse=True)
    if len(chosen) > MOST_CHILDREN:
        notes.append(f"only the {MOST_CHILDREN} newest of {len(chosen)} sitemaps are read")
    follow = tuple(
        IndexRequest(url=url, depth=request.depth + 1, chain=seen) for url, _ in chosen[:MOST_CHILDREN]
    )
    return follow, notes
