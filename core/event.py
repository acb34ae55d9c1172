"""Events: what alerts and pages read, in the order in which it happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

REPORT_NEW = "report.new"
REPORT_UPDATED = "report.updated"
REPORT_DUPLICATE = "report.duplicate"
SOURCE_EMPTY = "source.empty"
SOURCE_FAILED = "source.failed"
SOURCE_BLOCKED = "source.blocked"


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened to a report or a source; `detail` holds plain JSON values."""

    kind: str
    at: datetime
    source_id: str | None = None
    report_id: int | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
