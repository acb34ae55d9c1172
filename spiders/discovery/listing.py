"""Listings: HTML pages of links, read by the CSS selectors of the source file."""

from datetime import datetime

from parsel import Selector, SelectorList

from core.dates import DateClaim, Origin
from core.errors import DiscoveryError
from core.report import Listed
from core.source import ListingParams, Source
from pipeline.charset import decode
from spiders.discovery.content import described, unpack
from spiders.discovery.dates import claim
from spiders.discovery.index import Index, IndexRequest, select, web_address
from spiders.discovery.markup import plain

LARGEST_PAGE = 16 * 1024 * 1024


def read(
    body: bytes,
    request: IndexRequest,
    source: Source,
    *,
    now: datetime,
    charset: str | None = None,
    base: str | None = None,
) -> Index:
    """The items of one listing page and the next page.

    A first page without items is an error: the site was rebuilt, or showed us something else. A
    later one is the end of the list.
    """
    params = source.params
    assert isinstance(params, ListingParams)
    body = unpack(body)
    if (
        not body.strip()
        or len(body) > LARGEST_PAGE
        or described(body).startswith(("JSON", "a PDF", "binary"))
    ):
        raise DiscoveryError(f"Expected an HTML listing, got {described(body)}.")
    page = Selector(text=decode(body, charset), type="html")
    address = _base(page, base or request.url)
    items = page.css(params.item)
    notes: list[str] = []
    if not items and request.page == 1:
        raise DiscoveryError(f"The selector `item: {params.item}` matched nothing in {described(body)}.")
    if not items:
        notes.append(f"page {request.page} lists nothing")
    found = [_listed(item, address, source, params, now) for item in items]
    usable = [listed for listed in found if listed is not None]
    if len(usable) < len(found):
        notes.append(f"{len(found) - len(usable)} items in which `link: {params.link}` leads nowhere")
    if found and not usable:
        raise DiscoveryError(
            f"The selector `link: {params.link}` leads nowhere in {len(found)} items of {described(body)}."
        )
    if params.date and usable and not any(listed.dates for listed in usable):
        notes.append(f"the selector `date: {params.date}` gave no date that could be read")
    listed, left_out = select(usable, include=params.include, exclude=params.exclude)
    follow, left = _next(page, address, request, params) if items else ((), [])
    return Index(listed=listed, follow=follow, notes=(*notes, *left_out, *left))


def _base(page: Selector, address: str) -> str:
    written = page.css("base::attr(href)").get()
    return web_address(address, written) or address


def _listed(
    item: Selector, address: str, source: Source, params: ListingParams, now: datetime
) -> Listed | None:
    links = item.css(params.link) or SelectorList([item])
    for link in links:
        url = web_address(address, _attribute(link, "href"))
        if url is not None:
            titles = item.css(params.title) if params.title else SelectorList([link])
            title = next(filter(None, map(_text, titles)), "") or _attribute(link, "title") or ""
            return Listed(url=url, title=plain(title), dates=_dates(item, source, params, now))
    return None


def _attribute(node: Selector, name: str) -> str | None:
    """An attribute; or the value itself when the selector ended in `::attr(…)` or `::text`."""
    if isinstance(node.root, str):
        return node.root
    # Not `node.attrib`: it copies every attribute and fails on names that only broken pages have.
    value = node.root.get(name)
    return value.strip() if isinstance(value, str) else None


def _text(node: Selector) -> str:
    if isinstance(node.root, str):
        return " ".join(node.root.split())
    # Scripts and styles are no words, and a template may hold the whole card again.
    words = node.xpath(".//text()[not(ancestor::script or ancestor::style or ancestor::template)]").getall()
    return " ".join(" ".join(words).split())


def _dates(item: Selector, source: Source, params: ListingParams, now: datetime) -> tuple[DateClaim, ...]:
    """The date of an item. Several matches are read as one date (a month here, a year there), then alone.

    Without `date_attribute` the visible text counts before a `datetime` attribute: some sites
    carry one constant `datetime` through the whole list.
    """
    if not params.date:
        return ()
    nodes = item.css(params.date)
    texts = [_text(node) for node in nodes]
    attributes = [_attribute(node, params.date_attribute or "datetime") or "" for node in nodes]
    first, then = (attributes, texts) if params.date_attribute else (texts, attributes)
    for written in (" ".join(first), *first, *then):
        read_as = claim(
            written,
            source=source,
            origin=Origin.LISTING,
            now=now,
            format_=params.date_format,
            order=params.date_order,
        )
        if read_as is not None:
            return (read_as,)
    return ()


def _next(
    page: Selector, address: str, request: IndexRequest, params: ListingParams
) -> tuple[tuple[IndexRequest, ...], list[str]]:
    if not params.next:
        return (), []
    seen = request.chain | {request.url}
    links = (web_address(address, _attribute(link, "href")) for link in page.css(params.next))
    further = next((url for url in links if url), None)
    if further is None:
        return (), []
    if further in seen:
        return (), ["the next page leads back to one already read"]
    if request.page >= params.max_pages:
        return (), [f"stopped after {request.page} pages (max_pages)"]
    return (IndexRequest(url=further, page=request.page + 1, chain=seen),), []
