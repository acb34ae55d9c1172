"""JSON APIs: the items at a path, their properties at others."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import quote

from core.dates import DateClaim, DateKind, Origin
from core.errors import DiscoveryError
from core.report import Listed
from core.source import ApiParams, Source
from pipeline.charset import tidy
from spiders.discovery.content import described, start_of, unpack
from spiders.discovery.dates import claim
from spiders.discovery.index import Index, IndexRequest, select, web_address
from spiders.discovery.markup import plain
from spiders.discovery.paging import Read, next_requests
from spiders.discovery.paths import Missing, find, look_up

LARGEST_ANSWER = 32 * 1024 * 1024
COUNTS = ("count", "total", "totalCount", "total_count", "totalResults", "numFound")
LANGUAGES = {
    "english": "en",
    "spanish": "es",
    "espanol": "es",
    "español": "es",
    "portuguese": "pt",
    "french": "fr",
}


def read(
    body: bytes,
    request: IndexRequest,
    source: Source,
    *,
    now: datetime,
    charset: str | None = None,  # noqa: ARG001 - JSON is UTF-8
    base: str | None = None,
) -> Index:
    """The items of one answer and the request for the next. An empty list is an answer, not an error."""
    params = source.params
    assert isinstance(params, ApiParams)
    address = base or request.url
    document = _document(unpack(body))
    items = _items(document, params.items)
    found = [_listed(item, address, source, params, now) for item in items]
    usable = [listed for listed in found if listed is not None]
    notes = []
    if len(usable) < len(found):
        notes.append(f"{len(found) - len(usable)} items without a usable address")
    if found and not usable:
        raise DiscoveryError(_no_address(items[0], params))
    listed, left_out = select(usable, include=params.include, exclude=params.exclude)
    seen = Read(document=document, items=len(items), content=_content(usable), address=address)
    follow, left, partial = next_requests(seen, request, params)
    return Index(listed=listed, follow=follow, notes=(*notes, *left_out, *left), partial=partial)


def _document(body: bytes) -> Any:
    if start_of(body)[:1] not in (b"{", b"[") or len(body) > LARGEST_ANSWER:
        raise DiscoveryError(f"Expected JSON, got {described(body)}.")
    try:
        return json.loads(
            body.decode(json.detect_encoding(body), "replace").removeprefix("\ufeff"), strict=False
        )
    except (ValueError, RecursionError) as error:
        raise DiscoveryError(f"Expected JSON, got {described(body)}: {error}.") from None


def _items(document: Any, path: str) -> list[Any]:
    try:
        items = look_up(document, path)
    except Missing as missing:
        # Some APIs leave the list out when it would be empty.
        if document == {} or (isinstance(document, dict) and any(_is_zero(document, key) for key in COUNTS)):
            return []
        raise DiscoveryError(f"Nothing stands at `items: {path}`: {missing}.") from None
    if items is None:
        return []
    if not isinstance(items, list):
        what = (
            f"an object with the keys {', '.join(list(items)[:20])}"
            if isinstance(items, dict)
            else repr(items)
        )
        raise DiscoveryError(f"Expected a list at `items: {path}`, got {what[:200]}.")
    return items


def _is_zero(document: dict[str, Any], key: str) -> bool:
    return key in document and not isinstance(document[key], bool) and str(document[key]) == "0"


def _no_address(item: Any, params: ApiParams) -> str:
    keys = ", ".join(list(item)[:20]) if isinstance(item, dict) else f"none, an item is {str(item)[:40]!r}"
    path = params.url_template or f"fields.url: {params.fields.get('url')}"
    return f"No item has an address at `{path}`; the keys of the first one are: {keys}."


def _content(listed: list[Listed]) -> str:
    return hashlib.sha256("\n".join(one.url for one in listed).encode("utf-8", "replace")).hexdigest()


def _listed(item: Any, address: str, source: Source, params: ApiParams, now: datetime) -> Listed | None:
    if not isinstance(item, dict):
        return None
    at = params.fields
    written = _from_template(item, params) if params.url_template else _word(find(item, at.get("url")))
    url = web_address(address, written)
    if url is None:
        return None
    return Listed(
        url=url,
        title=plain(_word(find(item, at.get("title")))),
        summary=plain(_word(find(item, at.get("summary")))),
        html=_markup(tidy(_word(find(item, at.get("text"))))),
        dates=tuple(_dates(item, source, params, now)),
        authors=tuple(_names(find(item, at.get("authors")))),
        language=_language(find(item, at.get("language"))),
        guid=tidy(_word(find(item, at.get("id")))) or None,
    )


def _from_template(item: dict[str, Any], params: ApiParams) -> str | None:
    """The address with every `{field}` filled in, or None when one is missing."""
    assert params.url_template is not None
    address = params.url_template
    for name in set(re.findall(r"\{(\w+)\}", address)):
        value = _word(find(item, params.fields.get(name)))
        if not value:
            return None
        address = address.replace("{" + name + "}", quote(value, safe="", errors="replace"))
    return address


def _word(value: Any) -> str:
    """A text or number as text; the first of a list; nothing for anything else."""
    if isinstance(value, list):
        return _word(value[0]) if value else ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _markup(text: str) -> str:
    """HTML as it came; plain text in paragraphs."""
    if not text or re.search(r"<(?:p|div|br|h[1-6]|ul|ol|table|article|section|span|a)\b", text, re.I):
        return text
    return "".join(f"<p>{escape(line.strip())}</p>" for line in text.splitlines() if line.strip())


def _dates(item: dict[str, Any], source: Source, params: ApiParams, now: datetime) -> Iterator[DateClaim]:
    for name, kind in (("date", DateKind.PUBLISHED), ("modified", DateKind.MODIFIED)):
        read_as = claim(
            _word(find(item, params.fields.get(name))),
            source=source,
            origin=Origin.API,
            kind=kind,
            now=now,
            format_=params.date_format,
            timezone=params.tz,
            day_only=params.date_precision == "day",
        )
        if read_as is not None:
            yield read_as


def _names(value: Any) -> Iterator[str]:
    seen: set[str] = set()
    for one in value if isinstance(value, list) else [value]:
        name = plain(_word(one.get("name") if isinstance(one, dict) else one))
        if name and name not in seen:
            seen.add(name)
            yield name


def _language(value: Any) -> str | None:
    word = _word(value).strip().lower()
    match = re.match(r"([a-z]{2,3})(?:[-_]|$)", word)
    return LANGUAGES.get(word) or (match.group(1) if match else None)
