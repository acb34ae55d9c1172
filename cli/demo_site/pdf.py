"""A PDF file from paragraphs, written by hand: text only, one standard font, as many pages as needed."""

import textwrap
from collections.abc import Sequence
from datetime import datetime

_LINE_CHARACTERS = 88
_LINES_A_PAGE = 46


def write_pdf(title: str, paragraphs: Sequence[str], created: datetime) -> bytes:
    """The bytes of a PDF 1.4 file whose text is `title` and `paragraphs` (Latin-1 letters only)."""
    lines = [*textwrap.wrap(title, _LINE_CHARACTERS), ""]
    for paragraph in paragraphs:
        lines += [*textwrap.wrap(paragraph, _LINE_CHARACTERS), ""]
    pages = [lines[at : at + _LINES_A_PAGE] for at in range(0, len(lines), _LINES_A_PAGE)]
    page_ids = [5 + 2 * number for number in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in page_ids)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Title " + _string(title) + f" /CreationDate (D:{created:%Y%m%d%H%M%S}Z) >>".encode(),
    ]
    for number, page in zip(page_ids, pages, strict=True):
        content = _content(page)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            b"/Resources << /Font << /F1 3 0 R >> >> " + f"/Contents {number + 1} 0 R >>".encode()
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream")
    return _assemble(objects)


def _string(text: str) -> bytes:
    plain = text.translate({0x2014: "-", 0x2019: "'", 0x201C: '"', 0x201D: '"'})
    escaped = plain.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return b"(" + escaped.encode("cp1252", "replace") + b")"


def _content(lines: Sequence[str]) -> bytes:
    shown = b"\n".join(_string(line) + b" Tj T*" for line in lines)
    return b"BT /F1 11 Tf 15 TL 56 736 Td\n" + shown + b"\nET"


def _assemble(objects: Sequence[bytes]) -> bytes:
    """The objects with the table of their offsets that a reader starts from."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R >>\n".encode()
    out += f"startxref\n{start}\n%%EOF\n".encode()
    return bytes(out)
