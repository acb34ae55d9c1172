"""First step: title and text in the one plain form that every later step and every span relies on."""

import re
import unicodedata
from dataclasses import replace

from core.report import Report
from pipeline.charset import repair, tidy

# Longer texts (a law, a court record) are kept to here; about 500 printed pages.
LONGEST_TEXT = 2_000_000
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]")


def _line(text: str) -> str:
    return " ".join(text.split())


def clean_text(text: str) -> str:
    """Paragraphs parted by one newline: composed characters, single spaces, nothing invisible."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFC", repair(tidy(text))))[:LONGEST_TEXT]
    lines: list[str] = []
    for part in plain.splitlines():
        line = _line(part)
        if line and (not lines or line != lines[-1]):
            lines.append(line)
    return "\n".join(lines)


def clean(report: Report) -> Report:
    """The step: title on one line, text in paragraphs, authors without doubled spaces."""
    return replace(
        report,
        title=_line(clean_text(report.title).replace("\n", " ")),
        text=clean_text(report.text),
        authors=tuple(name for author in report.authors if (name := _line(clean_text(author)))),
    )
