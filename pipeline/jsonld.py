"""Extraction, first: what a page says of itself in JSON-LD, and which block is about this page.

Publishers' JSON-LD is often broken (comments, trailing commas, raw line breaks) and often
describes other articles too (related items, live updates, videos): both are expected here.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import cast
from urllib.parse import urlsplit

from core.text import fold

Node = Mapping[str, object]

# A block longer than this is data for an application, not a description of a page.
LARGEST_BLOCK = 4_000_000
_DEEPEST = 12
_ARTICLE = re.compile(
    r".*Article|.*BlogPosting|Report|.*Posting|GovernmentDocument|LegalCase|Legislation|PressRelease|Review"
    r"|CreativeWork|DigitalDocument|Book|Thesis|Chapter|Periodical|Statement|VideoObject|.*Episode|Event"
)
_WEAK = re.compile(r".*Page|CreativeWork|VideoObject|.*Episode|Event|Review|Book|Periodical")
_PAGE = re.compile(r".*Page")
# Under these keys a block speaks of something other than the page it stands on.
_ELSEWHERE = frozenset(
    {
        "itemListElement", "relatedLink", "hasPart", "liveBlogUpdate", "isRelatedTo", "isBasedOn", "citation",
        "video", "image", "audio", "associatedMedia", "mentions", "about", "comment", "review", "isPartOf",
        "subjectOf", "significantLink", "author", "publisher", "potentialAction", "breadcrumb", "blogPost",
    }
)  # fmt: skip
_COMMENT = re.compile(
    r"<!--.*?-->|^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$", re.S
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_SALVAGED = ("headline", "datePublished", "dateModified", "articleBody", "url", "inLanguage")


def _parse(text: str) -> list[object]:
    """All JSON values in a block, one after another; [] when the first one cannot be read."""
    decoder = json.JSONDecoder(strict=False)
    values, position = [], 0
    while position < len(text):
        while position < len(text) and text[position] in " \t\r\n;,\ufeff\xa0":
            position += 1
        if position == len(text):
            break
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        values.append(value)
    return values


def _salvage(text: str) -> list[object]:
    """The plain fields of a block that no repair makes JSON, if it speaks of an article at all."""
    if not re.search(r'"@type"\s*:\s*\[?\s*"\w*(?:Article|Posting)"', text):
        return []
    found: dict[str, object] = {"@type": "Article"}
    for name in _SALVAGED:
        match = re.search(rf'"{name}"\s*:\s*"((?:[^"\\]|\\.)*)"\s*[,}}\]]', text, re.S)
        if match:
            try:
                found[name] = json.loads(f'"{match.group(1)}"', strict=False)
            except ValueError:
                continue
    return [found]


def read_blocks(blocks: Iterable[str]) -> list[object]:
    """The JSON values of a page's `application/ld+json` scripts, as far as they can be read."""
    values: list[object] = []
    for block in blocks:
        if len(block) > LARGEST_BLOCK or not block.strip():
            continue
        parsed = _parse(block)
        if not parsed:
            bare = _COMMENT.sub("", block)
            parsed = _parse(bare) or _parse(_TRAILING_COMMA.sub(r"\1", bare)) or _parse(unescape(bare))
        values.extend(parsed or _salvage(block))
    return values


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A block that may describe the page: `nested` when it stands under another subject."""

    node: Node
    types: tuple[str, ...]
    nested: bool


def _types(node: Node) -> tuple[str, ...]:
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return tuple(name.rpartition("/")[2] for name in names if isinstance(name, str))


def _walk(value: object, nested: bool, depth: int) -> Iterator[Found]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, nested, depth + 1)
    elif isinstance(value, dict):
        node = cast(Node, value)
        types = _types(node)
        if any(_ARTICLE.fullmatch(name) or _PAGE.fullmatch(name) for name in types):
            yield Found(node=node, types=types, nested=nested)
        for key, inner in node.items():
            if isinstance(inner, dict | list):
                yield from _walk(inner, nested or key in _ELSEWHERE, depth + 1)


def _same_page(one: str) -> str:
    """An address without what differs between two ways to write it."""
    try:
        parts = urlsplit(one.strip())
    except ValueError:
        return ""
    host = (parts.netloc or "").lower().removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}" if parts.path.rstrip("/") else ""


def _addresses(node: Node) -> set[str]:
    main = node.get("mainEntityOfPage")
    values = [node.get("url"), node.get("@id"), main]
    if isinstance(main, dict):
        values += [main.get("@id"), main.get("url")]
    return {page for value in values if isinstance(value, str) and (page := _same_page(value))}


def text_of(value: object) -> str:
    """A JSON-LD text: the string itself, or the first of a list, or its `@value`/`name`."""
    if isinstance(value, list):
        return next((text for item in value if (text := text_of(item))), "")
    if isinstance(value, dict):
        return text_of(value.get("@value") or value.get("name"))
    return value.strip() if isinstance(value, str) else ""


def _plain(title: str) -> str:
    return re.sub(r"\W+", " ", fold(unescape(title))).strip()


def _titles_agree(headline: str, titles: Sequence[str]) -> bool:
    mine = _plain(headline)
    if len(mine) < 8:
        return False
    return any(mine in other or (len(other) > 15 and other in mine) for other in map(_plain, titles) if other)


def _score(found: Found, pages: set[str], titles: Sequence[str]) -> int:
    score = 0 if found.nested else 4
    if any(not _WEAK.fullmatch(name) for name in found.types):
        score += 3
    elif any(_PAGE.fullmatch(name) for name in found.types):
        score += 1
    mine = _addresses(found.node)
    if mine & pages:
        score += 4
    elif mine and not found.nested and pages:
        score -= 1
    if _titles_agree(text_of(found.node.get("headline") or found.node.get("name")), titles):
        score += 4
    return score


def find_article(values: Sequence[object], *, addresses: Iterable[str], titles: Sequence[str]) -> Node | None:
    """The block that describes the page at one of `addresses`, under one of `titles`, or None.

    A block nested under another subject (a list of related items) counts only when its address
    or headline says that it is this page. A WebPage lends what the article block lacks.
    """
    pages = {page for address in addresses if (page := _same_page(address))}
    found = list(_walk(list(values), False, 0))
    ranked = sorted(found, key=lambda one: _score(one, pages, titles), reverse=True)
    believed = [one for one in ranked if _score(one, pages, titles) >= 4]
    if not believed:
        return None
    merged: dict[str, object] = dict(believed[0].node)
    for other in believed[1:]:
        if other.nested or not (
            _PAGE.fullmatch(other.types[0]) or _same_subject(believed[0].node, other.node)
        ):
            continue
        for key, value in other.node.items():
            if key != "@type":
                merged.setdefault(key, value)
    return merged


def _same_subject(one: Node, other: Node) -> bool:
    """Whether two blocks tell of the same article (a page often carries one a plug-in)."""
    return _titles_agree(text_of(one.get("headline")), [text_of(other.get("headline"))])


def named_nodes(values: Sequence[object]) -> dict[str, Node]:
    """Blocks by their `@id`, so that `{"@id": …}` in an article can be followed."""
    index: dict[str, Node] = {}
    stack: list[tuple[object, int]] = [(value, 0) for value in values]
    while stack:
        value, depth = stack.pop()
        if depth > _DEEPEST:
            continue
        if isinstance(value, list):
            stack.extend((item, depth + 1) for item in value)
        elif isinstance(value, dict):
            identity = value.get("@id")
            if isinstance(identity, str) and len(value) > 1:
                index.setdefault(identity, cast(Node, value))
            stack.extend((item, depth + 1) for item in value.values() if isinstance(item, dict | list))
    return index
