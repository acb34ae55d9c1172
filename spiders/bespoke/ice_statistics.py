"""The ICE detention statistics: a workbook behind a link that changes its name, read as one report a year.

ICE overwrites and renames the file about twice a month. Its report keeps one address for each
fiscal year, so that a new file of the same year is a new version of the same report.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from html import escape
from urllib.parse import urlsplit

from core.dates import DateClaim, Origin, Precision
from core.errors import DiscoveryError
from core.report import Page, Quarantined
from spiders.bespoke.xlsx import MAGIC, Cell, Row, Sheet, read_workbook
from spiders.listing import ListingSpider

_FILE = re.compile(r"FY(\d{2})_detentionStats(?:(\d{2})(\d{2})(\d{4}))?", re.I)
_AS_OF = re.compile(r"(?:as of|through|data from)[^.;]{0,60}?(\d{1,2})/(\d{1,2})/(\d{4})", re.I)
_POPULATION = re.compile(r"ADP: Detainee Classification Level", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistics:
    """What one workbook says: the fiscal year (two figures), its own day, the paragraphs of its report."""

    year: str
    as_of: date | None
    stamped: date | None
    paragraphs: tuple[str, ...]


class IceStatisticsSpider(ListingSpider):
    """Finds the workbook by the listing of the source file, and makes a page of what is in it."""

    def document(self, page: Page) -> Page | Quarantined:
        """The workbook as a page. Anything but a workbook is quarantined: it says nothing of detention."""
        try:
            return page_of_workbook(page)
        except DiscoveryError as error:
            return Quarantined(
                source_id=page.source_id, url=page.url, step="receive", reason=str(error), digest=page.digest
            )


def page_of_workbook(page: Page) -> Page:
    """The page of a workbook. Raises DiscoveryError when the body is no workbook of this kind."""
    if not page.body.startswith(MAGIC):
        raise DiscoveryError(f"Expected a workbook (xlsx), got {page.content_type}.")
    statistics = read_statistics(read_workbook(page.body), page.url)
    title = f"ICE detention statistics, fiscal year 20{statistics.year}"
    name = urlsplit(page.url).path.rpartition("/")[2]
    # The hash is part of the text: a file that was overwritten is a version of its own.
    file = f"Read from {name}, SHA-256 {page.digest}."
    text = "".join(f"<p>{escape(one)}</p>" for one in (*statistics.paragraphs, file))
    body = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><article><h1>{title}</h1>{text}</article></body></html>"
    ).encode()
    parts = urlsplit(page.url)
    address = f"{parts.scheme}://{parts.netloc}/detain/detention-management?workbook=FY{statistics.year}"
    day = statistics.stamped or statistics.as_of
    dates = (_claim(day, page.url),) if day else ()
    return replace(
        page,
        url=address,
        listed=replace(page.listed, title=title, dates=dates),
        content_type="text/html",
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        encoding="utf-8",
    )


def _claim(day: date, raw: str) -> DateClaim:
    value = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return DateClaim(value=value, precision=Precision.DAY, origin=Origin.LISTING, raw=raw[-120:])


def read_statistics(sheets: Sequence[Sheet], address: str) -> Statistics:
    """The figures of a workbook. Raises DiscoveryError when it has no sheet of facilities."""
    named = _FILE.search(address)
    facilities = next((sheet for sheet in sheets if "facilities" in sheet.title.lower()), None)
    if facilities is None:
        titles = ", ".join(sheet.title for sheet in sheets)
        raise DiscoveryError(f"The workbook has no sheet of facilities; its sheets are: {titles}.")
    year = named.group(1) if named else _year(facilities.title)
    stamped = _day(named.group(4), named.group(2), named.group(3)) if named and named.group(2) else None
    as_of = _as_of(sheets)
    entries = list(_facilities(facilities))
    day = as_of or stamped
    said = f"as of {day:%B} {day.day}, {day.year}" if day else "of an unknown day"
    agency = "U.S. Immigration and Customs Enforcement"
    first = f"Detention statistics of {agency} for fiscal year 20{year}, {said}."
    total = _shown(sum(entry.population for entry in entries))
    second = f"{len(entries)} detention facilities, with an average daily population of {total} detainees."
    return Statistics(
        year=year,
        as_of=as_of,
        stamped=stamped,
        paragraphs=(first, second, *_lines(sheets), *(entry.line for entry in entries)),
    )


def _year(title: str) -> str:
    match = re.search(r"FY\s*(?:20)?(\d{2})\b", title, re.I)
    if not match:
        raise DiscoveryError(f"Neither the file nor the sheet {title!r} names a fiscal year.")
    return match.group(1)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _as_of(sheets: Sequence[Sheet]) -> date | None:
    """The latest day that a note in the workbook says its figures are of."""
    days = [
        _day(match.group(3), match.group(1), match.group(2))
        for sheet in sheets
        for row in sheet.rows
        for cell in row
        if isinstance(cell, str)
        for match in _AS_OF.finditer(cell)
    ]
    return max((day for day in days if day), default=None)


def _lines(sheets: Sequence[Sheet]) -> Iterator[str]:
    """The rows of the sheet of totals, each as one line: a label and its figures."""
    for sheet in sheets:
        if sheet.title.lower().startswith("detention"):
            for row in sheet.rows:
                said = [_shown(cell) for cell in row if cell is not None]
                if len(said) > 1 and any(isinstance(cell, float) for cell in row):
                    yield f"{said[0]}: {', '.join(said[1:])}."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Facility:
    line: str
    population: float


def _facilities(sheet: Sheet) -> Iterator[_Facility]:
    """The facilities below the row of heads, up to the first without a name."""
    at = next((n for n, row in enumerate(sheet.rows) if any(_is(cell, "name") for cell in row)), None)
    if at is None:
        raise DiscoveryError(f"The sheet {sheet.title!r} has no column called Name.")
    heads = _heads(sheet.rows[at - 1] if at else (), sheet.rows[at])
    name_at = next(n for n, cell in enumerate(sheet.rows[at]) if _is(cell, "name"))
    for row in sheet.rows[at + 1 :]:
        name = row[name_at] if name_at < len(row) else None
        if name is None:
            return
        pairs = [(head, cell) for head, cell in zip(heads, row, strict=False) if cell is not None]
        facts = [f"{head} {_shown(cell)}" for head, cell in pairs if head != heads[name_at] and head]
        numbers = [cell for head, cell in pairs if _POPULATION.search(head) and isinstance(cell, float)]
        yield _Facility(line=f"{_shown(name)}: {', '.join(facts)}.", population=sum(numbers))


def _is(cell: Cell, word: str) -> bool:
    return isinstance(cell, str) and cell.strip().lower() == word


def _heads(groups: Row, labels: Row) -> list[str]:
    """`group | label` for every column: a merged cell names the group of all columns up to the next."""
    heads: list[str] = []
    group = ""
    for number, label in enumerate(labels):
        above = groups[number] if number < len(groups) else None
        group = _shown(above) if above is not None else group
        said = " ".join(_shown(label).split()) if label is not None else ""
        heads.append(f"{' '.join(group.split())} | {said}" if group and said else said)
    return heads


def _shown(cell: Cell) -> str:
    """A number without needless figures, a text as it is."""
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell.is_integer() else f"{cell:,.1f}"
    return cell or ""
