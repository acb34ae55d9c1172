"""Third step: choose the publication date among everything that claims one.

A claim keeps its origin, its precision and what was written; choosing never throws one away.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.dates import DateClaim, DateKind, Origin, Precision
from core.report import Published, Report

# The Origin members are declared in order of trust.
_TRUST = {origin: rank for rank, origin in enumerate(Origin)}
_COARSE = (Precision.MONTH, Precision.YEAR)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# A publisher ahead of UTC, or a page dated for tomorrow's paper, is not yet wrong.
_AHEAD = timedelta(days=2)


def is_plausible(claim: DateClaim, *, fetched_at: datetime) -> bool:
    """Whether a page fetched at `fetched_at` can have been published then."""
    return _EARLIEST <= claim.value <= fetched_at + _AHEAD


def _by_trust(claims: Iterable[DateClaim], kind: DateKind, fetched_at: datetime) -> list[DateClaim]:
    usable = (c for c in claims if c.kind == kind and is_plausible(c, fetched_at=fetched_at))
    return sorted(usable, key=lambda claim: _TRUST[claim.origin])


def _covers(coarse: DateClaim, fine: DateClaim) -> bool:
    """Whether `fine` lies in the month or year that `coarse` names (a day's slack for zones)."""
    days = 31 if coarse.precision == Precision.MONTH else 366
    slack = timedelta(days=1)
    return coarse.value - slack <= fine.value <= coarse.value + timedelta(days=days) + slack


def choose_published(claims: Iterable[DateClaim], *, fetched_at: datetime) -> Published | None:
    """The most trusted plausible claim of publication, or None.

    A claim that names only a month or a year gives way to the most trusted finer one that lies
    within it. `Last-Modified` never dates a publication: it is the server's time, not the text's.
    """
    ranked = [c for c in _by_trust(claims, DateKind.PUBLISHED, fetched_at) if c.origin != Origin.HTTP]
    if not ranked:
        return None
    best = ranked[0]
    if best.precision in _COARSE:
        finer = (c for c in ranked if c.precision not in _COARSE and _covers(best, c))
        best = next(finer, best)
    return Published(value=best.value, precision=best.precision, origin=best.origin)


def choose_modified(claims: Iterable[DateClaim], *, fetched_at: datetime) -> datetime | None:
    """The most trusted plausible time of the last change, or None."""
    ranked = _by_trust(claims, DateKind.MODIFIED, fetched_at)
    return ranked[0].value if ranked else None


def resolve_dates(report: Report) -> Report:
    """The step: fill `published` and `modified` from the claims of the raw report."""
    raw = report.raw
    return replace(
        report,
        published=choose_published(raw.dates, fetched_at=raw.fetched_at),
        modified=choose_modified(raw.dates, fetched_at=raw.fetched_at),
    )
