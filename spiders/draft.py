"""A first source file from what an address answered: the kind and what can be told of its site."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
from parsel import Selector

from core.errors import DiscoveryError
from pipeline.charset import decode
from spiders.discovery.content import described, is_html, start_of

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
KNOWN_FIELDS = {
    "url": ("url", "link", "html_url", "web_url", "webUrl", "permalink", "href"),
    "title": ("title.rendered", "title", "headline", "name", "webTitle"),
    "date": ("date_gmt", "date", "published", "published_at", "publication_date", "created_at", "created"),
    "id": ("id", "uuid", "guid", "_id"),
}
ITEMS = (
    "article h2 a",
    "article h3 a",
    "article a",
    "li h2 a",
    "li h3 a",
    "h2 a",
    "h3 a",
    "main li a",
    "td a",
)
"""Selectors of links in listings, the most telling first."""
FEWEST = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What could be told: the block of the kind as YAML, a name, a language; or a feed to ask next."""

    block: str = ""
    name: str = ""
    language: str | None = None
    feed: str | None = None


def draft_of(body: bytes, url: str) -> Draft:
    """The draft for an address by what it answered. Raises DiscoveryError when nothing fits."""
    if is_html(body):
        return _of_page(body, url)
    head = start_of(body)
    if head[:1] in (b"{", b"["):
        return _of_json(body, url)
    if re.match(rb"<(\w+:)?(urlset|sitemapindex)\b", head):
        return Draft(block=f"sitemap:\n  url: {url}\n  max_age_days: 14")
    if head[:1] == b"<":
        return _of_feed(body, url)
    raise DiscoveryError(f"{url}: expected a feed, a sitemap, JSON or a page, got {described(body)}.")


def _of_feed(body: bytes, url: str) -> Draft:
    parsed: Any = feedparser.parse(body, sanitize_html=False)
    if not parsed.get("version"):
        raise DiscoveryError(f"{url}: expected a feed, got {described(body)}.")
    return Draft(
        block=f"feed:\n  url: {url}",
        name=" ".join(str(parsed.feed.get("title", "")).split()),
        language=_language(parsed.feed.get("language")),
    )


def _language(written: Any) -> str | None:
    match = re.match(r"\s*([A-Za-z]{2})(?:[-_]|\s*$)", str(written or ""))
    return match.group(1).lower() if match else None


def _of_json(body: bytes, url: str) -> Draft:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise DiscoveryError(f"{url}: not JSON ({error}).") from None
    if isinstance(document, dict) and str(document.get("version", "")).startswith("https://jsonfeed.org/"):
        return Draft(block=f"feed:\n  url: {url}", name=str(document.get("title", "")))
    for path, items in _lists(document, ""):
        fields = {name: _first(items[0], paths) for name, paths in KNOWN_FIELDS.items()}
        if fields["url"]:
            said = "\n".join(f"    {name}: {path_}" for name, path_ in fields.items() if path_)
            # WordPress writes this date in UTC, and does not say so.
            zone = "\n  timezone: UTC" if fields["date"] == "date_gmt" else ""
            return Draft(block=f"api:\n  url: {url}\n  items: {path or '.'}\n  fields:\n{said}{zone}")
    raise DiscoveryError(f"{url}: no list of items with addresses was found in the JSON.")


def _lists(value: Any, path: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The lists of objects in a document, the outer ones first."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if re.fullmatch(r"[^.\s]+", str(key)):
                yield from _lists(inner, f"{path}.{key}" if path else str(key))


def _first(item: dict[str, Any], paths: tuple[str, ...]) -> str | None:
    for path in paths:
        value: Any = item
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return path
    return None


def _of_page(body: bytes, url: str) -> Draft:
    page = Selector(text=decode(body, None), type="html")
    name = " ".join((page.css("title::text").get() or "").split())
    language = _language(page.css("html::attr(lang)").get())
    for link in page.css("link[rel~=alternate]"):
        if link.attrib.get("type") in FEED_TYPES and link.attrib.get("href"):
            return Draft(name=name, language=language, feed=urljoin(url, link.attrib["href"]))
    for item in ITEMS:
        paths = {urlsplit(urljoin(url, href)).path for href in page.css(f"{item}::attr(href)").getall()}
        if len(paths) >= FEWEST:
            block = f"listing:\n  url: {url}\n  # Found by trying; see whether it fits.\n  item: {item}"
            return Draft(block=block, name=name, language=language)
    raise DiscoveryError(
        f"{url}: {described(body)} names no feed, and no list of links was found in it. "
        "Look for its feed or sitemap, and give that address."
    )
