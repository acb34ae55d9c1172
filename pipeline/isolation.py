"""Keeps one item that cannot be stored from taking its batch with it."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.errors import DatabaseUnavailable, SchemaOutdated
from core.report import Quarantined
from db.engine import Database
from pipeline.intake import commit_batch
from pipeline.items import EventItem, QuarantineItem, ReportItem, Result, WriteItem

log = logging.getLogger(__name__)


def commit_isolated(database: Database, items: Sequence[WriteItem], now: datetime) -> list[Result]:
    """Store a batch; when it is refused, one by one, with the refused ones in quarantine.

    Raises DatabaseUnavailable or SchemaOutdated: then the items are good and the database is not.
    """
    try:
        return commit_batch(database, items, now)
    except (DatabaseUnavailable, SchemaOutdated):
        raise
    except Exception as error:
        log.warning("batch refused, storing one by one", extra={"items": len(items), "error": repr(error)})
    return [_commit_one(database, item, now) for item in items]


def _commit_one(database: Database, item: WriteItem, now: datetime) -> Result:
    try:
        return commit_batch(database, [item], now)[0]
    except (DatabaseUnavailable, SchemaOutdated):
        raise
    except Exception as error:
        log.exception("item refused", extra={"item": type(item).__name__})
        return _quarantine(database, item, error, now)


def _quarantine(database: Database, item: WriteItem, error: Exception, now: datetime) -> Quarantined | None:
    """Note the refusal; with its visit if that can be stored, so that the address is known as bad."""
    if isinstance(item, EventItem):
        return None
    quarantined = _refusal(item, f"{type(error).__name__}: {error}"[:500])
    visit = item.visit
    if visit is not None:
        visit = replace(
            visit, outcome="quarantined", detail=quarantined.reason, etag=None, last_modified=None
        )
    for attempt in (
        QuarantineItem(quarantined=quarantined, visit=visit),
        QuarantineItem(quarantined=quarantined),
    ):
        try:
            commit_batch(database, [attempt], now)
        except (DatabaseUnavailable, SchemaOutdated):
            raise
        except Exception:
            log.exception("refusal not stored", extra={"url": ascii(quarantined.url)})
        else:
            break
    return quarantined


def _refusal(item: WriteItem, reason: str) -> Quarantined:
    reason = reason.encode("ascii", "backslashreplace").decode().replace("\x00", "\\x00")
    where: tuple[str, str, str | None]
    match item:
        case ReportItem(report=report):
            where = (report.raw.source_id, report.url, report.raw.digest)
        case QuarantineItem(quarantined=bad):
            where = (bad.source_id, bad.url, bad.digest)
        case _:
            assert not isinstance(item, EventItem)
            where = (item.visit.source_id, item.visit.url, None)
    source_id, url, digest = where
    url = url.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
    return Quarantined(source_id=source_id, url=url, step="store", reason=reason, digest=digest)
