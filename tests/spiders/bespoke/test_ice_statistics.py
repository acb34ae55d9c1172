"""The ICE workbook becomes one report a fiscal year, a new version with each file."""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any, cast

import pytest

from core.errors import DiscoveryError
from core.report import Listed, Page, Quarantined
from core.settings import Settings
from core.source import Kind, Politeness
from db.engine import Database
from db.reports import ReportStore
from pipeline.process import load_rules, read_page
from sources.catalogue import load_catalogue
from sources.values import SPIDER_KINDS
from spiders.base import Session
from spiders.bespoke.ice_statistics import IceStatisticsSpider, page_of_workbook
from spiders.bespoke.xlsx import read_workbook
from spiders.crawl import run_crawl
from spiders.kinds import BESPOKE, SPIDERS
from spiders.run import RunResult

FILE = "https://www.ice.gov/doclib/detention/FY27_detentionStats11162026.xlsx"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Cells = Sequence[Sequence[str | float | None]]

DETENTION: Cells = (
    ("ICE Detention data, FY27 YTD",),
    ("Processing Disposition", "ICE", "CBP", "Total"),
    ("Final removals", 9012.0, 411.0, 9423.0),
)
FACILITIES: Cells = (
    ("This data is through 11/13/2026. Figures are averages.",),
    (),
    (None, None, None, "FY27 ADP: Detainee Classification Level", None, "FY27 ADP: Criminality", None),
    ("Name", "City", "State", "Level A", "Level B", "Male Crim", "Male Non-Crim"),
    ("LARKMOOR CENTER", "Larkmoor", "TX", 410.25, 99.5, 120.0, 389.75),
    ("VILLA ROAD JAIL", "Oakes", "LA", 40.0, None, 4.0, 36.0),
    (None, "A note below the table", None, 7.0, None, None, None),
)


def workbook(**sheets: Cells) -> bytes:
    """A workbook of these sheets, as the office programs write it: shared strings, cells with names."""
    words: list[str] = []
    parts: dict[str, str] = {}
    listed, relations = "", ""
    for number, (title, rows) in enumerate(sheets.items(), 1):
        body = "".join(_row(at, row, words) for at, row in enumerate(rows, 1) if row)
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{NAMESPACE}"><sheetData>{body}</sheetData></worksheet>'
        )
        listed += f'<sheet name="{title.replace("_", " ")}" sheetId="{number}" r:id="rId{number}"/>'
        relations += f'<Relationship Id="rId{number}" Target="worksheets/sheet{number}.xml"/>'
    strings = "".join(f"<si><t>{escape(word)}</t></si>" for word in words)
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{NAMESPACE}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>'
    )
    parts["xl/_rels/workbook.xml.rels"] = f"<Relationships>{relations}</Relationships>"
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{NAMESPACE}">{strings}</sst>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return file.getvalue()


def _row(number: int, row: Sequence[str | float | None], words: list[str]) -> str:
    cells = ""
    for column, value in enumerate(row):
        name = f"{chr(ord('A') + column)}{number}"
        if isinstance(value, str):
            words.append(value)
            cells += f'<c r="{name}" t="s"><v>{len(words) - 1}</v></c>'
        elif value is not None:
            cells += f'<c r="{name}"><v>{value}</v></c>'
    return f'<row r="{number}">{cells}</row>'


def page(body: bytes, url: str = FILE) -> Page:
    """The workbook as it was received."""
    return Page(
        source_id="ice-detention-statistics",
        url_requested=url,
        url=url,
        listed=Listed(url=url, title="Detention FY 2027"),
        fetched_at=datetime(2026, 11, 17, tzinfo=UTC),
        status=200,
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
    )


WORKBOOK = workbook(Detention_FY27=DETENTION, Facilities_FY27=FACILITIES)


def test_a_workbook_becomes_a_report_with_its_figures_and_day() -> None:
    """The figures must be citable: of which day, which file, which facility."""
    source = load_catalogue().sources["ice-detention-statistics"]
    report = read_page(page_of_workbook(page(WORKBOOK)), source, load_rules())
    assert report.url == "https://www.ice.gov/detain/detention-management?workbook=FY27"
    assert report.title == "ICE detention statistics, fiscal year 2027"
    assert report.published is not None
    assert (report.published.value, report.published.precision) == (datetime(2026, 11, 16, tzinfo=UTC), "day")
    assert "as of November 13, 2026" in report.text
    assert "2 detention facilities, with an average daily population of 549.8 detainees" in report.text
    assert "Final removals: 9,012, 411, 9,423." in report.text
    assert "LARKMOOR CENTER: City Larkmoor, State TX, FY27 ADP: Detainee Classif" in report.text
    assert "FY27 ADP: Criminality | Male Crim 120" in report.text
    assert "A note below the table" not in report.text
    assert hashlib.sha256(WORKBOOK).hexdigest() in report.text


