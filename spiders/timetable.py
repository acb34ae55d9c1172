"""When each source is due, and what an unfinished run is: the pure half of the scheduler."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from core.source import Source
from db.runs import Run
from pipeline.address import site_of

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """A source and when it starts. `why`: first, interrupted, overdue, interval or clock."""

    source: Source
    at: datetime
    why: str
    last: datetime | None = None


def sites(source: Source) -> frozenset[str]:
    """The sites (`state.gov`) whose indexes the source reads; one site is one publisher's machines."""
    return frozenset(site_of(url) for url in source.params.urls)


def next_start(source: Source, last: Run | None, now: datetime) -> Planned:
    """When the source is due: an interval after its last start, whoever asked for that run.

    A run that was interrupted counts for nothing. A last start in the future means that a clock
    was wrong; waiting for it would be silence, so the source is due now.
    """
    if last is None:
        return Planned(source=source, at=now, why="first")
    if last.status == "interrupted":
        return Planned(source=source, at=now, why="interrupted", last=last.started_at)
    if last.started_at > now:
        return Planned(source=source, at=now, why="clock", last=last.started_at)
    at = last.started_at + timedelta(minutes=source.schedule.every_minutes)
    return Planned(source=source, at=at, why="overdue" if at <= now else "interval", last=last.started_at)


def due(
    sources: Iterable[Source], last_runs: Mapping[str, Run], running: Collection[str], now: datetime
) -> list[Source]:
    """The enabled sources whose time has come and that nobody crawls, the longest overdue first."""
    planned = (next_start(source, last_runs.get(source.id), now) for source in sources if source.enabled)
    ready = [plan for plan in planned if plan.at <= now and plan.source.id not in running]
    return [plan.source for plan in sorted(ready, key=_by_neglect)]


def plan(
    sources: Iterable[Source], last_runs: Mapping[str, Run], now: datetime, *, spread: float
) -> list[Planned]:
    """The next start of every enabled source, the soonest first.

    Those that are overdue together start `spread` seconds apart, the longest overdue first.
    """
    planned = [next_start(source, last_runs.get(source.id), now) for source in sources if source.enabled]
    overdue = sorted((one for one in planned if one.at <= now), key=_by_neglect)
    shifted = [
        replace(one, at=now + timedelta(seconds=spread * number)) for number, one in enumerate(overdue)
    ]
    return sorted([*shifted, *(one for one in planned if one.at > now)], key=lambda one: one.at)


def _by_neglect(planned: Planned) -> tuple[datetime, str]:
    return planned.last or _LONG_AGO, planned.source.id


def refusal(source: Source, last: Run | None, running: Collection[str], now: datetime) -> str:
    """Why a source whose timer rang is not started: running, recent, or nothing at all.

    Recent is a start in the last half of its interval: another scheduler, or a person, was first.
    """
    if source.id in running:
        return "running"
    half = timedelta(minutes=source.schedule.every_minutes / 2)
    if last and last.status != "interrupted" and now - half < last.started_at <= now:
        return "recent"
    return ""


def startable(waiting: Iterable[Source], running: Collection[Source], *, concurrency: int) -> list[Source]:
    """Which of the waiting may start now: no site twice, no source twice, not too many at a time."""
    chosen: list[Source] = []
    busy = {site for source in running for site in sites(source)}
    names = {source.id for source in running}
    for source in waiting:
        if len(running) + len(chosen) >= concurrency:
            break
        if source.id in names or sites(source) & busy:
            continue
        chosen.append(source)
        names.add(source.id)
        busy |= sites(source)
    return chosen


def verdict(run: Run, *, held: bool, ours: bool, limit: timedelta, now: datetime) -> str:
    """What an unfinished run is: running, stale (nobody holds it) or overdue.

    `held`: its process lives on this machine. `ours`: that process is a scheduled crawl. Overdue
    is a scheduled crawl past its limit whose scheduler is gone, so that nobody else ends it.
    """
    if not held:
        return "stale"
    return "overdue" if ours and now > run.started_at + limit else "running"


def verdict_elsewhere(run: Run, *, limit: timedelta, now: datetime) -> str:
    """What an unfinished run of another machine is, whose processes cannot be seen from here.

    It is given an hour beyond its limit: a machine that never came back must not silence a source.
    """
    return "stale" if now > run.started_at + limit + timedelta(hours=1) else "running"
