"""What a subscriber is given: never a version twice, no matching one missed. Pure.

Two decisions. `to_hold`: which of the reports that events speak of go on a subscription's list.
`choose`: what of the lists is given now. Both see only rows of `delivery`; nothing else decides.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class HeldState(StrEnum):
    """pending: matched, not yet given. queued: in a digest in the outbox. sent: a server accepted it.

    owed: its digest could not be delivered, so it is given again. dropped: a later version or
    another subscription of the same reader gave it.
    """

    PENDING = "pending"
    QUEUED = "queued"
    SENT = "sent"
    OWED = "owed"
    DROPPED = "dropped"


WAITING = frozenset({HeldState.PENDING, HeldState.OWED})
GIVEN = frozenset({HeldState.QUEUED, HeldState.SENT})


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Key:
    """One thing that can be given once: a version of a report, or a notice about it.

    `notice` is empty for a wording and names the event for a confirmed removal.
    """

    report_id: int
    version: int
    notice: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """A key that is given now; `before` is the version the reader already has, None for a new one."""

    key: Key
    before: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What is given now and what of the list is settled without being given."""

    give: tuple[Pick, ...]
    drop: tuple[Key, ...]


def to_hold(
    spoken_of: Iterable[Key],
    matched: Collection[int],
    held: Collection[int],
    trivial: Collection[Key] = (),
) -> list[Key]:
    """The keys that go on a subscription's list. `trivial` are wordings that changed only in marks.

    A wording goes on it when it matches, or when an earlier wording of the report is on it: a
    correction that removes the very words searched for is what its reader must hear of. A notice
    goes on it only for a report that is on it. New quotation marks alone are no news to a reader
    who has the report.
    """
    return [
        key
        for key in spoken_of
        if (key.report_id in held and key not in trivial)
        or (not key.notice and key.report_id in matched and key.report_id not in held)
    ]


def choose(waiting: Collection[Key], given: Collection[Key]) -> Choice:
    """Of one subscription's waiting keys, those to give, when the reader was given `given`.

    `given` is over all subscriptions of the reader, for the reports that wait. Of several waiting
    wordings the latest is given: an older one would tell what its author no longer says.
    """
    latest = _latest(given)
    newest = _latest(waiting)
    told = {(key.report_id, key.notice) for key in given if key.notice}
    give: list[Pick] = []
    drop: list[Key] = []
    for key in sorted(set(waiting)):
        before = latest.get(key.report_id)
        if key.notice:
            old = (key.report_id, key.notice) in told
        else:
            old = key.version != newest[key.report_id] or (before is not None and key.version <= before)
        if old:
            drop.append(key)
        else:
            give.append(Pick(key=key, before=before))
    return Choice(give=tuple(give), drop=tuple(drop))


def _latest(keys: Iterable[Key]) -> Mapping[int, int]:
    latest: dict[int, int] = {}
    for key in keys:
        if not key.notice:
            latest[key.report_id] = max(key.version, latest.get(key.report_id, 0))
    return latest
