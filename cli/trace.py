"""Everything known of one address, read from the catalogue, the spool and the database."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.source import Source
from db.engine import Database
from db.quarantine import QuarantineEntry, QuarantineStore
from db.reports import ReportStore, StoredReport
from db.runs import Run, RunStore
from db.sightings import Sighting, SightingStore
from db.tombstones import TombstoneStore
from db.visits import Visit, VisitStore
from pipeline.address import canonical_url, site_of
from pipeline.items import QuarantineItem, ReportItem
from pipeline.spool import read_spool, waiting


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A source that reads the address's site. `filter` is the one that leaves the address out."""

    source: Source
    filter: str = ""
    last_run: Run | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """What is known of one address. `copy_of` is the report that its report repeats."""

    url: str
    canonical: str
    candidates: tuple[Candidate, ...] = ()
    visit: Visit | None = None
    withdrawn: bool = False
    quarantine: tuple[QuarantineEntry, ...] = ()
    report: StoredReport | None = None
    copy_of: StoredReport | None = None
    sightings: tuple[Sighting, ...] = ()
    spooled_in: str = ""
    near: tuple[str, ...] = ()


def gather(url: str, *, sources: Iterable[Source], database: Database | None, spool: Path) -> Trace:
    """Read what is known. `database` is None when there is none yet."""
    canonical = canonical_url(url)
    last_runs: Mapping[str, Run] = {}
    trace = Trace(url=url, canonical=canonical, spooled_in=_spooled(canonical, spool))
    if database is not None:
        with database.read() as connection:
            reports = ReportStore(connection)
            report, sightings = _report(canonical, reports, SightingStore(connection))
            visits = VisitStore(connection)
            near = visits.known(_variants(canonical))
            trace = Trace(
                url=url,
                canonical=canonical,
                visit=visits.get(canonical),
                withdrawn=bool(TombstoneStore(connection).has([canonical])),
                quarantine=tuple(QuarantineStore(connection).list(url=canonical)),
                report=report,
                copy_of=reports.get(report.duplicate_of) if report and report.duplicate_of else None,
                sightings=sightings,
                spooled_in=trace.spooled_in,
                near=tuple(near),
            )
            last_runs = RunStore(connection).latest()
    return replace(trace, candidates=_candidates(canonical, sources, last_runs))


def _report(
    canonical: str, reports: ReportStore, sightings: SightingStore
) -> tuple[StoredReport | None, tuple[Sighting, ...]]:
    """The report at an address, or the one that the address led to: a redirect, a canonical link."""
    report = reports.by_url(canonical)
    if report is None:
        led = [one for one in sightings.beginning(canonical) if canonical_url(one.url) == canonical]
        report = reports.get(led[-1].report_id) if led else None
    return report, tuple(sightings.of(report.id)) if report else ()


def _variants(url: str) -> list[str]:
    """Addresses that are often taken for the same one: other scheme, www., closing slash."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    hosts = (host, host.removeprefix("www.") if host.startswith("www.") else f"www.{host}")
    path = slash + path
    paths = (path, path.rstrip("/") if path.endswith("/") and path != "/" else f"{path}/")
    made = (f"{s}://{h}{p}" for s in ("https", "http") for h in hosts for p in paths)
    return [one for one in dict.fromkeys(made) if one != url and scheme]


def _candidates(
    canonical: str, sources: Iterable[Source], last_runs: Mapping[str, Run]
) -> tuple[Candidate, ...]:
    """The sources whose indexes or home page stand on the address's site."""
    site = site_of(canonical)
    return tuple(
        Candidate(source=source, filter=filter_of(source, canonical), last_run=last_runs.get(source.id))
        for source in sources
        if site in {site_of(url) for url in (*source.params.urls, source.homepage or "") if url}
    )


def filter_of(source: Source, url: str) -> str:
    """Which filter of the source leaves the address out, or nothing."""
    include, exclude = source.params.include, source.params.exclude
    if include and not re.search(include, url):
        return f"include: {include}"
    if exclude and re.search(exclude, url):
        return f"exclude: {exclude}"
    return ""


def _spooled(canonical: str, folder: Path) -> str:
    """The spool file in which the address waits for the database, or nothing."""
    for file in waiting(folder):
        for item in read_spool(file):
            if isinstance(item, ReportItem):
                url = item.report.url
            elif isinstance(item, QuarantineItem):
                url = item.quarantined.url
            else:
                continue
            if canonical_url(url) == canonical:
                return file.name
    return ""
