"""The files of one publisher: its pages, its robots.txt and the indexes that list them."""

import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from string import Template

from cli.demo_site.documents import FOLDER, Document, Publisher
from cli.demo_site.indexes import INDEXES, Shelf
from cli.demo_site.pdf import write_pdf

_DISCLAIMER = {
    "es": "Documento inventado para la demostración de Amparo. Las personas y los hechos no existen.",
    "en": "Written for a demonstration of Amparo. The people and the events in it are invented.",
}
_ROBOTS = "User-agent: *\nDisallow: /borradores/\nAllow: /\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """What the server answers for one path."""

    body: bytes
    content_type: str
    changed: datetime
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        """A strong validator: it changes with the bytes and with nothing else."""
        return '"' + hashlib.sha256(self.body).hexdigest()[:20] + '"'


def publish(publisher: Publisher, documents: Sequence[Document], base: str) -> dict[str, File]:
    """Path (with its query) -> file, for documents newest first. `base` is `http://HOST:PORT`."""
    files = {document.path: _page(publisher, document, base + document.path) for document in documents}
    newest = documents[0].when
    shelf = Shelf(publisher=publisher, documents=documents, base=base)
    for path, content_type, body in INDEXES[publisher.index](shelf):
        files[path] = File(body=body, content_type=content_type, changed=newest)
    files["/robots.txt"] = File(body=_ROBOTS.encode(), content_type="text/plain", changed=newest)
    return files


def _page(publisher: Publisher, document: Document, url: str) -> File:
    if document.form in ("pdf", "damaged-pdf"):
        body = write_pdf(document.title, document.paragraphs, document.when)
        body = body if document.form == "pdf" else body[:180]
        return File(body=body, content_type="application/pdf", changed=document.when)
    if document.form == "challenge":
        body = _template("challenge").encode()
        headers = {"cf-mitigated": "challenge", "Server": "cloudflare"}
        return File(body=body, content_type="text/html", changed=document.when, status=403, headers=headers)
    text = Template(_template("broken" if document.form == "broken" else publisher.page)).substitute(
        {key: html.escape(value) for key, value in _words(publisher, document, url).items()},
        paragraphs="\n".join(f"<p>{html.escape(part, quote=False)}</p>" for part in document.paragraphs),
        jsonld=json.dumps(_jsonld(publisher, document, url), ensure_ascii=False).replace("<", "\\u003c"),
    )
    content_type = f"text/html; charset={publisher.encoding}"
    body = text.encode(publisher.encoding, "xmlcharrefreplace")
    return File(body=body, content_type=content_type, changed=document.when)


def _template(name: str) -> str:
    return (FOLDER / "templates" / f"{name}.html").read_text("utf-8")


def _words(publisher: Publisher, document: Document, url: str) -> dict[str, str]:
    return {
        "title": document.title,
        "author": document.author or publisher.name,
        "summary": document.summary,
        "section": document.section,
        "published": document.published,
        "long_date": document.long_date(publisher.language),
        "language": publisher.language,
        "site": publisher.name,
        "url": url,
        "disclaimer": _DISCLAIMER[publisher.language],
    }


def _jsonld(publisher: Publisher, document: Document, url: str) -> dict[str, object]:
    """A bare NewsArticle, or for the `graph` template a @graph whose article carries its text."""
    article: dict[str, object] = {
        "@type": "NewsArticle",
        "headline": document.title,
        "datePublished": document.published,
        "author": [{"@type": "Person", "name": document.author or publisher.name}],
        "publisher": {"@type": "NewsMediaOrganization", "name": publisher.name},
        "inLanguage": publisher.language,
        "mainEntityOfPage": url,
    }
    if publisher.page != "graph":
        return {"@context": "https://schema.org", **article}
    article["articleBody"] = "\n\n".join(document.paragraphs)
    site = {"@type": "WebSite", "name": publisher.name}
    return {"@context": "https://schema.org", "@graph": [site, article]}
