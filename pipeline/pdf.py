"""Extraction from PDF: its text, and what its properties claim."""

import re
from collections.abc import Mapping
from datetime import tzinfo

import pypdfium2

from core.dates import DateClaim, DateKind, Origin
from core.errors import ExtractionError
from core.report import Page, RawReport
from core.source import Source
from pipeline.bylines import clean_authors
from pipeline.charset import tidy
from pipeline.pdf_text import paragraphs, without_margins
from pipeline.titles import clean_title
from pipeline.written_dates import date_in_url, read_date, zone_of

_MARK = b"%PDF-"
_JUNK = 1024
MOST_PAGES = 500
LONGEST_TEXT = 2_000_000
# Fewer letters than this over the whole file is a scan with a stamp, not a text.
_LEAST_LETTERS = 40
_FIRST_CHARACTERS = 1500
_DATE = re.compile(r"(?:D:)?(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:([+-]\d{2})'?(\d{2})?'?|Z.*)?$")
_FILE_NAME = re.compile(r".*\.(?:docx?|odt|rtf|pdf|indd|pptx?|xlsx?|wpd|pages|tmp|qxp|pmd)$", re.I)
_NO_TITLE = re.compile(
    r"(?:untitled|sin t[ií]tulo|document|documento|presentation|slide|layout)\s*\d*|\W*|\d+", re.I
)
_PROGRAM = re.compile(r"^(?:microsoft (?:word|powerpoint|excel)|print|scanned?)\b\W*", re.I)


def is_pdf(body: bytes) -> bool:
    """Whether bytes are a PDF, which may stand after up to a kilobyte of something else."""
    return _MARK in body[:_JUNK] and not body.lstrip().startswith(b"<")


def _open(body: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(body[body.find(_MARK) :])
    except pypdfium2.PdfiumError as error:
        reason = "it is locked by a password" if "password" in str(error).lower() else "it is damaged"
        raise ExtractionError(f"the PDF cannot be opened: {reason}", step="pdf") from error


def _page_lines(document: pypdfium2.PdfDocument) -> list[list[str]]:
    """The printed lines of each page; a damaged page gives none."""
    pages: list[list[str]] = []
    length = 0
    for index in range(min(len(document), MOST_PAGES)):
        try:
            text = document[index].get_textpage().get_text_bounded()
        except pypdfium2.PdfiumError:
            text = ""
        lines = [" ".join(line.split()) for line in text.splitlines()]
        pages.append([line for line in lines if line])
        length += len(text)
        if length > LONGEST_TEXT:
            break
    return pages


def _largest_line(document: pypdfium2.PdfDocument) -> str:
    """The first page's text in its largest letters: as a rule its title."""
    try:
        text = document[0].get_textpage()
        count = min(text.count_chars(), _FIRST_CHARACTERS)
        marks = [(text.get_text_range(i, 1), text.get_charbox(i, loose=True)) for i in range(count)]
    except (pypdfium2.PdfiumError, IndexError):
        return ""
    lines: list[tuple[float, str]] = []
    current, height = "", 0.0
    for mark, (_, bottom, _, top) in [*marks, ("\n", (0.0, 0.0, 0.0, 0.0))]:
        if mark in ("\r", "\n"):
            if current.strip():
                lines.append((round(height, 1), current.strip()))
            current, height = "", 0.0
        else:
            current += mark
            height = max(height, top - bottom) if mark.strip() else height
    wordy = [(size, line) for size, line in lines if sum(map(str.isalpha, line)) >= 4]
    if not wordy:
        return ""
    sizes = [size for size, _ in wordy]
    largest = max(sizes)
    if min(sizes) >= 0.97 * largest:
        return wordy[0][1]
    start = sizes.index(largest)
    return " ".join(line for size, line in wordy[start : start + 4] if size >= 0.97 * largest)


def _property_title(properties: Mapping[str, str]) -> str:
    title = _PROGRAM.sub("", clean_title(tidy(properties.get("Title", ""))))
    return "" if _FILE_NAME.fullmatch(title) or _NO_TITLE.fullmatch(title) else title


def _property_date(written: str, kind: DateKind, zone: tzinfo) -> DateClaim | None:
    match = _DATE.match(written.strip())
    if match is None or not match.group(3):
        return None
    year, month, day, hour, minute, second, offset_hours, offset_minutes = match.groups()
    iso = f"{year}-{month}-{day}"
    if hour and minute:
        offset = (
            f"{offset_hours}:{offset_minutes or '00'}" if offset_hours else ("Z" if "Z" in written else "")
        )
        iso += f"T{hour}:{minute}:{second or '00'}{offset}"
    return read_date(iso, origin=Origin.PDF, kind=kind, zone=zone)


def _checked(text: str, pages: int) -> str:
    letters = sum(map(str.isalpha, text))
    if letters < _LEAST_LETTERS:
        raise ExtractionError(
            f"the PDF holds no text ({pages} pages, perhaps scanned: it needs OCR)", step="pdf"
        )
    unknown = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for c in text)
    if unknown > letters / 3:
        raise ExtractionError("the letters of the PDF's fonts cannot be read", step="pdf")
    return text


def read_pdf(page: Page, source: Source) -> RawReport:
    """What a PDF says. Raises ExtractionError (step pdf) for a locked, damaged or scanned one.

    At most 500 pages and 2,000,000 characters are read. The title is the listing's, since the
    properties often name the template; without one of three words or more, that of the
    properties unless it is a file name; else the largest line of the first page.
    """
    with _open(page.body) as document:
        properties: dict[str, str] = document.get_metadata_dict(skip_empty=True)
        lines = _page_lines(document)
        listed = clean_title(page.listed.title)
        title = listed if len(listed.split()) > 2 else _property_title(properties)
        title = title or _largest_line(document) or listed
    plain = [line for kept in without_margins(lines) for line in kept]
    text = _checked(tidy(paragraphs(plain)), len(lines))
    zone = zone_of(source.timezone)
    stamps = (("CreationDate", DateKind.PUBLISHED), ("ModDate", DateKind.MODIFIED))
    claims = [_property_date(properties.get(name, ""), kind, zone) for name, kind in stamps]
    dates = (*page.listed.dates, *(claim for claim in (*claims, date_in_url(page.url)) if claim))
    return RawReport(
        source_id=page.source_id,
        source_country=source.country,
        url_requested=page.url_requested,
        url=page.url,
        title=title or text.split("\n", 1)[0][:200],
        text=text,
        fetched_at=page.fetched_at,
        digest=page.digest,
        authors=clean_authors([tidy(properties.get("Author", ""))]) or page.listed.authors,
        dates=dates,
        language_hint=page.listed.language or next(iter(source.languages), None),
        content_type="application/pdf",
        document_type=source.document_type,
        guid=page.listed.guid,
    )
