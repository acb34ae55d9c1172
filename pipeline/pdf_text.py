"""Extraction from PDF: lines as they are printed become paragraphs as they are read."""

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

_PAGE_NUMBER = re.compile(
    r"[-–—\s]*(?:(?:p[aá]g(?:ina|\.)?|page|p\.)\s*)?\d{1,4}(?:\s*(?:/|de|of)\s*\d{1,4})?[-–—\s]*", re.I
)
_ENDS = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
_STARTS = re.compile(r"(?:[•▪◦●■–—*-]\s|\(?[0-9ivxlc]{1,5}[.)]\s|\(?[a-z]\)\s|[A-ZÁÉÍÓÚÑ0-9 .,:-]{12,}$)")
_SOFT_HYPHEN = re.compile("[\u00ad\ufffe\x02]$")
# A line shorter than this share of the usual line ends its paragraph.
_SHORT = 0.6
_MARGIN = 3


def _margin_form(line: str) -> str:
    """A running head or foot as it looks on every page: figures apart."""
    return re.sub(r"\d+", "#", " ".join(line.split())).lower()


def without_margins(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Pages without their numbers and without the heads and feet that most of them repeat."""
    counted: Counter[str] = Counter()
    for lines in pages:
        edges = [*lines[:_MARGIN], *lines[-_MARGIN:]]
        counted.update({_margin_form(line) for line in edges})
    often = max(3, len(pages) // 2 + 1)
    cleaned = []
    for lines in pages:
        kept = []
        for number, line in enumerate(lines):
            edge = number < _MARGIN or number >= len(lines) - _MARGIN
            if edge and (_PAGE_NUMBER.fullmatch(line) or counted[_margin_form(line)] >= often):
                continue
            kept.append(line)
        cleaned.append(kept)
    return cleaned


def _joined(before: str, line: str) -> str:
    if _SOFT_HYPHEN.search(before):
        return before[:-1] + line
    if before.endswith("-") and before[-2:-1].isalpha() and line[:1].islower():
        return before[:-1] + line
    return f"{before} {line}"


def paragraphs(lines: Sequence[str]) -> str:
    """Printed lines joined to paragraphs, words broken at a line's end made whole.

    A line ends its paragraph when it ends a sentence well before the margin, or when the next
    one begins a list item or a heading in capitals.
    """
    usual = median(sorted(map(len, lines))[len(lines) // 2 :]) if lines else 0
    out: list[str] = []
    last = ""
    for line in lines:
        broken = not out or _STARTS.match(line) or _finished(last, line, usual)
        if broken:
            out.append(line)
        else:
            out[-1] = _joined(out[-1], line)
        last = line
    return "\n".join(out)


def _finished(last: str, line: str, usual: float) -> bool:
    if _SOFT_HYPHEN.search(last) or line[:1].islower():
        return False
    if _ENDS.search(last):
        return len(last) < 0.9 * usual
    return len(last) < _SHORT * usual
