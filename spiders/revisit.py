"""When a known address is due for another visit. Pure: visits and times in, times out."""

from datetime import datetime, timedelta

from core.dates import Precision
from core.report import Listed
from db.visits import Visit

PAUSE_BETWEEN_SCHEDULED = timedelta(minutes=30)
"""A scheduled crawl leaves an address alone for this long, however often sources list it."""

_DAY = timedelta(days=1)

GOOD = frozenset({"stored", "unchanged", "not_modified", "withdrawn"})
_FREE = frozenset({"robots", "refused"})

_REACH = {Precision.DAY: _DAY, Precision.MONTH: 31 * _DAY, Precision.YEAR: 366 * _DAY}
"""How much later than its first moment a date of that precision may be."""

_BY_AGE = ((1, timedelta(0)), (3, _DAY), (7, 3 * _DAY), (30, 7 * _DAY))
"""Age below so many days -> pause: a report is corrected in its first days or hardly ever."""

_BY_FAILURES = (timedelta(0), timedelta(0), timedelta(hours=2), timedelta(hours=8), _DAY, 3 * _DAY)
_BY_ABSENCE = (_DAY, _DAY, 3 * _DAY, 7 * _DAY)


def next_due(outcome: str, *, first_seen: datetime, failures: int, now: datetime) -> datetime:
    """The earliest time of the next visit after one that ended with `outcome` at `now`.

    Good visits by the age of the address; failures the more patiently the more there were; a
    refusal that costs no request to the site is asked again every time.
    """
    if outcome in GOOD:
        age = now - first_seen
        return now + next((pause for days, pause in _BY_AGE if age < timedelta(days=days)), 30 * _DAY)
    if outcome in _FREE or failures < 1:
        return now
    steps, longest = (
        (_BY_ABSENCE, 30 * _DAY) if outcome in ("gone", "quarantined") else (_BY_FAILURES, 7 * _DAY)
    )
    return now + (steps[failures - 1] if failures <= len(steps) else longest)


def is_due(visit: Visit, *, now: datetime, started: datetime, scheduled: bool) -> bool:
    """Whether a known address is visited again by the crawl command that began at `started`."""
    if visit.last_visited >= started:
        return False
    if scheduled and visit.outcome in GOOD and now - visit.last_visited < PAUSE_BETWEEN_SCHEDULED:
        return False
    return visit.next_due is None or visit.next_due <= now


def listed_since(listed: Listed, since: datetime | None) -> bool:
    """Whether an item may be from `since` or later; one without a date may."""
    if since is None or not listed.dates:
        return True
    return any(claim.value + _REACH.get(claim.precision, timedelta(0)) > since for claim in listed.dates)
