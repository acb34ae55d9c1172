"""Extraction, last resort for dates: what a reader would take for the date of the page.

Asked only when neither the page's data nor the index nor the address names a day. The text
itself is not searched: it speaks of other days.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice

from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement

from core.dates import DateClaim, Origin, Precision
from core.text import fold
from pipeline.written_dates import read_date

_DATED = re.compile(r"date|fecha|publi|posted|time|byline|dateline|meta|data", re.I)
_BESIDE = re.compile(
    r"related|sidebar|widget|comment|footer|teaser|recommend|recientes|relacionad|more-|nav|event|agenda",
    re.I,
)
_BESIDE_TAGS = frozenset({"footer", "aside", "nav", "form", "script", "style"})
_LABEL = re.compile(
    r"(?:publicad[oa](?: el| en)?|fecha(?: de publicacion)?|published(?: on)?|posted(?: on)?|date|issued"
    r"|release date|for immediate release)\b\W{0,4}"
)
_CHANGED = re.compile(r"\b(?:updated?|actualiza|modifi|last (?:changed|reviewed)|revisad)")
_DATELINE = re.compile(r"[^\W\d][\w .,()/-]{2,40}?[,:.]\s+(?:a\s+)?(.{6,30}?\d{4})\b")
_LONGEST = 120
_MOST = 50
_BLOCKS = (
    "time",
    "p",
    "span",
    "div",
    "abbr",
    "small",
    "em",
    "strong",
    "h2",
    "h3",
    "h4",
    "h5",
    "td",
    "dd",
    "b",
    "i",
)


def _is_beside(element: HtmlElement) -> bool:
    """Whether an element holds a part of the page that is about something else."""
    if element.tag in ("html", "body"):
        return False
    return element.tag in _BESIDE_TAGS or bool(
        _BESIDE.search(f"{element.get('class') or ''} {element.get('id') or ''}")
    )


def _candidates(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Short texts that may be the page's date, with the attribute that says it exactly, if any."""
    for element in tree.iter(*_BLOCKS):
        names = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}"
        shown = " ".join(element.text_content().split()) if len(element) < 6 else ""
        exact = element.get("datetime") or ""
        if not exact and (len(shown) > _LONGEST or not any(map(str.isdigit, shown))):
            continue
        marked = element.tag == "time" or _DATED.search(names) or _LABEL.match(fold(shown))
        if marked and not any(map(_is_beside, (element, *element.iterancestors()))):
            yield exact, shown


def _own_part(tree: HtmlElement) -> HtmlElement | None:
    """The `article` or `main` around the page's only heading."""
    headings = list(tree.iter("h1"))
    return next(headings[0].iterancestors("article", "main"), None) if len(headings) == 1 else None


def _marked(part: HtmlElement, zone: tzinfo, day_first: bool) -> Iterator[DateClaim]:
    for exact, shown in _candidates(part):
        if _CHANGED.search(fold(shown)):
            continue
        for written in filter(None, (exact, shown)):
            claim = read_date(written, origin=Origin.TEXT, zone=zone, day_first=day_first)
            if claim and claim.precision in (Precision.SECOND, Precision.DAY):
                yield claim
                break


def _near_heading(tree: HtmlElement, zone: tzinfo, day_first: bool) -> DateClaim | None:
    """The first date marked in the page's own part; elsewhere only when all marked ones agree."""
    part = _own_part(tree)
    if part is not None and (first := next(_marked(part, zone, day_first), None)):
        return first
    claims = list(islice(_marked(tree, zone, day_first), _MOST))
    return claims[0] if len({claim.value.date() for claim in claims}) == 1 else None


def _dateline(text: str, zone: tzinfo, day_first: bool) -> DateClaim | None:
    """`San Salvador, 3 de marzo de 2024.` at the start of the text."""
    for line in text.split("\n", 2)[:2]:
        match = _DATELINE.match(line)
        claim = (
            read_date(match.group(1), origin=Origin.TEXT, zone=zone, day_first=day_first) if match else None
        )
        if claim and claim.precision == Precision.DAY:
            return replace(claim, raw=match.group(1) if match else "")
    return None


def _searched(tree: HtmlElement, fetched_at: datetime) -> DateClaim | None:
    """What htmldate finds in the markup of the page's own parts.

    Not by its extensive search: that takes any day the text mentions, and years of copyright.
    """
    own = deepcopy(tree)
    for element in [element for element in own.iter(etree.Element) if _is_beside(element)]:
        if element.getparent() is not None:
            element.drop_tree()
    day = find_date(
        own,
        original_date=True,
        extensive_search=False,
        min_date="1990-01-01",
        max_date=(fetched_at + timedelta(days=2)).strftime("%Y-%m-%d"),
    )
    if not day:
        return None
    value = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return DateClaim(value=value, precision=Precision.DAY, origin=Origin.TEXT, raw=day)


def visible_date(
    tree: HtmlElement, text: str, *, zone: tzinfo, day_first: bool, fetched_at: datetime
) -> DateClaim | None:
    """The date marked as such near the heading, else a dateline, else what htmldate finds."""
    return (
        _near_heading(tree, zone, day_first)
        or _dateline(text, zone, day_first)
        or _searched(tree, fetched_at)
    )
