"""Dates as indexes write them, made into claims. What the pipeline's reader cannot read, dateparser may."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateparser.date import DateDataParser  # type: ignore[import-untyped]

from core.dates import DateClaim, DateKind, Origin, Precision
from core.source import Source
from pipeline.written_dates import read_date

LONGEST = 120
_DAYS = ("hoy", "ayer", "anteayer", "today", "yesterday")
_PERIODS = {"year": Precision.YEAR, "month": Precision.MONTH}


def claim(
    written: str,
    *,
    source: Source,
    origin: Origin,
    now: datetime,
    kind: DateKind = DateKind.PUBLISHED,
    format_: str | None = None,
    order: str | None = None,
    timezone: str | None = None,
    day_only: bool = False,
) -> DateClaim | None:
    """The claim a written date makes, or None when it is no date.

    `format_` (as strptime writes it) is tried first. A time without a zone is in `timezone`, else
    in the source's zone. `day_only` keeps only the calendar day in that zone: for publishers who
    stamp every item with one constant time of day.
    """
    raw = " ".join(written.split())
    if not raw or len(raw) > LONGEST:
        return None
    zone = ZoneInfo(timezone or source.timezone)
    order = order or usual_order(source)
    read = _formatted(raw, format_, zone) if format_ else None
    found = (
        DateClaim(value=read[0], precision=read[1], origin=origin, kind=kind, raw=raw)
        if read
        else read_date(raw, origin=origin, zone=zone, kind=kind, day_first=order != "MDY")
        or _loose(raw, origin=origin, kind=kind, languages=source.languages, order=order, now=now, zone=zone)
    )
    if found is None or found.value.year < 1971:
        # Time zero of a computer's clock means that nobody filled the field in.
        return None
    if day_only and found.precision is Precision.SECOND:
        day = found.value.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
        return replace(found, value=day, precision=Precision.DAY)
    return found


def usual_order(source: Source) -> str:
    """The order of day and month in figures: month first in English of the United States only."""
    return "MDY" if source.country == "US" and "es" not in source.languages else "DMY"


def _formatted(raw: str, format_: str, zone: ZoneInfo) -> tuple[datetime, Precision] | None:
    try:
        value = datetime.strptime(raw, format_)  # noqa: DTZ007 - the zone is added below
    except ValueError:
        return None
    if not any(sign in format_ for sign in ("%H", "%I", "%X", "%c", "%s")):
        if any(sign in format_ for sign in ("%d", "%j", "%x")):
            return value.replace(tzinfo=UTC), Precision.DAY
        precision = Precision.MONTH if any(s in format_ for s in ("%m", "%b", "%B")) else Precision.YEAR
        return value.replace(tzinfo=UTC), precision
    aware = value if value.tzinfo else value.replace(tzinfo=zone)
    return aware.astimezone(UTC), Precision.SECOND


@lru_cache(maxsize=64)
def _parser(languages: Sequence[str], order: str, hour: datetime) -> DateDataParser:
    known = [language for language in (*languages, "es", "en") if language in ("es", "en", "pt", "fr")]
    return DateDataParser(
        languages=list(dict.fromkeys(known)),
        settings={
            "DATE_ORDER": order,
            "PREFER_DAY_OF_MONTH": "first",
            "PREFER_MONTH_OF_YEAR": "first",
            "PREFER_DATES_FROM": "past",
            "RELATIVE_BASE": hour,
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )


def _loose(
    raw: str,
    *,
    origin: Origin,
    kind: DateKind,
    languages: Sequence[str],
    order: str,
    now: datetime,
    zone: ZoneInfo,
) -> DateClaim | None:
    """Dates without a year, with two figures for it, or relative ones (`hace 2 horas`): by the day."""
    figures = sum(character.isdigit() for character in raw)
    if figures == len(raw) or (not figures and raw.lower() not in _DAYS):
        return None
    hour = now.astimezone(zone).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    data = _parser(tuple(languages), order, hour).get_date_data(raw)
    if data is None or data.date_obj is None:
        return None
    day = data.date_obj.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    precision = _PERIODS.get(data.period or "", Precision.DAY)
    return DateClaim(value=day, precision=precision, origin=origin, kind=kind, raw=raw)
