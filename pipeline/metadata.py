"""Extraction, second: what a page says of itself, JSON-LD first, then meta tags, then markup."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import cast
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from core.dates import DateClaim, DateKind, Origin
from pipeline.bylines import clean_authors, jsonld_authors
from pipeline.jsonld import Node, find_article, named_nodes, read_blocks, text_of
from pipeline.titles import Titles, choose_title
from pipeline.written_dates import date_in_url, read_date

_PUBLISHED = (
    "article:published_time", "og:published_time", "datepublished", "article:published", "parsely-pub-date",
    "sailthru.date", "citation_online_date", "citation_publication_date", "citation_date", "dc.date.issued",
    "dcterms.issued", "dc.date.created", "dcterms.created", "dcterms.date", "dc.date", "article.published",
    "article_date_original", "publish-date", "publish_date", "publishdate", "publication_date",
    "publicationdate", "pubdate", "published_at", "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime", "bt:pubdate", "displaydate", "originalpublicationdate", "date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "article:modified", "dcterms.modified",
    "dc.date.modified", "article.updated", "last-modified", "lastmod", "revision_date",
)  # fmt: skip
_TITLES = ("twitter:title", "citation_title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title")
_AUTHORS = ("author", "article:author", "parsely-author", "sailthru.author", "citation_author",
            "dc.creator", "dcterms.creator", "byl", "article:author_name", "twitter:creator")  # fmt: skip
_LANGUAGES = ("og:locale", "content-language", "dc.language", "dcterms.language", "language")


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """What a page says of itself. `article` is its JSON-LD block, when it has one."""

    title: str
    authors: tuple[str, ...]
    dates: tuple[DateClaim, ...]
    language: str | None
    canonical_link: str | None
    site_name: str | None
    article: Node | None


def _meta(tree: HtmlElement) -> dict[str, list[str]]:
    """All meta values by lower-case name, in their order."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = (element.get("content") or "").strip()
        names = (element.get(key) for key in ("property", "name", "itemprop", "http-equiv"))
        for name in {name.strip().lower() for name in names if name}:
            if content:
                found.setdefault(name, []).append(content)
    return found


def _first(meta: Mapping[str, list[str]], names: Iterable[str]) -> str:
    return next((meta[name][0] for name in names if name in meta), "")


def _texts(tree: HtmlElement, tag: str) -> list[str]:
    return [text for element in tree.iter(tag) if (text := " ".join(element.text_content().split()))]


def _title_element(tree: HtmlElement) -> str:
    """The document's title: the first outside drawings, which have titles of their own."""
    for element in tree.iter("title"):
        parent = element.getparent()
        text = " ".join(element.text_content().split())
        if text and (parent is None or parent.tag in ("head", "html", "body")):
            return text
    return ""


def _canonical(tree: HtmlElement) -> str | None:
    """The one canonical link; None when there is none or when several disagree."""
    links = {
        href.strip()
        for element in tree.iter("link")
        if "canonical" in (element.get("rel") or "").lower().split() and (href := element.get("href"))
    }
    return links.pop() if len(links) == 1 else None


def _time_elements(tree: HtmlElement) -> dict[str, list[str]]:
    """Dates marked up as the page's own: `itemprop` or `pubdate` on any element."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("time", "span", "abbr", "div", "p"):
        name = (element.get("itemprop") or "").lower() or (
            "pubdate" if element.get("pubdate") is not None else ""
        )
        if name in ("datepublished", "datemodified", "pubdate"):
            written = element.get("datetime") or element.get("content") or element.text_content()
            found.setdefault(name, []).append(written)
    return found


def _claims(
    meta: Mapping[str, list[str]], article: Node | None, zone: tzinfo, day_first: bool
) -> Iterable[DateClaim | None]:
    node: Node = article or {}
    for key, kind in (("datePublished", DateKind.PUBLISHED), ("dateModified", DateKind.MODIFIED)):
        yield read_date(
            text_of(node.get(key)), origin=Origin.JSONLD, kind=kind, zone=zone, day_first=day_first
        )
    if not text_of(node.get("datePublished")):
        for key in ("dateCreated", "uploadDate"):
            yield read_date(text_of(node.get(key)), origin=Origin.JSONLD, zone=zone, day_first=day_first)
    for names, kind in ((_PUBLISHED, DateKind.PUBLISHED), (_MODIFIED, DateKind.MODIFIED)):
        for name in names:
            if name in meta:
                yield read_date(meta[name][0], origin=Origin.META, kind=kind, zone=zone, day_first=day_first)


def _site_names(meta: Mapping[str, list[str]], article: Node | None, name: str, url: str) -> list[str]:
    publisher = text_of((article or {}).get("publisher"))
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    given = [_first(meta, [key]) for key in ("og:site_name", "application-name", "twitter:site")]
    return [*given, publisher, name, host, host.partition(".")[0]]


def read_metadata(
    tree: HtmlElement, *, url: str, listed_title: str, source_name: str, zone: tzinfo, day_first: bool
) -> Metadata:
    """Everything the page says of itself; nothing here can fail on a strange page."""
    meta = _meta(tree)
    scripts = (e.text_content() for e in tree.iter("script") if "ld+json" in (e.get("type") or "").lower())
    values = read_blocks(scripts)
    canonical = _canonical(tree)
    own = [url, urljoin(url, canonical or ""), _first(meta, ["og:url"])]
    og, document = _first(meta, ["og:title"]), _title_element(tree)
    headings = _texts(tree, "h1")
    article = find_article(values, addresses=own, titles=[og, document, listed_title, *headings[:3]])
    names = _site_names(meta, article, source_name, own[1])
    for name, written in _time_elements(tree).items():
        meta.setdefault(name, written)
    claims = [claim for claim in _claims(meta, article, zone, day_first) if claim]
    in_url = date_in_url(url) or (date_in_url(own[1]) if canonical else None)
    authors = jsonld_authors(article, named_nodes(values)) if article else ()
    return Metadata(
        title=choose_title(
            Titles(
                og=og,
                headline=text_of((article or {}).get("headline")),
                heading=headings[0] if len(headings) == 1 else "",
                document=document,
                others=tuple(_first(meta, [name]) for name in _TITLES),
            ),
            listed=listed_title,
            site_names=names,
        ),
        authors=authors or clean_authors(v for name in _AUTHORS for v in meta.get(name, [])),
        dates=tuple(claims) + ((in_url,) if in_url else ()),
        language=cast(
            "str | None",
            tree.get("lang")
            or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
            or text_of((article or {}).get("inLanguage"))
            or _first(meta, _LANGUAGES)
            or None,
        ),
        canonical_link=canonical,
        site_name=_first(meta, ["og:site_name"]) or text_of((article or {}).get("publisher")) or None,
        article=article,
    )
