"""Extraction: one title out of the several a page has.

A page's `og:title`, JSON-LD headline, heading and `<title>` often differ: the last carries the
site's name, the headline is cut for search engines, the heading is the long form.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from core.text import fold

_SEPARATORS = re.compile(r"\s+[|–—·•»:-]+\s+|\s*\|\s*|\s+::\s+")
_CUT = re.compile(r"\s*(?:…|\.\.\.)$")
LONGEST = 500


def clean_title(written: str) -> str:
    """One line without tags, entities and doubled spaces."""
    text = unescape(unescape(written)) if "&" in written else written
    text = re.sub(r"</?[a-z][^<>]*>", "", text, flags=re.I)
    return " ".join(text.split())[:LONGEST]


def comparable(title: str) -> str:
    """The words of a title, for comparing two ways to write it."""
    return " ".join(re.findall(r"\w+", fold(title)))


def without_site(title: str, site_names: Sequence[str]) -> str:
    """The title without the site's name before it, or from the site's name on after it."""
    names = _words_of(site_names)
    parts = list(_SEPARATORS.finditer(title))
    if not parts:
        return title
    if _is_site(title[: parts[0].start()], names):
        return without_site(title[parts[0].end() :].strip(), site_names)
    ends = [part.start() for part in parts[1:]] + [len(title)]
    for part, end in zip(parts, ends, strict=True):
        if _is_site(title[part.end() : end], names):
            return title[: part.start()].strip()
    return title


def _words_of(site_names: Sequence[str]) -> set[str]:
    names = {comparable(name).removeprefix("the ") for name in site_names if name}
    return {form for name in names for form in (name, name.replace(" ", "")) if form}


def _is_site(part: str, names: set[str]) -> bool:
    words = comparable(part).removeprefix("the ")
    return words in names or words.replace(" ", "") in names


def is_site_name(title: str, site_names: Sequence[str]) -> bool:
    """Whether a title says no more than whose page it is."""
    return _is_site(title, _words_of(site_names))


def _agrees(one: str, other: str) -> bool:
    return bool(one) and bool(other) and comparable(one) == comparable(other)


@dataclass(frozen=True, kw_only=True, slots=True)
class Titles:
    """The variants a page gives, "" where it gives none; `others` are further meta tags."""

    og: str = ""
    headline: str = ""
    heading: str = ""
    document: str = ""
    others: tuple[str, ...] = ()


def choose_title(titles: Titles, *, listed: str, site_names: Sequence[str]) -> str:
    """The page's title; the listing's where the page gives none of its own.

    In general `og:title`, which publishers write as a whole and for readers; when the page
    disagrees with itself, the variant that the listing also has. A title that was cut is taken
    in the full form another variant has, and straight quotes in the form of the headline.
    """
    written = (titles.og, titles.headline, *titles.others, titles.heading, titles.document)
    own = [without_site(cleaned, site_names) for one in written if (cleaned := clean_title(one))]
    own = [title for title in own if title and not is_site_name(title, site_names)]
    listed = clean_title(listed)
    if not own:
        return listed or clean_title(titles.document)
    if listed in own:
        return listed
    best = next((title for title in own if _agrees(title, listed)), own[0])
    best = _whole(best, [*own, listed])
    headline = without_site(clean_title(titles.headline), site_names)
    return headline if _agrees(headline, best) else best


def _whole(title: str, others: Sequence[str]) -> str:
    """The longer form of a title that ends in dots, if another variant has it."""
    if not _CUT.search(title):
        return title
    start = comparable(_CUT.sub("", title))
    longer = (other for other in others if comparable(other).startswith(start) and not _CUT.search(other))
    return next(longer, title)
