"""Picks to stories and changes, in the order of a digest, cut into parts a mail client shows. Pure.

Until reports are grouped by event, a story is an original and the reports that repeat its words.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alerts.changes import differences
from alerts.digest import Change, Echo, Item, Story
from alerts.figures import READ, cut, figures
from alerts.selection import Key, Pick
from core.dates import Precision
from db.items import ReportFacts

Wording = tuple[str, str]
Masking = Callable[[str], str]

PART = 150
"""Stories and changes in one digest: in HTML they stay under the 102 kB at which mail is clipped."""

MOST_TAGS = 4
EXCERPT = 240
"""Characters of the beginning of a report: what fits in three lines of a phone."""

UNTOLD_FACETS = frozenset({"document_type"})
_WRITTEN = {Precision.YEAR: "%Y", Precision.MONTH: "%Y-%m"}
_TIERS = {"A": 0, "B": 1, "C": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One story or change and the keys that count as given with it."""

    told: Story | Change
    keys: tuple[Key, ...]


def item_of(facts: ReportFacts, version: int, wording: Wording, mask: Masking) -> Item:
    """A report in one wording as a digest tells it. Masked whole, then cut: never the other way."""
    title = mask(wording[0])
    text = _after_title(mask(wording[1][:READ]), title)
    tags = [tag_id for tag_id, facet in facts.tags if facet not in UNTOLD_FACETS]
    return Item(
        report_id=facts.id,
        version=version,
        url=facts.url,
        title=cut(title, 300) or facts.source,
        language=facts.language,
        source_id=facts.source_id,
        source=facts.source,
        published=_published(facts),
        seen=facts.first_seen,
        tier=facts.tier,
        urgent=facts.priority == "high",
        tags=tuple(tags[:MOST_TAGS]),
        excerpt=cut(text, EXCERPT),
        figures=figures(text),
        trust=facts.trust,
    )


def _after_title(text: str, title: str) -> str:
    """A text without the title it may begin with, as a PDF does."""
    flat, heading = " ".join(text.split()), " ".join(title.split())
    return flat[len(heading) :].lstrip(" .:-–—") if heading and flat.startswith(heading) else text


