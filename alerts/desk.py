"""Makes the digests of one moment: what is read for one reader serves the next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alerts.coverage import coverage, quiet
from alerts.digest import Coverage, Digest, as_json, digest_key
from alerts.masking import unmasked
from alerts.selection import Key, Pick
from alerts.stories import Material, Telling, entries, parts, root_of, split
from core.subscription import Subscription
from db.alert_stores import AlertStores
from db.coverage import SourceFacts
from db.items import ReportFacts

ALIKE = 32
"""Different digests kept in memory for the next reader who is told the same."""

REMEMBERED = 5000
"""Reports kept in memory while digests are made; most readers are told of the same ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What preparing needs beside the database: the mask, and the quiet days of each source."""

    mask: Callable[[str], str]
    quiet_days: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """One part of a digest: the value, its stored form and its name, and the keys it gives."""

    digest: Digest
    content: bytes
    key: str
    keys: tuple[Key, ...]


class Desk:
    """What one round of preparing has read, over one connection that sees one moment."""

    def __init__(self, stores: AlertStores, rules: Rules, now: datetime) -> None:
        self.now = now
        self.rules = rules
        self.lists = stores.lists
        self._items = stores.items
        self._facts: dict[int, ReportFacts] = {}
        self._wordings: dict[tuple[int, int], tuple[str, str]] = {}
        self._outlets: dict[int, int] = {}
        self._sources: Sequence[SourceFacts] = stores.coverage.facts()
        self._coverage: dict[datetime | None, Coverage] = {}
        self._made: dict[object, list[Made]] = {}
        self.masked, self.plain = Telling(mask=rules.mask), Telling(mask=unmasked)
        self.absent = quiet(self._sources, rules.quiet_days, now=now)

    def coverage(self, since: datetime | None) -> Coverage:
        """The coverage statement from a time until now, made once for all readers."""
        if since not in self._coverage:
            self._coverage[since] = coverage(self._sources, since=since, now=self.now)
        return self._coverage[since]

    def material(self, picks: Sequence[Pick], given: frozenset[int]) -> Material:
        """Everything the picks speak of, read from the database once."""
        if len(self._facts) > REMEMBERED:
            self._facts.clear()
            for remembered in (self._wordings, self.masked.items, self.plain.items):
                remembered.clear()
        ids = {pick.key.report_id for pick in picks}
        self._read(ids)
        roots = {root_of(self._facts[i]) for i in ids if i in self._facts}
        self._read(roots)
        unknown = roots - self._outlets.keys()
        self._outlets |= dict.fromkeys(unknown, 0) | self._items.outlets(unknown)
        asked = {(pick.key.report_id, pick.key.version) for pick in picks}
        asked |= {(pick.key.report_id, pick.before) for pick in picks if pick.before}
        asked = {
            pair
            for pair in asked - self._wordings.keys()
            if pair[0] in self._facts and self._facts[pair[0]].version != pair[1]
        }
        if asked:
            self._wordings |= self._items.wordings(asked)
        return Material(facts=self._facts, wordings=self._wordings, outlets=self._outlets, given=given)

    def made(self, asked: object, make: Callable[[], "list[Made]"]) -> "list[Made]":
        """What `make` gives, made once for readers who ask for the same and get the same."""
        if asked not in self._made:
            if len(self._made) >= ALIKE:
                self._made.clear()
            self._made[asked] = make()
        return self._made[asked]

    def _read(self, ids: set[int]) -> None:
        missing = ids - self._facts.keys()
        if missing:
            self._facts |= self._items.facts(missing)


def digest_parts(
    desk: Desk, subscription: Subscription, timezone: str, picks: Sequence[Pick], given: frozenset[int]
) -> list[Made]:
    """The digest of these picks in parts, each with the keys it gives."""
    since = subscription.last_prepared_at or subscription.activated_at
    said = (subscription.name, subscription.query, subscription.frequency, timezone, since)
    asked = (*said, subscription.allow_personal, tuple(picks), given)
    return desk.made(asked, lambda: _make(desk, subscription, timezone, picks, given))


def _make(
    desk: Desk, subscription: Subscription, timezone: str, picks: Sequence[Pick], given: frozenset[int]
) -> list[Made]:
    telling = desk.plain if subscription.allow_personal else desk.masked
    told = entries(picks, desk.material(picks, given), telling)
    since = subscription.last_prepared_at or subscription.activated_at
    portions = parts(told)
    made = []
    for number, portion in enumerate(portions, 1):
        stories, changes = split(portion)
        digest = Digest(
            name=telling.mask(subscription.name),
            query=telling.mask(subscription.query),
            frequency=subscription.frequency.value,
            timezone=timezone,
            since=since,
            until=desk.now,
            stories=stories,
            changes=changes,
            absent=desk.absent,
            coverage=desk.coverage(since),
            part=number,
            parts=len(portions),
        )
        content = as_json(digest)
        keys = tuple(key for entry in portion for key in entry.keys)
        made.append(Made(digest=digest, content=content, key=digest_key(content), keys=keys))
    return made
