"""JSON Feed, versions 1 and 1.1 (jsonfeed.org)."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from core.dates import DateClaim, DateKind, Origin
from core.errors import DiscoveryError
from core.report import Listed
from core.source import FeedParams, Source
from pipeline.charset import tidy
from spiders.discovery.content import described
from spiders.discovery.dates import claim
from spiders.discovery.index import web_address
from spiders.discovery.markup import plain


def read_json_feed(
    body: bytes, address: str, source: Source, *, now: datetime
) -> tuple[list[Listed], list[str]]:
    """The items of a JSON Feed and notes. Raises DiscoveryError when the JSON is something else."""
    try:
        document = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError) as error:
        raise DiscoveryError(f"Expected a JSON Feed, got {described(body)}: {error}.") from None
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        keys = ", ".join(list(document)[:12]) if isinstance(document, dict) else "none"
        raise DiscoveryError(f"Expected a JSON Feed with `items`; the keys there are: {keys}.")
    found = list(_items(items, document, address, source, now))
    missing = len(items) - len(found)
    return found, [f"{missing} entries without a usable link"] if missing else []


def _items(
    items: list[Any], document: dict[str, Any], address: str, source: Source, now: datetime
) -> Iterator[Listed]:
    for item in items:
        if not isinstance(item, dict):
            continue
        identity = item.get("id")
        links = (item.get("url"), item.get("external_url"), identity)
        url = next(filter(None, (web_address(address, link) for link in links if _is_link(link))), None)
        if url is None:
            continue
        html, text = _text(item, "content_html"), _text(item, "content_text")
        yield Listed(
            url=url,
            title=plain(item.get("title")),
            summary=plain(item.get("summary")),
            html=html or (f"<p>{text}</p>" if text else ""),
            dates=tuple(_dates(item, source, now)),
            authors=_authors(item) or _authors(document),
            language=(_text(item, "language") or _text(document, "language") or "")[:2].lower() or None,
            guid=tidy(str(identity)) if isinstance(identity, str | int) else None,
        )


def _is_link(value: object) -> bool:
    # An id may be any string; only one that is an address leads anywhere.
    return isinstance(value, str) and ("://" in value or value.startswith("/"))


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return tidy(value) if isinstance(value, str) else ""


def _dates(item: dict[str, Any], source: Source, now: datetime) -> Iterator[DateClaim]:
    params = source.params
    assert isinstance(params, FeedParams)
    for key, kind in (("date_published", DateKind.PUBLISHED), ("date_modified", DateKind.MODIFIED)):
        read_as = claim(
            _text(item, key),
            source=source,
            origin=Origin.FEED,
            kind=kind,
            now=now,
            timezone=params.tz,
            day_only=params.date_precision == "day",
        )
        if read_as is not None:
            yield read_as


def _authors(item: dict[str, Any]) -> tuple[str, ...]:
    people = item.get("authors")
    people = people if isinstance(people, list) else [item.get("author")]
    names = [plain(person.get("name")) for person in people if isinstance(person, dict)]
    return tuple(dict.fromkeys(name for name in names if name))
