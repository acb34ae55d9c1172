"""How a run ended: its status, why, and the events that alerts are made of. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.event import SOURCE_BLOCKED, SOURCE_EMPTY, SOURCE_FAILED, Event
from core.source import Source

OK, PARTIAL, FAILED, INTERRUPTED = "ok", "partial", "failed", "interrupted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """What a run came to, as its session saw it.

    `index_problems` are (kind, sentence); `unchanged_indexes` counts answers 304; `stop_reason`
    is why it ended early; `error` is a fault of ours that ended it; `interrupted` is an operator.
    """

    counts: Mapping[str, int]
    index_problems: tuple[tuple[str, str], ...] = ()
    page_problems: tuple[str, ...] = ()
    unchanged_indexes: int = 0
    spooled: int = 0
    stop_reason: str = ""
    error: str = ""
    interrupted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Status of a run, a sentence for the operator, and the kind of event it is worth, if any."""

    status: str
    reason: str = ""
    event: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)


def judge_run(source: Source, ending: Ending) -> Verdict:
    """Silence is a failure: a run is ok only when it listed what it should and lost nothing."""
    counts, least = ending.counts, source.expectations.min_items
    listed = counts.get("listed", 0)
    if ending.error:
        return Verdict(status=FAILED, reason=ending.error, event=SOURCE_FAILED)
    if ending.interrupted:
        return Verdict(status=INTERRUPTED, reason="interrupted")
    if ending.stop_reason == "blocked":
        last = (*(said for _, said in ending.index_problems), *ending.page_problems)[-1:]
        return Verdict(status=FAILED, reason=": ".join(("blocked", *last)), event=SOURCE_BLOCKED)
    if ending.index_problems and listed == 0:
        kind, said = ending.index_problems[0]
        return Verdict(
            status=FAILED,
            reason=f"{kind}: {said}" if kind != "failed" else said,
            event=SOURCE_BLOCKED if kind == "blocked" else SOURCE_FAILED,
        )
    if listed < least and not ending.unchanged_indexes and not ending.stop_reason:
        reason = f"listed {listed}, expected at least {least}"
        return Verdict(
            status=FAILED, reason=reason, event=SOURCE_EMPTY, detail={"listed": listed, "expected": least}
        )
    return _with_what_it_listed(ending)


def _with_what_it_listed(ending: Ending) -> Verdict:
    counts = ending.counts
    lost = sum(counts.get(name, 0) for name in ("failed", "blocked", "refused"))
    won = sum(counts.get(name, 0) for name in ("received", "not_modified", "known"))
    if lost and not won:
        kind = SOURCE_BLOCKED if counts.get("blocked") else SOURCE_FAILED
        return Verdict(status=FAILED, reason=f"no listed page could be fetched: {_first(ending)}", event=kind)
    shortfalls = (
        ending.stop_reason,
        ending.index_problems[0][1] if ending.index_problems else "",
        f"the database was down: {ending.spooled} items wait for the next run" if ending.spooled else "",
        f"{lost} not fetched: {_first(ending)}" if lost else "",
        f"{counts['quarantined']} in quarantine" if counts.get("quarantined") else "",
    )
    reason = "; ".join(filter(None, shortfalls))
    return Verdict(status=PARTIAL if reason else OK, reason=reason)


def _first(ending: Ending) -> str:
    return ending.page_problems[0] if ending.page_problems else "no reason was given"


def events_of(source: Source, verdict: Verdict, *, run_id: int | None, now: datetime) -> tuple[Event, ...]:
    """The event that a verdict is worth, or none."""
    if verdict.event is None:
        return ()
    detail = {"run": run_id, "reason": verdict.reason, **verdict.detail}
    return (Event(kind=verdict.event, at=now, source_id=source.id, detail=detail),)