def test_a_renamed_workbook_of_the_year_keeps_its_address_and_changes_its_words() -> None:
    """An overwritten or renamed file is a version of the report, never a second report."""
    first = page_of_workbook(page(WORKBOOK))
    again = page_of_workbook(page(WORKBOOK, FILE.replace("11162026", "11302026")))
    assert first.url == again.url
    assert first.body != again.body


def test_columns_that_nobody_foresaw_are_kept() -> None:
    """Columns drift with the fiscal year; a figure must not vanish because its head is new."""
    rows: Cells = (("Name", "Beds of a new kind"), ("LARKMOOR CENTER", 12.0))
    made = page_of_workbook(page(workbook(Facilities_FY28=rows), FILE.replace("FY27", "FY28")))
    assert b"Beds of a new kind 12" in made.body


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<!doctype html><title>Just a moment</title>", "Expected a workbook"),
        (b"PK\x03\x04 but nothing more", "cannot be read"),
        (WORKBOOK[: len(WORKBOOK) // 2], "cannot be read"),
        (workbook(Footnotes=(("See above",),)), "no sheet of facilities; its sheets are: Footnotes"),
        (workbook(Facilities_FY27=(("City",), ("Larkmoor",))), "no column called Name"),
    ],
)
def test_what_is_no_such_workbook_is_quarantined_with_the_reason(body: bytes, said: str) -> None:
    """A rebuilt workbook must be seen, not be stored as an empty report."""
    with pytest.raises(DiscoveryError, match=said):
        page_of_workbook(page(body))
    source = load_catalogue().sources["ice-detention-statistics"]
    spider = IceStatisticsSpider(source=source, session=cast(Session, None))
    result = spider.document(page(body))
    assert isinstance(result, Quarantined)
    assert said in result.reason


def test_a_workbook_that_unpacks_without_end_is_refused() -> None:
    """A zip of a few kilobytes can hold gigabytes of nothing."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * (65 * 1024 * 1024))
    with pytest.raises(DiscoveryError, match="more than 64 MB"):
        read_workbook(file.getvalue())


def test_the_spiders_that_files_may_name_are_those_there_are() -> None:
    """The check of source files must not promise a spider that nobody wrote."""
    assert BESPOKE.keys() == SPIDER_KINDS.keys()
    for name, kind in SPIDER_KINDS.items():
        assert issubclass(BESPOKE[name], SPIDERS[Kind(kind)])


def test_the_workbook_is_crawled_as_one_report_with_versions(
    site: Any, answer: Any, sqlite_database: Database, sqlite_url: str, tmp_path: Path
) -> None:
    """What is read must also be stored: one report a year, changed by the next file, never doubled."""
    packaged = load_catalogue().sources["ice-detention-statistics"]
    index = site.url("/detain/detention-management")
    source = replace(
        packaged,
        params=replace(packaged.params, urls=(index,)),
        politeness=Politeness(delay_seconds=0, max_items=1),
        allow_private_network=True,
    )
    settings = Settings(database_url=sqlite_url, data_dir=tmp_path, contact="test@example.org")
    older = '<a href="/doclib/FY26_detentionStats.xlsx">FY 2026</a>'

    def crawl(name: str, body: bytes) -> RunResult:
        link = f'<!doctype html><html><body><a href="/doclib/{name}">FY 2027</a>{older}</body></html>'
        site.answer("/detain/detention-management", answer(body=link.encode()))
        kind = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
        site.answer(f"/doclib/{name}", answer(body=body, headers=kind))
        (result,) = run_crawl([source], database=sqlite_database, settings=settings, trigger="manual")
        return result

    first = crawl("FY27_detentionStats11162026.xlsx", WORKBOOK)
    assert first.counts["new"] == 1, first
    more: Cells = (*DETENTION, ("Voluntary returns", 88.0, 2.0, 90.0))
    second = crawl(
        "FY27_detentionStats11302026.xlsx", workbook(Detention_FY27=more, Facilities_FY27=FACILITIES)
    )
    assert (second.counts["new"], second.counts["updated"]) == (0, 1), second
    with sqlite_database.read() as connection:
        report = ReportStore(connection).by_url(f"{index}?workbook=FY27")
    assert report is not None
    assert "Voluntary returns: 88, 2, 90." in report.text
    assert site.count("/doclib/FY26_detentionStats.xlsx") == 0
