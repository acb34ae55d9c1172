"""The coverage statement: which sources were checked, and where silence is not absence. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from alerts.digest import Absent, Coverage, SourceGap
from db.coverage import SourceFacts

FIRST = timedelta(days=1)
"""What a reader's first digest, or a preview, looks back on."""


def coverage(facts: Sequence[SourceFacts], *, since: datetime | None, now: datetime) -> Coverage:
    """Each watched source in one of four groups, for the time from `since` to `now`.

    Checked: a run read the whole source and none failed after it. Partly: some pages were not
    read. Failed: the last runs read nothing, since then nothing is known. Not checked: no run
    ended in this time.
    """
    start = since or now - FIRST
    checked: list[str] = []
    partly: list[SourceGap] = []
    failed: list[SourceGap] = []
    unchecked: list[SourceGap] = []
    for source in facts:
        if source.failing_since is not None:
            known_to = source.read_at or source.failing_since
            failed.append(SourceGap(source=source.name, since=known_to, reason=source.reason))
        elif source.read_at is None or source.read_at < start:
            unchecked.append(SourceGap(source=source.name, since=source.read_at, reason=""))
        elif source.whole_at is None or source.whole_at < source.read_at:
            partly.append(SourceGap(source=source.name, since=source.whole_at, reason=source.reason))
        else:
            checked.append(source.name)
    return Coverage(
        checked=tuple(checked), partly=tuple(partly), failed=tuple(failed), not_checked=tuple(unchecked)
    )


def quiet(
    facts: Sequence[SourceFacts], quiet_days: Mapping[str, int], *, now: datetime
) -> tuple[Absent, ...]:
    """The sources that are read without fault and yet gave nothing for longer than they ever do.

    `quiet_days` is what each source file expects. A source that fails is in the coverage, not here.
    """
    found: list[Absent] = []
    for source in facts:
        days = quiet_days.get(source.id)
        if days is None or source.failing_since is not None or source.read_at is None:
            continue
        last = source.newest or source.first_seen
        if now - last > timedelta(days=days):
            found.append(Absent(source=source.name, what="quiet", since=last, days=days))
    return tuple(found)
