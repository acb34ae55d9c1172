"""The query language: words, "phrases", -word, and field:value. Pure; knows no engine.

Whatever a person types is a query. What cannot be meant as written is taken as words, with a
note that says so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from db.searchtext import index_text

FIELDS = ("tag", "source", "country", "lang", "type", "story", "tier", "after", "before")
LONGEST_QUERY = 2_000
LONGEST_WORD = 500
MOST_WORDS = 64

_TOKEN = re.compile(r'(?P<not>-)?(?:(?P<field>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))')
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_QUOTES = str.maketrans("“”„«»", '"""""')
_NOT_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """Words that stand next to each other. `words` are folded as PostgreSQL indexes them."""

    text: str
    words: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """field:value; `values` are alternatives (tag:a,b)."""

    field: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """What to look for. `after` is the first moment that counts, `before` the first that does not.

    `notes` tell what was not taken as it was written.
    """

    terms: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    notes: tuple[str, ...] = ()

    @property
    def ranked(self) -> bool:
        """Whether there are words by which hits can be ranked."""
        return any(not term.negated for term in self.terms)

    def values(self, field: str) -> tuple[Filter, ...]:
        """The filters of one field."""
        return tuple(one for one in self.filters if one.field == field)


class _Reading:
    """What has been understood so far."""

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self.filters: list[Filter] = []
        self.dates: dict[str, datetime] = {}
        self.notes: list[str] = []
        self.words = 0

    def term(self, text: str, *, negated: bool) -> None:
        words = tuple(word[:LONGEST_WORD] for word in index_text(text).split())
        room = MOST_WORDS - self.words
        if len(words) > room:
            note = f"only the first {MOST_WORDS} words are looked for"
            self.notes += [] if note in self.notes else [note]
            words, text = words[:room], " ".join(words[:room])
        if words:
            self.words += len(words)
            self.terms.append(Term(text=text, words=words, negated=negated))

    def filter(self, field: str, value: str, *, negated: bool) -> bool:
        """Take field:value; False when it cannot be meant so."""
        if field in ("after", "before"):
            return self._date(field, value, negated=negated)
        values = tuple(part.strip() for part in value.split(",") if part.strip())
        if values:
            self.filters.append(Filter(field=field, values=values, negated=negated))
        return bool(values)

    def _date(self, field: str, value: str, *, negated: bool) -> bool:
        day = parse_day(value)
        if day is None or negated:
            self.notes.append(f"{field}:{value} is no date (YYYY, YYYY-MM, YYYY-MM-DD): taken as words")
            return False
        known = self.dates.get(field)
        if known is not None:
            day = max(known, day) if field == "after" else min(known, day)
        self.dates[field] = day
        return True


def parse(query: str) -> Query:
    """Understand a query. Never fails."""
    reading = _Reading()
    if len(query) > LONGEST_QUERY:
        reading.notes.append(f"only the first {LONGEST_QUERY:,} characters are looked at")
    for negated, field, value, written in _tokens(query[:LONGEST_QUERY]):
        if field is None or not reading.filter(field, value, negated=negated):
            reading.term(value if field is None else written, negated=negated)
    return Query(
        terms=tuple(reading.terms),
        filters=tuple(reading.filters),
        after=reading.dates.get("after"),
        before=reading.dates.get("before"),
        notes=tuple(reading.notes),
    )


def _tokens(query: str) -> Iterator[tuple[bool, str | None, str, str]]:
    """(negated, known field or None, value, the whole as written without its minus)."""
    for found in _TOKEN.finditer(_NOT_TEXT.sub(" ", query).translate(_QUOTES)):
        value = found["quoted"] if found["quoted"] is not None else found["bare"]
        written = found[0].removeprefix("-") if found["not"] else found[0]
        field = found["field"].lower() if found["field"] else None
        if field not in FIELDS:
            yield bool(found["not"]), None, written if found["field"] else value, written
        else:
            yield bool(found["not"]), field, value, written


def parse_day(written: str) -> datetime | None:
    """The first moment, in UTC, of a year, month or day written YYYY[-MM[-DD]]."""
    found = _DATE.fullmatch(written.strip())
    if found is None:
        return None
    try:
        return datetime(int(found[1]), int(found[2] or 1), int(found[3] or 1), tzinfo=UTC)
    except ValueError:
        return None
