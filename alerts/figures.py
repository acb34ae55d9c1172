"""Sentences that claim a figure, quoted as they stand. Pure.

A quote, not a reading: who says it and as of when stays in the words of the report.
"""

import re

_NUMBER = r"(?:\d[\d.,]*\d|\d+|dozens|hundreds|thousands|decenas|cientos|miles)"
"""Figures as figures; small numbers in words are part of any story ("two lawyers", "dos hermanos")."""

_THING = (
    r"(?:detain|arrest|death|died|dead|deport|remov|expel|flight|prisoner|inmate|detention|detaine|disappear|"
    r"habeas|families|minors|children|deten|captur|arrest|muert|falleci|deportad|expuls|vuelo|reclus|"
    r"privad|desaparec|retornad|menores|niñ|víctima|victim|people|personas|migrant)"
)
_NEAR = r"[^.!?:;,]{0,40}?"
_CLAIM = re.compile(rf"\b{_NUMBER}\b{_NEAR}\b{_THING}|\b{_THING}\w*\b{_NEAR}\b{_NUMBER}\b", re.I)

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic)[a-z]*\.?"
_NO_CLAIM = re.compile(
    rf"\b{_MONTH}\s+\d{{1,2}}(?:,?\s+\d{{4}})?\b|\b\d{{1,2}}\s+(?:de\s+)?{_MONTH}(?:\s+(?:de\s+)?\d{{4}})?\b"
    r"|\b(?:19|20)\d\d\b|\b\d{1,3}[\s-]+(?:years?|años)\b|(?<=,)\s\d{1,3}(?=,\s)|\b\d{1,2}:\d\d\b",
    re.I,
)
"""Dates, years, ages and times: numbers that count nobody."""

_SENTENCE = re.compile(r"(?<=[.!?…])[\"»”)]*\s+(?=[\"«“¿¡(]*[A-ZÁÉÍÓÚÑ\d])|\n+")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Sr|Sra|Dr|Dra|Lic|Ing|No|Nos|Art|St|Mr|Mrs|Ms|Gen|Gov|Sen|Rep|EE|UU|U\.S|p|v|vs|etc)|\b[A-Z])\.$"
)

LONGEST_QUOTE = 280
"""Characters of a quoted sentence: two lines on a wide screen, five on a phone."""

READ = 20_000
"""Characters of a text that are read for figures; claims stand early in a report."""


def sentences(text: str) -> list[str]:
    """The sentences of a text, without splitting after a common abbreviation or an initial."""
    found: list[str] = []
    for piece in map(str.strip, _SENTENCE.split(text)):
        if not piece:
            continue
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return found


def figures(text: str, most: int = 2) -> tuple[str, ...]:
    """At most `most` sentences that give a number of people, deaths, flights and the like."""
    found: list[str] = []
    for sentence in sentences(text[:READ]):
        if len(sentence) >= 20 and _CLAIM.search(_NO_CLAIM.sub(" ", sentence)):
            quote = cut(sentence, LONGEST_QUOTE)
            if quote not in found:
                found.append(quote)
        if len(found) == most:
            break
    return tuple(found)


def cut(text: str, longest: int) -> str:
    """The beginning of a text on one line, ending at the end of a word, with … when it goes on."""
    flat = " ".join(text.split())
    if len(flat) <= longest:
        return flat
    head = flat[:longest]
    space = head.rfind(" ")
    return (head[:space] if space > longest // 2 else head).rstrip(" .,;:-–—") + "…"
