"""`amparo similar`: duplicates and reports of one event among texts, JSON Lines in and out."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, TYPE_CHECKING, Any

import click

from cli.context import interactive
from cli.jsonl import decode_line, end_with, open_input, read_object, tell_line, wording

if TYPE_CHECKING:
    from pipeline.similar import Document, Pair


@dataclass(kw_only=True, slots=True)
class Problems:
    """What was wrong with the input, told at once and counted."""

    name: str
    bad_lines: int = 0
    ids: set[str] = field(default_factory=set)

    def bad_line(self, number: int, what: object) -> None:
        self.bad_lines += 1
        self.note(number, what)

    def note(self, number: int, what: object) -> None:
        tell_line(self.name, number, what)


def parse_published(value: object) -> datetime | None:
    """A date as ISO 8601 or as in mail headers, aware UTC; none for null. Raises ValueError."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f'"published" is not a date: {value!r}')
    written = value.strip()
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        try:
            when = parsedate_to_datetime(written)
        except (ValueError, TypeError, IndexError, OverflowError):
            raise ValueError(f'"published" is not a date: {value!r}') from None
    try:
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except OverflowError:
        return when.replace(tzinfo=UTC)


def _document(values: Mapping[str, Any], number: int, problems: Problems) -> "Document":
    from pipeline.similar import Document

    title, text = wording(values, "title"), wording(values, "text")
    published = None
    try:
        published = parse_published(values.get("published"))
    except ValueError as error:
        problems.note(number, f"{error}; compared as undated")
    name = values.get("id")
    if name is None:
        name = f"line {number}"
        problems.note(number, f'no "id"; shown as "{name}"')
    key = json.dumps(name, sort_keys=True)
    if key in problems.ids:
        problems.note(number, f"the id {key} stands twice")
    problems.ids.add(key)
    return Document(id=name, title=title, text=text, published=published)


def read_documents(stream: IO[bytes], problems: Problems) -> Iterator["Document"]:
    """The documents of a JSON Lines stream; lines that hold none are told and left out."""
    for number, line in enumerate(stream, 1):
        if not line.strip(b"\xef\xbb\xbf \t\r\n"):
            continue
        try:
            values = read_object(decode_line(line, number), like='{"id": …, "text": …}')
            yield _document(values, number, problems)
        except ValueError as error:
            problems.bad_line(number, error)


def to_json(pair: "Pair") -> dict[str, Any]:
    """The output object, in the order of the documented contract."""
    return {
        "a": pair.a,
        "b": pair.b,
        "score": round(pair.verdict.score, 3),
        "verdict": pair.verdict.verdict,
        "reasons": list(pair.verdict.reasons),
    }


@click.command()
@click.argument("file", default="-", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Accepted for symmetry: JSON Lines is the only form.")
def command(file: str, as_json: bool) -> None:  # noqa: ARG001 - there is no other form
    """Find duplicates and reports of one event.

    FILE (or - for standard input) is JSON Lines {"id", "text", "title"?, "lang"?, "published"?}.
    One line out for each pair that is not simply different: {"a", "b", "score", "verdict",
    "reasons"}, verdict "duplicate" or "same-event". A line that cannot be read is reported and
    skipped; the exit status is then 2.
    """
    name, stream = open_input(file)
    problems = Problems(name=name)
    with stream:
        _run(stream, problems)
    end_with(name, problems.bad_lines)


def _run(stream: IO[bytes], problems: Problems) -> None:
    from pipeline.similar import find_pairs

    documents = read_documents(stream, problems)
    if interactive():
        with click.progressbar(length=1, label="comparing", file=sys.stderr) as bar:
            pairs = list(find_pairs(documents, progress=lambda done, total: _advance(bar, done, total)))
    else:
        pairs = list(find_pairs(documents))
    for pair in pairs:
        line = json.dumps(to_json(pair), ensure_ascii=False)
        # Half a character (a lone surrogate) came in escaped and can only go out escaped.
        click.echo(line.encode("utf-8", "backslashreplace") + b"\n", nl=False)
    sys.stdout.flush()


def _advance(bar: Any, done: int, total: int) -> None:
    bar.length = total
    bar.update(done - bar.pos)