def _published(facts: ReportFacts) -> str | None:
    if facts.published is None:
        return None
    return facts.published.strftime(_WRITTEN.get(Precision(facts.published_precision or "day"), "%Y-%m-%d"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """How reports are told to some readers: with a mask or without. Each wording is read once."""

    mask: Masking
    items: dict[tuple[int, int], Item] = field(default_factory=dict)

    def item(self, facts: ReportFacts, version: int, wording: Wording) -> Item:
        """A report in one wording, as `item_of` tells it."""
        known = self.items.get((facts.id, version))
        if known is None:
            known = self.items[facts.id, version] = item_of(facts, version, wording, self.mask)
        return known

    def wording(self, wording: Wording) -> Wording:
        """A wording as it may be shown."""
        return self.mask(wording[0]), self.mask(wording[1])


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """Everything that the picks of one digest speak of.

    `wordings` by (report, version); `given` are the reports the reader had before; `outlets` is
    how many sources repeat an original.
    """

    facts: Mapping[int, ReportFacts]
    wordings: Mapping[tuple[int, int], Wording]
    outlets: Mapping[int, int]
    given: frozenset[int] = frozenset()

    def wording(self, report_id: int, version: int) -> Wording:
        """A kept wording, or the current one when that version was not kept."""
        facts = self.facts[report_id]
        return self.wordings.get((report_id, version), (facts.title, facts.text))


def root_of(facts: ReportFacts) -> int:
    """The original of a report; its own number when it repeats nothing."""
    return facts.duplicate_of or facts.id


def entries(picks: Sequence[Pick], material: Material, telling: Telling) -> list[Entry]:
    """What the picks amount to: removals and edits first, then stories by weight and freshness.

    A pick whose report may no longer be shown is left out, and so is not given.
    """
    shown = [pick for pick in picks if pick.key.report_id in material.facts]
    changes = [_change(pick, material, telling) for pick in shown if pick.key.notice or pick.before]
    groups: dict[int, list[Pick]] = {}
    for pick in shown:
        if not pick.key.notice and not pick.before:
            groups.setdefault(root_of(material.facts[pick.key.report_id]), []).append(pick)
    stories = [_story(root, group, material, telling) for root, group in groups.items()]
    return [*sorted(changes, key=_change_order), *sorted(stories, key=_story_order)]


def _change(pick: Pick, material: Material, telling: Telling) -> Entry:
    key, before = pick.key, pick.before
    facts = material.facts[key.report_id]
    new = material.wording(key.report_id, key.version)
    item = telling.item(facts, key.version, new)
    if key.notice:
        told = Change(item=item, kind="removed", before=before, kept_at=facts.last_seen)
    else:
        old = material.wording(key.report_id, before or key.version)
        found = differences(telling.wording(old), telling.wording(new))
        told = Change(item=item, kind="edited", before=before, differences=found)
    return Entry(told=told, keys=(key,))


def _story(root: int, group: Sequence[Pick], material: Material, telling: Telling) -> Entry:
    members = sorted(group, key=lambda pick: _first(material.facts[pick.key.report_id], root))
    keys = tuple(pick.key for pick in members)
    outlets = material.outlets.get(root, 0)
    origin = material.facts.get(root)
    known = root in material.given and origin is not None
    if known:
        assert origin is not None
        item = telling.item(origin, origin.version, material.wording(root, origin.version))
        repeated = members
    else:
        lead, repeated = members[0], members[1:]
        facts = material.facts[lead.key.report_id]
        wording = material.wording(facts.id, lead.key.version)
        item = telling.item(facts, lead.key.version, wording)
    aside = origin if origin is not None and item.report_id != root else None
    story = Story(
        item=item,
        echoes=tuple(_echo(material.facts[pick.key.report_id], pick.key.version) for pick in repeated),
        outlets=max(outlets, len({material.facts[pick.key.report_id].source_id for pick in repeated})),
        original=_echo(aside, aside.version) if aside else None,
        known=known,
    )
    return Entry(told=story, keys=keys)


def _first(facts: ReportFacts, root: int) -> tuple[bool, datetime, int]:
    return facts.id != root, facts.published or facts.first_seen, facts.id


def _echo(facts: ReportFacts, version: int) -> Echo:
    return Echo(report_id=facts.id, version=version, url=facts.url, source=facts.source)


def _change_order(entry: Entry) -> tuple[bool, bool, int]:
    change = entry.told
    assert isinstance(change, Change)
    weighty = any(difference.what == "figure" for difference in change.differences)
    return change.kind != "removed", not weighty, -change.item.report_id


def _story_order(entry: Entry) -> tuple[bool, bool, str, int, float]:
    """Urgent first, old news found late last, newer days before older, then tier and time seen."""
    story = entry.told
    assert isinstance(story, Story)
    item = story.item
    day = item.published or item.seen.date().isoformat()
    newest_first = "".join(chr(0x7F - ord(c)) for c in day)
    return story.known, not item.urgent, newest_first, _TIERS.get(item.tier or "", 3), -item.seen.timestamp()


def parts(told: Sequence[Entry], size: int = PART) -> list[Sequence[Entry]]:
    """The entries in portions of at most `size`; one empty portion when there are none."""
    return [told[start : start + size] for start in range(0, len(told), size)] or [()]


def split(portion: Iterable[Entry]) -> tuple[tuple[Story, ...], tuple[Change, ...]]:
    """The stories and the changes of a portion."""
    told = [entry.told for entry in portion]
    return (
        tuple(one for one in told if isinstance(one, Story)),
        tuple(one for one in told if isinstance(one, Change)),
    )
