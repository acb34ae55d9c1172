"""What a digest says, before any language or form: the value that is stored, posted and rendered.

`as_json` of it is the body of a webhook; docs/reference/digest.md describes every field.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter

FORMAT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One report as a digest tells of it. Title and quotes are in the report's language, masked.

    `published` is an ISO date of the precision that was claimed (2026, 2026-11, 2026-11-24) or
    None. `seen` is when Amparo first had it. `figures` are sentences of the report that state a
    number, `excerpt` its beginning.
    """

    report_id: int
    version: int
    url: str
    title: str
    language: str | None
    source_id: str
    source: str
    published: str | None
    seen: datetime
    tier: str | None
    urgent: bool
    tags: tuple[str, ...]
    excerpt: str
    figures: tuple[str, ...]
    trust: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Echo:
    """A report with the words of another one."""

    report_id: int
    version: int
    url: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """One story: the original, or the earliest report of it that matches, and who repeats it.

    `echoes` are those given with this digest, `outlets` the number of all sources known to repeat
    it. `original` is set when the first report is not the one shown. `known`: the reader had the
    story before and only the echoes are new.
    """

    item: Item
    echoes: tuple[Echo, ...] = ()
    outlets: int = 0
    original: Echo | None = None
    known: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One thing that differs between two wordings: figure, title, tag or wording."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What became of a report the reader already had.

    `kind` is edited or removed; `kept` says that Amparo still has the copy it read on `kept_at`.
    """

    item: Item
    kind: str
    before: int | None
    differences: tuple[Difference, ...] = ()
    kept_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Absent:
    """A document that was due and did not appear, or a source quiet for longer than it ever is."""

    source: str
    what: str
    since: datetime | None
    days: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceGap:
    """A source that was not, or not wholly, checked. `since`: from when on nothing is known."""

    source: str
    since: datetime | None
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """Which sources were checked since the last digest, and where silence means nothing."""

    checked: tuple[str, ...]
    partly: tuple[SourceGap, ...] = ()
    failed: tuple[SourceGap, ...] = ()
    not_checked: tuple[SourceGap, ...] = ()

    @property
    def total(self) -> int:
        """All sources that are watched."""
        return len(self.checked) + len(self.partly) + len(self.failed) + len(self.not_checked)


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """Everything one mail, one webhook call or one feed entry says.

    `part` of `parts`: a digest too long for a mail client is cut into several, none is shortened.
    """

    name: str
    query: str
    frequency: str
    timezone: str
    since: datetime | None
    until: datetime
    stories: tuple[Story, ...]
    changes: tuple[Change, ...]
    absent: tuple[Absent, ...]
    coverage: Coverage
    part: int = 1
    parts: int = 1
    format: int = FORMAT

    @property
    def is_empty(self) -> bool:
        """Nothing new and nothing changed: the coverage and what was expected remain."""
        return not self.stories and not self.changes


@cache
def _adapter() -> TypeAdapter[Digest]:
    return TypeAdapter(Digest)


def as_json(digest: Digest) -> bytes:
    """The digest as JSON, the same bytes for the same digest."""
    return _adapter().dump_json(digest)


def from_json(content: bytes) -> Digest:
    """The digest that `as_json` wrote."""
    return _adapter().validate_json(content)


def digest_key(content: bytes) -> str:
    """The name of a content: readers who are told the same share one row and one rendering."""
    return hashlib.sha256(content).hexdigest()


def without(digest: Digest, urls: frozenset[str]) -> Digest:
    """The digest without what stands at these addresses: taken down after it was prepared."""
    stories = []
    for story in digest.stories:
        if story.item.url in urls:
            continue
        original = story.original if story.original and story.original.url not in urls else None
        echoes = tuple(echo for echo in story.echoes if echo.url not in urls)
        stories.append(replace(story, original=original, echoes=echoes))
    changes = tuple(change for change in digest.changes if change.item.url not in urls)
    return replace(digest, stories=tuple(stories), changes=changes)


def addresses(digest: Digest) -> frozenset[str]:
    """Every address of a report that the digest names."""
    found = {change.item.url for change in digest.changes}
    for story in digest.stories:
        found.add(story.item.url)
        found.update(echo.url for echo in story.echoes)
        if story.original:
            found.add(story.original.url)
    return frozenset(found)
