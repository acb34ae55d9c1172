"""Extraction: names of authors out of what pages put into their author fields."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import unescape

from core.text import fold
from pipeline.jsonld import Node, text_of

MOST = 50
_LONGEST = 100
_PREFIX = re.compile(
    r"^\s*(?:(?:(?:written|reported|posted|story|texto|escrito) )?(?:by|por)"
    r"|author|autora?|redacci[oó]n)(?:\s*:\s*|\s+)",
    re.I,
)
_NOT_A_NAME = re.compile(r"https?:|www\.|//|@|<|\.(?:com|org|net|html?)\b|^\W*$|^\d+$", re.I)
_NOBODY = frozenset(
    {
        "admin",
        "administrator",
        "administrador",
        "webmaster",
        "root",
        "user",
        "anonymous",
        "anonimo",
        "unknown",
        "undefined",
        "null",
        "none",
        "author",
        "autor",
        "by",
        "por",
        "n/a",
        "na",
        "editor",
    }
)
_PARTS = re.compile(r"\s*(?:;|\||\n|\s/\s|\s&\s|\s+and\s+|\s+y\s+|\s+con\s+|,\s*and\s+)\s*", re.I)


def _split(line: str) -> list[str]:
    """A joint byline as its names; one name (or a body such as "Justicia y Paz") stays whole."""
    parts = [part.strip(" ,") for part in _PARTS.split(line)]
    names = [name.strip() for part in parts for name in (part.split(",") if "," in part else [part])]
    names = [name for name in names if name]
    if len(names) > 1 and all(len(name.split()) >= 2 and name[:1].isupper() for name in names):
        return names
    return [line]


def _clean(line: str) -> str:
    text = re.sub(r"<[^>]+>", " ", unescape(line))
    return _PREFIX.sub("", " ".join(text.split())).strip(" ,;|·•-–")


def clean_authors(lines: Iterable[str]) -> tuple[str, ...]:
    """Names in their order, each once: no addresses, no "By", no accounts such as admin."""
    names: dict[str, str] = {}
    for line in lines:
        for name in _split(_clean(line)):
            key = fold(name)
            if _NOT_A_NAME.search(name) or key in _NOBODY or not 1 < len(name) <= _LONGEST:
                continue
            names.setdefault(key, name)
    return tuple(names.values())[:MOST]


def jsonld_authors(article: Node, nodes: Mapping[str, Node]) -> tuple[str, ...]:
    """The authors of an article block: people where there are any, else the bodies named."""
    people: list[str] = []
    bodies: list[str] = []
    value = article.get("author") or article.get("creator")
    entries: Sequence[object] = value if isinstance(value, list) else [value]
    for entry in entries[:MOST]:
        node: object = entry
        if isinstance(entry, dict):
            reference = entry.get("@id")
            if not entry.get("name") and isinstance(reference, str):
                node = nodes.get(reference, entry)
        name = text_of(node)
        kind = node.get("@type") if isinstance(node, Mapping) else None
        (bodies if kind in ("Organization", "NewsMediaOrganization") else people).append(name)
    return clean_authors(people) or clean_authors(bodies)
