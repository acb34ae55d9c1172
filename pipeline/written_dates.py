"""Before the third step: a date as a page writes it becomes a claim.

English, Spanish, Portuguese and French month names, ISO 8601 in its many disguises, mail dates,
Unix times. What cannot be read gives None: a wrong date is worse than none.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from core.dates import DateClaim, DateKind, Origin, Precision
from core.text import fold

_ISO = re.compile(
    r"""(\d{4})-?(\d{2})(?:-?(\d{2}))?             # 2024-05-16, 20240516, 2024-05
        (?:(?:[T\s]|\s*T\s*)\s*(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?
           \s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?(?:\[[\w/]+\])?""",
    re.I | re.X,
)
_NUMERIC = re.compile(r"\b(\d{1,4})[/.-](\d{1,2})[/.-](\d{4}|\d{2})\b")
_DAY_MONTH = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|er|o|º|ª|\.)?\s*(?:de\s+|-|/|\s)\s*([a-zç]{3,10})\.?,?\s*(?:de[l]?\s+|-|/|\s)?\s*(\d{4})\b"
)
_MONTH_DAY = re.compile(r"\b([a-zç]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?\s*,?\s+(?:de\s+)?(\d{4})\b")
_MONTH_YEAR = re.compile(r"([a-zç]{3,10})\.?,?\s+(?:de[l]?\s+)?(\d{4})")
_CLOCK = re.compile(
    r"\b(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(a\.?\s?m\b\.?|p\.?\s?m\b\.?)?"
    r"\s*(?:h(?:rs|oras)?\b\.?)?\s*\(?((?:gmt|utc)?[+-]\d{2}:?\d{2}|z|utc|gmt|[ecmp][sd]?t|bst|cest|cet)?\b"
)
_UNIX = re.compile(r"\d{10}(?:\d{3})?")
_MONTHS = {
    "jan": 1, "ene": 1, "feb": 2, "fev": 2, "mar": 3, "apr": 4, "abr": 4, "avr": 4, "may": 5, "mai": 5,
    "jun": 6, "jui": 6, "jul": 7, "aug": 8, "ago": 8, "aou": 8, "sep": 9, "set": 9, "oct": 10, "out": 10,
    "nov": 11, "dec": 12, "dic": 12, "dez": 12,
}  # fmt: skip
_MONTH_NAMES = re.compile(
    r"jan(?:uary|v\.?|vier|eiro)?|ene(?:ro)?|feb(?:ruary|rero)?|fev(?:r|rier|ereiro)?|mar(?:ch|zo|s|co)?"
    r"|apr(?:il)?|abr(?:il)?|avr(?:il)?|may(?:o)?|mai(?:o)?|june?|jun(?:io|ho)|juin|july?|jul(?:io|ho)|juil(?:let)?"
    r"|aug(?:ust)?|ago(?:sto)?|aout?|sept?(?:ember|embre|iembre|bre)?|set(?:iembre|embro)?|oct(?:ober|ubre|obre)?"
    r"|out(?:ubro)?|nov(?:ember|iembre|embre|embro)?|dec(?:ember|embre)?|dic(?:iembre)?|dez(?:embro)?"
)
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "bst": 1, "cet": 1, "cest": 2,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_US_ZONES = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
}
_LONGEST = 120


def zone_of(name: str) -> tzinfo:
    """The zone of a source by its IANA name; UTC when the name is unknown on this machine."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def _month(word: str) -> int | None:
    if not _MONTH_NAMES.fullmatch(word):
        return None
    return 7 if word.startswith("juil") else _MONTHS[word[:3]]


def _offset(written: str) -> tzinfo | None:
    name = written.lower().removeprefix("gmt").removeprefix("utc") or "utc"
    if name in _ZONES:
        return timezone(timedelta(hours=_ZONES[name]))
    if name in _US_ZONES:
        return zone_of(_US_ZONES[name])
    digits = name[1:].replace(":", "")
    if name[0] in "+-" and digits.isdigit():
        minutes = int(digits[:2]) * 60 + int(digits[2:4] or 0)
        return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))
    return None


def _iso(text: str, zone: tzinfo) -> tuple[datetime, Precision] | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if day is None:
        if "-" not in text:
            return None
        return datetime(int(year), int(month), 1, tzinfo=UTC), Precision.MONTH
    whole = datetime(int(year), int(month), int(day), tzinfo=UTC)
    if hour is None:
        return whole, Precision.DAY
    value = whole.replace(
        hour=int(hour) % 24,
        minute=int(minute),
        second=min(int(second or 0), 59),
        microsecond=int((fraction or "0")[:6].ljust(6, "0")),
        tzinfo=(_offset(offset) if offset else None) or zone,
    )
    return value, Precision.SECOND


