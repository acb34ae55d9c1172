"""Stores a batch: looked up together, decided in order, written together, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from core.event import REPORT_DUPLICATE, REPORT_NEW, REPORT_UPDATED, Event
from core.report import (
    Duplicate,
    Fingerprint,
    Known,
    New,
    Outcome,
    Quarantined,
    Report,
    Unchanged,
    Updated,
    Withdrawn,
)
from db.dialect import address_key
from db.engine import Database
from db.report_rows import Storing, storable, text_sha256
from db.report_writes import Receipt
from db.reports import Kept
from db.stores import Stores
from db.visits import Visit
from pipeline.decision import FEWEST_WORDS, Match, decide, differences, original, visit_after
from pipeline.items import EventItem, QuarantineItem, ReportItem, Result, WriteItem
from pipeline.matching import Wordings
from pipeline.storage import keep

__all__ = ["commit_batch", "decide"]


def commit_batch(database: Database, items: Sequence[WriteItem], now: datetime) -> list[Result]:
    """Store everything about a batch in one transaction; a result for each item, in order.

    Items submitted again (a replay, a crash and rerun) change nothing. Raises
    DatabaseUnavailable, or RowRefused when the database refuses a row; then nothing was stored.
    """
    if not items:
        return []
    with database.write() as connection:
        return _Batch(Stores(connection), items, now).commit()


class _Batch:
    """The state of one batch inside one transaction."""

    def __init__(self, stores: Stores, items: Sequence[WriteItem], now: datetime) -> None:
        self._stores = stores
        self._items = items
        reports = [item for item in items if isinstance(item, ReportItem)]
        sources = {item.source.id: item.source for item in reports}
        visits = [item.visit for item in items if not isinstance(item, EventItem) and item.visit]
        stores.sources.ensure(sources.values(), now)
        stores.sources.ensure_ids({visit.source_id for visit in visits} - sources.keys(), now)
        self._known = stores.reports.known(item.report.url for item in reports)
        self._barred = stores.tombstones.has(url for item in reports for url in _addresses(item))
        self._wordings = Wordings(stores, [mark for item in reports if (mark := self._asked(item))])
        fresh = {item.report.url for item in reports} - self._known.keys()
        self._ids = iter(stores.reports.next_ids(len(fresh)))
        self._new: list[Storing] = []
        self._revised: list[Storing] = []
        self._receipts: list[Receipt] = []
        self._sightings: list[tuple[int, str, str, datetime]] = []
        self._touched: list[tuple[int, datetime]] = []
        self._visits: list[Visit] = []
        self._quarantined: list[tuple[Quarantined, datetime]] = []
        self._events: list[Event] = []
        self._now = now

    def commit(self) -> list[Result]:
        """Decide every item in order, then write what follows."""
        results = [self._take(item) for item in self._items]
        tables = self._stores.tables
        tables.add(self._new)
        for storing in self._revised:
            tables.revise(storing)
        tables.receive(self._receipts)
        tables.sight(self._sightings)
        tables.touch(self._touched)
        self._stores.visits.record(self._visits)
        self._stores.quarantine.add(self._quarantined)
        self._stores.events.add(self._events)
        return results

    def _take(self, item: WriteItem) -> Result:
        match item:
            case ReportItem():
                return self._report(item)
            case QuarantineItem(quarantined=quarantined):
                at = item.visit.last_visited if item.visit else self._now
                self._quarantined.append((quarantined, at))
                if item.visit:
                    self._visits.append(item.visit)
            case EventItem(event=event):
                self._events.append(event)
            case _:
                self._visits.append(item.visit)
        return None

    def _report(self, item: ReportItem) -> Outcome | Quarantined:
        report = item.report
        known = self._known.get(report.url)
        kept = _kept(item, known)
        matches = self._matches(report, kept, known)
        barred = not self._barred.isdisjoint(_addresses(item))
        decision = decide(report, kept, known=known, barred=barred, matches=matches)
        report_id = known.id if known else None
        match decision:
            case New():
                report_id = self._add(report, kept, None)
            case Duplicate():
                report_id = self._add(report, kept, decision)
            case Updated():
                assert known is not None
                self._revise(report, kept, known, decision, matches)
            case Quarantined():
                self._quarantined.append((decision, report.raw.fetched_at))
        self._note(item, decision, report_id)
        return decision

    def _asked(self, item: ReportItem) -> Fingerprint | None:
        """What is looked for on behalf of an item; nothing for an address that says what it said."""
        known = self._known.get(item.report.url)
        kept = _kept(item, known)
        if known is not None and not differences(known, item.report, kept):
            return None
        return _mark(item.report, kept)

    def _matches(self, report: Report, kept: Kept, known: Known | None) -> list[Match]:
        mark = _mark(report, kept)
        if mark is None or (known is not None and not differences(known, report, kept)):
            return []
        return self._wordings.matches(mark, but=known.id if known else None)

    def _add(self, report: Report, kept: Kept, duplicate: Duplicate | None) -> int:
        storing = Storing(
            id=next(self._ids),
            report=report,
            kept=kept,
            version=1,
            duplicate=duplicate,
            mark=_mark(report, kept),
        )
        self._new.append(storing)
        self._remember(storing)
        if duplicate is not None:
            detail: dict[str, object] = {"of": duplicate.of, "score": duplicate.score}
            self._announce(REPORT_DUPLICATE, storing, detail)
        else:
            self._announce(REPORT_NEW, storing, {})
        return storing.id

    def _revise(
        self, report: Report, kept: Kept, known: Known, decision: Updated, matches: Sequence[Match]
    ) -> None:
        best = original(matches, but=known.id)
        storing = Storing(
            id=known.id,
            report=report,
            kept=kept,
            version=known.version + 1,
            changes=decision.changes,
            duplicate=Duplicate(of=best.of, score=best.score, reasons=best.reasons) if best else None,
            mark=_mark(report, kept),
        )
        self._revised.append(storing)
        self._remember(storing)
        # Words kept for the first time were never announced: to a reader they are new.
        first = "kept" in decision.changes and best is None
        detail: dict[str, object] = {"changes": list(decision.changes), "version": storing.version}
        self._announce(REPORT_NEW if first else REPORT_UPDATED, storing, detail)

    def _remember(self, storing: Storing) -> None:
        """Let the items after this one find it."""
        report, kept = storing.report, storing.kept
        self._known[report.url] = Known(
            id=storing.id,
            url=report.url,
            title=storable(report.title),
            text=kept.text,
            content_digest=report.fingerprint.digest if report.fingerprint else "",
            version=storing.version,
            text_kept=kept.how,
            text_sha256=text_sha256(report.text),
            text_length=len(report.text),
            seen_at=report.raw.fetched_at,
        )
        if storing.mark is not None:
            of = storing.duplicate.of if storing.duplicate else storing.id
            self._wordings.add(storing.id, storing.mark, original=of)

    def _announce(self, kind: str, storing: Storing, detail: dict[str, object]) -> None:
        if storing.kept.how == "none":
            return
        relevance = storing.report.relevance
        event = Event(
            kind=kind,
            at=self._now,
            source_id=storing.report.raw.source_id,
            report_id=storing.id,
            detail={"tier": relevance.tier if relevance else None, **detail},
        )
        self._events.append(event)

    def _note(self, item: ReportItem, decision: Outcome | Quarantined, report_id: int | None) -> None:
        """The receipt, the sighting and the visit that go with a decision."""
        if item.visit is not None:
            self._visits.append(visit_after(item.visit, decision))
        if isinstance(decision, Withdrawn):
            return
        raw, received = item.report.raw, item.received
        self._receipts.append(
            Receipt(
                report_id=report_id,
                source_id=raw.source_id,
                url=address_key(storable(raw.url)),
                url_requested=storable(raw.url_requested),
                fetched_at=raw.fetched_at,
                status=received.status,
                digest=raw.digest,
                content_type=storable(received.content_type or raw.content_type),
                etag=received.etag,
                last_modified=received.last_modified,
            )
        )
        if report_id is not None and not isinstance(decision, Quarantined):
            asked = address_key(storable(raw.url_requested))
            self._sightings.append((report_id, item.source.id, asked, raw.fetched_at))
        if isinstance(decision, Unchanged):
            self._touched.append((decision.of, raw.fetched_at))


def _kept(item: ReportItem, known: Known | None) -> Kept:
    return keep(item.report, item.source, had=known.text_kept if known else "none")


def _addresses(item: ReportItem) -> tuple[str, str, str]:
    """Every address under which an operator may have taken a report down."""
    return item.report.url, item.report.raw.url, item.report.raw.url_requested


def _mark(report: Report, kept: Kept) -> Fingerprint | None:
    """The fingerprint by which a report may be or have a repetition; None when it takes no part."""
    if kept.how == "none" or len(report.text.split(maxsplit=FEWEST_WORDS)) < FEWEST_WORDS:
        return None
    return report.fingerprint
