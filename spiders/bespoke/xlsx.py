"""Workbooks (xlsx) as rows of plain values: just enough to read published figures, and bounded."""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from core.errors import DiscoveryError

MAGIC = b"PK\x03\x04"
LARGEST_PART = 64 * 1024 * 1024
"""Bytes of one unpacked part; the workbooks read here have sheets of about one MB."""
MOST_ROWS = 20_000
MOST_COLUMNS = 500

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    IndexError,
    OSError,
    EOFError,
    RuntimeError,
    etree.LxmlError,
)
"""What broken, encrypted and hostile archives raise."""

Cell = str | float | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One sheet: its title, and its rows with empty cells as None. Row 1 of the sheet is rows[0]."""

    title: str
    rows: tuple[Row, ...]


def read_workbook(body: bytes) -> tuple[Sheet, ...]:
    """The sheets of a workbook in their order. Raises DiscoveryError when it is none, or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            shared = _shared_strings(archive)
            return tuple(
                Sheet(title=title, rows=tuple(_rows(_tree(archive, part), shared)))
                for title, part in _parts(archive)
            )
    except UNREADABLE as error:
        raise DiscoveryError(f"The workbook cannot be read ({type(error).__name__}: {error}).") from error


def _tree(archive: zipfile.ZipFile, name: str) -> etree._Element:
    with archive.open(name) as part:
        data = part.read(LARGEST_PART + 1)
    if len(data) > LARGEST_PART:
        raise DiscoveryError(f"{name} unpacks to more than {LARGEST_PART // 1024 // 1024} MB.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(data, parser)


def _local(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return element.iter(f"{{*}}{name}")


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    return [_text(item) for item in _local(_tree(archive, "xl/sharedStrings.xml"), "si")]


def _text(element: etree._Element) -> str:
    return "".join(part.text or "" for part in _local(element, "t"))


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Title and part name of each sheet, in the order of the workbook."""
    targets: Mapping[str, str] = {
        str(one.get("Id")): str(one.get("Target"))
        for one in _local(_tree(archive, "xl/_rels/workbook.xml.rels"), "Relationship")
    }
    for sheet in _local(_tree(archive, "xl/workbook.xml"), "sheet"):
        key = next((str(value) for name, value in sheet.attrib.items() if str(name).endswith("}id")), "")
        target = targets[key]
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        yield str(sheet.get("name")), part


def _rows(sheet: etree._Element, shared: list[str]) -> Iterator[Row]:
    expected = 1
    for row in _local(sheet, "row"):
        number = int(row.get("r") or expected)
        if number > MOST_ROWS:
            return
        for _ in range(number - expected):
            yield ()
        yield _row(row, shared)
        expected = number + 1


def _row(row: etree._Element, shared: list[str]) -> Row:
    cells: list[Cell] = []
    for cell in _local(row, "c"):
        column = _column(cell.get("r") or "", len(cells))
        if column >= MOST_COLUMNS:
            break
        cells += [None] * (column - len(cells))
        cells.append(_value(cell, shared))
    return tuple(cells)


def _column(reference: str, following: int) -> int:
    """The column of a cell named like `BC12`, counted from 0; the following one when it has no name."""
    letters = re.match(r"[A-Z]{1,3}", reference)
    if not letters:
        return following
    number = 0
    for letter in letters.group():
        number = number * 26 + ord(letter) - ord("A") + 1
    return max(number - 1, following)


def _value(cell: etree._Element, shared: list[str]) -> Cell:
    kind = cell.get("t")
    if kind == "inlineStr":
        return _text(cell).strip() or None
    written = next((part.text or "" for part in _local(cell, "v")), "").strip()
    if not written or kind == "e":
        return None
    if kind == "s":
        return shared[int(written)].strip() or None
    if kind in (None, "n"):
        return float(written)
    return written
