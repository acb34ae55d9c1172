"""The indexes of the replay site: the same documents as a feed, a sitemap, a list or an API."""

import gzip
import hashlib
import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from cli.demo_site.documents import Document, Publisher

Index = list[tuple[str, str, bytes]]
"""Path with its query, content type, body."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """A publisher's documents, newest first, and the `http://HOST:PORT` at which they stand."""

    publisher: Publisher
    documents: Sequence[Document]
    base: str


def _rss(shelf: Shelf) -> Index:
    items = "".join(
        f"<item><title>{html.escape(d.title)}</title><link>{shelf.base}{d.path}</link>"
        f"<guid isPermaLink='false'>umbral-{hashlib.sha256(d.path.encode()).hexdigest()[:8]}</guid>"
        f"<pubDate>{format_datetime(d.when)}</pubDate>"
        f"<description><![CDATA[{d.summary}]]></description></item>\n"
        for d in shelf.documents
    )
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{shelf.publisher.name}</title><link>{shelf.base}/</link>"
        f"<description>Informes y comunicados</description>\n{items}</channel></rss>\n"
    )
    return [("/feed/", "application/rss+xml; charset=utf-8", text.encode())]


def _atom(shelf: Shelf) -> Index:
    entries = "".join(
        f"<entry><id>{shelf.base}{d.path}</id><title>{html.escape(d.title)}</title>"
        f'<link rel="alternate" href="{shelf.base}{d.path}?utm_source=feed&amp;utm_medium=atom"/>'
        f"<published>{d.published}</published><updated>{d.published}</updated>"
        f"<author><name>{html.escape(d.author)}</name></author>"
        f"<summary>{html.escape(d.summary)}</summary></entry>\n"
        for d in shelf.documents
    )
    text = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{shelf.base}/</id><title>{shelf.publisher.name}</title><updated>{shelf.documents[0].published}</updated>\n"
        f"{entries}</feed>\n"
    )
    return [("/atom.xml", "application/atom+xml", text.encode())]


def _sitemap(shelf: Shelf) -> Index:
    """An index of one sitemap a month; every second one is gzipped."""
    months = sorted({f"{d.when:%Y-%m}" for d in shelf.documents}, reverse=True)
    namespace = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    files: Index = []
    children = ""
    for number, month in enumerate(months):
        rows = "".join(
            f"<url><loc>{shelf.base}{d.path}</loc><lastmod>{d.published}</lastmod></url>\n"
            for d in shelf.documents
            if f"{d.when:%Y-%m}" == month
        )
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {namespace}>\n{rows}</urlset>\n'.encode()
        path = f"/sitemaps/{month}.xml" + (".gz" if number % 2 else "")
        packed = gzip.compress(body, mtime=0) if path.endswith(".gz") else body
        files.append((path, "application/gzip" if path.endswith(".gz") else "application/xml", packed))
        children += f"<sitemap><loc>{shelf.base}{path}</loc></sitemap>\n"
    index = f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex {namespace}>\n{children}</sitemapindex>\n'
    return [("/sitemap.xml", "application/xml", index.encode()), *files]


def _listing(shelf: Shelf) -> Index:
    """An HTML list, two entries a page, with a link to the next page."""
    pages = [shelf.documents[at : at + 2] for at in range(0, len(shelf.documents), 2)]
    files: Index = []
    for number, shown in enumerate(pages, 1):
        rows = "".join(
            f'<li class="nota"><span class="fecha">{datetime.fromisoformat(d.published):%d/%m/%Y}</span> '
            f'<a href="{d.path}">{html.escape(d.title)}</a></li>\n'
            for d in shown
        )
        onward = f'<a class="siguiente" href="/noticias/?pagina={number + 1}">Siguiente</a>'
        text = (
            f"<html><head><title>Noticias</title></head><body><h1>{shelf.publisher.name}</h1>\n"
            f'<ul id="noticias">\n{rows}</ul>\n{onward if number < len(pages) else ""}</body></html>\n'
        )
        path = "/noticias/" + (f"?pagina={number}" if number > 1 else "")
        body = text.encode(shelf.publisher.encoding, "xmlcharrefreplace")
        files.append((path, f"text/html; charset={shelf.publisher.encoding}", body))
    return files


def _api(shelf: Shelf) -> Index:
    """A JSON API, one story a page, that says how many pages there are."""
    files: Index = []
    for number, document in enumerate([*shelf.documents, None], 1):
        items = (
            []
            if document is None
            else [
                {
                    "id": 4000 + number,
                    "headline": document.title,
                    "links": {"web": shelf.base + document.path},
                    "published_at": document.published,
                    "byline": document.author,
                }
            ]
        )
        value = {"page": number, "pages": len(shelf.documents), "data": {"stories": items}}
        files.append(
            (f"/api/v2/stories?desk=americas&page={number}", "application/json", json.dumps(value).encode())
        )
    return files


def _jsonfeed(shelf: Shelf) -> Index:
    items = [
        {
            "id": d.path,
            "url": shelf.base + d.path,
            "title": d.title,
            "summary": d.summary,
            "date_published": d.published if "T" in d.published else d.published + "T00:00:00Z",
        }
        for d in shelf.documents
    ]
    value = {"version": "https://jsonfeed.org/version/1.1", "title": shelf.publisher.name, "items": items}
    return [("/feed.json", "application/feed+json", json.dumps(value, ensure_ascii=False).encode())]


INDEXES = {
    "rss": _rss,
    "atom": _atom,
    "sitemap": _sitemap,
    "listing": _listing,
    "api": _api,
    "jsonfeed": _jsonfeed,
}
