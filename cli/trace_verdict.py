"""Where an address stopped: the furthest step that is known of it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from cli.trace import Candidate, Trace
from db.runs import Run
from db.visits import Visit
from pipeline.address import canonical_url, site_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Conclusion:
    """The step at which an address stopped, in one word and in one sentence."""

    step: str
    sentence: str

    @property
    def known(self) -> bool:
        """Whether anything at all was known."""
        return self.step != "unknown"


def conclude(trace: Trace) -> Conclusion:
    """Where the address stopped: the furthest step that is known of it."""
    for judge in (_about_report, _about_spool, _about_quarantine, _about_visit, _about_sources):
        found = judge(trace)
        if found is not None:
            return found
    return Conclusion(
        step="unknown",
        sentence=f"Never listed by any source: no source file names a page on {site_of(trace.canonical)}.",
    )


def _about_report(trace: Trace) -> Conclusion | None:
    report = trace.report
    if trace.withdrawn:
        return Conclusion(
            step="withdrawn", sentence="An operator took this address down; no crawl brings it back."
        )
    if report is None:
        return None
    listed = f"Listed by {report.source_id} and fetched on {_day(report.first_seen)}"
    at = "" if report.url == trace.canonical else f" at {report.url}, to which the address led"
    if report.tier == "X":
        why = "; ".join(report.reasons)
        kept = "Only the title is kept." if report.text_kept == "none" else "Only `search --all` shows it."
        return Conclusion(
            step="relevance",
            sentence=f"{listed}, stopped at relevance: tier X because of {why}. {kept}",
        )
    if trace.copy_of is not None:
        why = "; ".join(report.duplicate_reasons) or "same wording"
        sentence = f"{listed}, stored{at} and folded as a copy of {trace.copy_of.url}: {why}."
        return Conclusion(step="duplicate", sentence=sentence)
    if report.tier == "D":
        return Conclusion(
            step="relevance", sentence=f"{listed} and stored{at} as context (tier D), which no digest shows."
        )
    gone = trace.visit if trace.visit and trace.visit.outcome == "gone" else None
    since = f" The site said on {_day(gone.last_visited)} that it is gone; we keep it." if gone else ""
    return Conclusion(
        step="stored", sentence=f"It is not missing. {listed}, stored{at} with tier {report.tier}.{since}"
    )


def _about_spool(trace: Trace) -> Conclusion | None:
    if not trace.spooled_in:
        return None
    return Conclusion(
        step="spool",
        sentence=f"Fetched while the database was down: it waits in {trace.spooled_in} for the next crawl.",
    )


def _about_quarantine(trace: Trace) -> Conclusion | None:
    if not trace.quarantine:
        return None
    entry = trace.quarantine[0]
    times = "" if entry.count == 1 else f" (the latest of {entry.count} times)"
    return Conclusion(
        step=entry.step,
        sentence=f"Listed by {entry.source_id} and fetched on {_day(entry.last_at)}{times}, "
        f"stopped at {entry.step}: {entry.reason}.",
    )


_VISITS = {
    "robots": "Listed by {source}, and not fetched: robots.txt of the site forbids it",
    "blocked": "Listed by {source}, but the site blocked the crawler on {day}",
    "refused": "Listed by {source}, but not fetched on {day}: the crawler refused the address",
    "failed": "Listed by {source}, but it could not be fetched on {day}",
    "gone": "Listed by {source}, but the site said on {day} that it is gone",
    "index": "It is an index page of {source}, read on {day}; its entries are reports, it is not",
}

_VISITED = "Listed by {source} and visited on {day}: {outcome}, but no report is stored"


def _about_visit(trace: Trace) -> Conclusion | None:
    visit = trace.visit
    if visit is None:
        return None
    form = _VISITS.get(visit.outcome, _VISITED)
    sentence = form.format(source=visit.source_id, day=_day(visit.last_visited), outcome=visit.outcome)
    detail = "" if visit.outcome in ("index", "robots") else visit.detail.removeprefix(f"{visit.url}: ")
    again = f" It is due again after {visit.next_due:%Y-%m-%d %H:%M} UTC." if visit.next_due else ""
    return Conclusion(step=visit.outcome, sentence=f"{sentence}{': ' + detail if detail else ''}.{again}")


def _about_sources(trace: Trace) -> Conclusion | None:
    """Never asked for, although a source reads the site: the likeliest one says why."""
    if not trace.candidates:
        return None
    for one in trace.candidates:
        if trace.canonical in map(canonical_url, one.source.params.urls):
            return Conclusion(
                step="index", sentence=f"It is an index page of {one.source.id}, {_ran(one.last_run)}."
            )
    best = min(trace.candidates, key=_unlikeliness)
    others = len(trace.candidates) - 1
    also = f" Sources that read this site besides: {others}." if others else ""
    return Conclusion(step="listing", sentence=f"Never asked for: {_unlisted(best)}.{also}")


def _unlikeliness(one: Candidate) -> tuple[bool, bool, bool, bool]:
    """Sorts first the source that most likely should have brought the address."""
    run = one.last_run
    went_well = run is not None and run.status in ("ok", "partial")
    return (not one.source.enabled, bool(one.filter), not _left(run), went_well)


def _unlisted(one: Candidate) -> str:
    name, run = one.source.id, one.last_run
    if not one.source.enabled:
        return f"{name} reads this site and is off (enabled: false)"
    if one.filter:
        return f"{name} reads this site, and its `{one.filter}` leaves this address out"
    if run is None:
        return f"{name} reads this site and has not run yet"
    if left := _left(run):
        return (
            f"the last run of {name}, on {_day(run.started_at)}, listed {run.counts['listed']} addresses and "
            f"left {left} of them for another crawl (max_items, --limit, --since), maybe this one"
        )
    if run.status in ("failed", "interrupted", "running"):
        return f"{name} reads this site, {_ran(run)}"
    return (
        f"{name} reads this site, and no run listed this address; "
        f"the last one, on {_day(run.started_at)}, listed {run.counts.get('listed', 0)}"
    )


def _left(run: Run | None) -> int:
    """How many listed addresses the run left for another crawl."""
    counts = run.counts if run else {}
    settled = sum(counts.get(name, 0) for name in ("known", "requested", "withdrawn"))
    return max(0, counts.get("listed", 0) - settled)


def _ran(run: Run | None) -> str:
    if run is None:
        return "which has not run yet"
    why = f": {run.reason}" if run.reason else ""
    return f"whose last run, on {_day(run.started_at)}, is {run.status}{why}"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def facts(trace: Trace) -> list[tuple[str, str]]:
    """What is known as (name, value) lines, in the order of the flow."""
    lines = [("address", trace.url)]
    if trace.canonical != trace.url:
        lines.append(("kept as", trace.canonical))
    lines += [("known nearby", url) for url in trace.near]
    lines += [("source", _candidate(one)) for one in trace.candidates]
    if trace.visit:
        lines.append(("visit", _visit(trace.visit)))
    for entry in trace.quarantine:
        times = "once, on" if entry.count == 1 else f"{entry.count} times, last on"
        lines.append(("quarantine", f"{entry.step}: {entry.reason} ({times} {_day(entry.last_at)})"))
    if trace.withdrawn:
        lines.append(("withdrawn", "yes"))
    if trace.spooled_in:
        lines.append(("spool", trace.spooled_in))
    if trace.report:
        lines.append(("report", f"{trace.report.id}: {trace.report.title} <{trace.report.url}>"))
        lines.append(("tier", f"{trace.report.tier}: {'; '.join(trace.report.reasons)}"))
    if trace.copy_of:
        lines.append(("copy of", f"{trace.copy_of.id}: {trace.copy_of.title} <{trace.copy_of.url}>"))
    lines += [("seen", f"by {s.source_id} on {_day(s.first_seen)} at {s.url}") for s in trace.sightings]
    return lines


def _candidate(one: Candidate) -> str:
    state = "on" if one.source.enabled else "off"
    left_out = f", leaves it out by {one.filter}" if one.filter else ""
    last = one.last_run
    run = f"last run {last.status} on {_day(last.started_at)}" if last else "never run"
    return f"{one.source.id} ({one.source.kind}, {state}{left_out}), {run}"


def _visit(visit: Visit) -> str:
    status = f", HTTP {visit.status}" if visit.status else ""
    detail = f", {visit.detail}" if visit.detail else ""
    return f"{visit.last_visited:%Y-%m-%d %H:%M} UTC by {visit.source_id}: {visit.outcome}{status}{detail}"