def _mail(text: str, zone: tzinfo) -> tuple[datetime, Precision] | None:
    if not re.match(r"(?:[A-Za-z]{3},?\s+)?\d{1,2}\s+[A-Za-z]{3}\s+\d{2,4}\s+\d", text):
        return None
    try:
        value = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=zone)), Precision.SECOND


def _figures(text: str, day_first: bool) -> tuple[int, int, int] | None:
    match = _NUMERIC.search(text)
    if match is None:
        return None
    first, middle, last = match.groups()
    if len(first) == 4:
        return int(first), int(middle), int(last)
    if len(last) != 4 or len(first) > 2:
        return None
    one, two = int(first), int(middle)
    if one > 12 or (day_first and two <= 12):
        return int(last), two, one
    return int(last), one, two


def _words(text: str, day_first: bool) -> tuple[int, int, int] | None:
    """Year, month and day of a date in words or in figures, from folded text."""
    for pattern, day, month in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        for match in pattern.finditer(text):
            number = _month(match.group(month))
            if number:
                return int(match.group(3)), number, int(match.group(day))
    return _figures(text, day_first)


def _loose(text: str, zone: tzinfo, day_first: bool) -> tuple[datetime, Precision] | None:
    folded = fold(text)
    found = _words(folded, day_first)
    if found is None:
        alone = _MONTH_YEAR.fullmatch(folded.strip())
        month = _month(alone.group(1)) if alone else None
        if alone and month:
            return datetime(int(alone.group(2)), month, 1, tzinfo=UTC), Precision.MONTH
        return None
    day = datetime(*found, tzinfo=UTC)
    clock = _CLOCK.search(folded)
    if clock is None:
        return day, Precision.DAY
    hour, minute, second, half, offset = clock.groups()
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half.startswith("p") else 0)
    value = day.replace(
        hour=hours,
        minute=int(minute),
        second=int(second or 0),
        tzinfo=(_offset(offset) if offset else None) or zone,
    )
    return value, Precision.SECOND


def _read(text: str, zone: tzinfo, day_first: bool) -> tuple[datetime, Precision] | None:
    if _UNIX.fullmatch(text):
        seconds = int(text) / (1000 if len(text) == 13 else 1)
        return datetime.fromtimestamp(seconds, UTC), Precision.SECOND
    if re.fullmatch(r"(?:19|20)\d\d", text):
        return datetime(int(text), 1, 1, tzinfo=UTC), Precision.YEAR
    return _iso(text, zone) or _mail(text, zone) or _loose(text, zone, day_first)


def read_date(
    written: str,
    *,
    origin: Origin,
    zone: tzinfo,
    kind: DateKind = DateKind.PUBLISHED,
    day_first: bool = True,
) -> DateClaim | None:
    """The claim that `written` makes, or None when it is no date.

    A time without a zone is in `zone`, the source's. A time of exactly midnight in the zone it
    is written in is a date that a form padded: it counts with precision day, at 00:00 UTC of
    the written day. `day_first` decides 03/04/2025; 25/03/2025 decides itself.
    """
    raw = " ".join(written.split())
    if not raw or len(raw) > _LONGEST:
        return None
    try:
        read = _read(raw, zone, day_first)
        if read is None:
            return None
        value, precision = read
        if precision == Precision.SECOND and (value.hour, value.minute, value.second, value.microsecond) == (
            0,
            0,
            0,
            0,
        ):
            value, precision = value.replace(tzinfo=UTC), Precision.DAY
        value = value.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return DateClaim(value=value, precision=precision, origin=origin, kind=kind, raw=raw)


_URL_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([/_-]?)(0?[1-9]|1[0-2]|[a-z]{3,9})\2(0[1-9]|[12]\d|3[01]|(?<=/)[1-9](?=/))(?:\d{4}|\d{6})?(?!\d)",
    re.I,
)
_URL_MONTH = re.compile(r"/((?:19|20)\d\d)[/-](0[1-9]|1[0-2])(?=/)")


def date_in_url(url: str) -> DateClaim | None:
    """The day (or month) that the path of an address names, such as /2024/05/16/ or -20240516."""
    path = re.sub(r"^[a-z]+://[^/]*", "", url, flags=re.I).partition("?")[0]
    for pattern in (_URL_DAY, _URL_MONTH):
        for match in pattern.finditer(path):
            word = match.group(3 if pattern is _URL_DAY else 2)
            month = int(word) if word.isdigit() else _month(word.lower())
            day = int(match.group(4)) if pattern is _URL_DAY else 1
            if month is None:
                continue
            try:
                value = datetime(int(match.group(1)), month, day, tzinfo=UTC)
            except ValueError:
                continue
            precision = Precision.DAY if pattern is _URL_DAY else Precision.MONTH
            return DateClaim(
                value=value, precision=precision, origin=Origin.URL, raw=match.group().strip("/-_")
            )
    return None
