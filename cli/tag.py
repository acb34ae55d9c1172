"""`amparo tag`: judges and tags texts, JSON Lines in, JSON Lines out."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from cli.jsonl import decode_line, end_with, open_input, read_object, tell_line, wording

if TYPE_CHECKING:
    from pipeline.classify import Classification
    from taxonomy.matcher import Matcher

LONGEST_TITLE = 200
PLAIN_SUFFIXES = (".txt", ".text", ".md")
JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
_ARRAY = re.compile(r"\[\s*[{\]]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One text to judge. `id` is given back as it came."""

    id: Any
    title: str
    text: str
    language: str | None = None
    url: str | None = None
    source_country: str | None = None


def _optional(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def parse_line(line: str) -> Document:
    """The document on one line. Raises ValueError saying what is wrong with it."""
    values = read_object(line, like='{"id": …, "title": …, "text": …}')
    title, text = wording(values, "title"), wording(values, "text")
    if "title" not in values and "text" not in values:
        raise ValueError('neither "title" nor "text"')
    return Document(
        id=values.get("id"),
        title=title,
        text=text,
        language=_optional(values.get("lang")),
        url=_optional(values.get("url")),
        source_country=_optional(values.get("source_country")),
    )


def plain_document(name: str, text: str) -> Document:
    """A plain text as one document: a short first line that ends no sentence is its title."""
    first, newline, rest = text.strip("\ufeff\r\n").partition("\n")
    if newline and rest.strip() and len(first.strip()) <= LONGEST_TITLE and first.strip()[-1:] not in ".!;,:":
        return Document(id=name, title=first.strip(), text=rest.strip("\r\n"))
    return Document(id=name, title="", text=text)


def to_json(document: Document, result: "Classification", version: str) -> dict[str, Any]:
    """The output object, in the order of the documented contract."""
    return {
        "id": document.id,
        "relevant": result.relevance.relevant,
        "tier": result.relevance.tier,
        "sides": list(result.relevance.sides),
        "reasons": list(result.relevance.reasons),
        "lang": result.language,
        "tags": [
            {
                "id": tag.id,
                "facet": tag.facet,
                "spans": [[span.start, span.end, span.where] for span in tag.spans],
                "score": tag.score,
                "confidence": tag.confidence,
                "rule": tag.rule,
            }
            for tag in result.tags
        ],
        "claims": [],
        "priority": result.relevance.priority,
        "taxonomy_version": version,
    }


def judge_document(document: Document, matcher: "Matcher") -> "Classification":
    """Tier and tags of one document."""
    from pipeline.classify import classify
    from pipeline.language import normal_code

    return classify(
        document.title,
        document.text,
        matcher=matcher,
        language=normal_code(document.language),
        url=document.url,
        source_country=document.source_country,
    )


def load_matcher() -> "Matcher":
    """The packaged taxonomy, compiled."""
    from taxonomy.loader import load_taxonomy
    from taxonomy.matcher import Matcher

    return Matcher(load_taxonomy())


def _is_plain(name: str, start: str) -> bool:
    """Whether the input is one plain text: by its suffix, else by how it begins."""
    suffix = Path(name).suffix.lower()
    if suffix in PLAIN_SUFFIXES or suffix in JSON_SUFFIXES:
        return suffix in PLAIN_SUFFIXES
    start = start.lstrip("\ufeff \t\r\n")
    # An array of objects is a mistaken JSON Lines file, and is told so.
    return not start.startswith("{") and not _ARRAY.match(start) and bool(start)


def _lines(stream: IO[bytes], first: bytes) -> Iterator[bytes]:
    yield first
    yield from stream


@click.command()
@click.argument("file", default="-", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Accepted for symmetry: JSON Lines is the default.")
@click.option("--explain", is_flag=True, help="A table for a person instead of JSON.")
def command(file: str, as_json: bool, explain: bool) -> None:  # noqa: ARG001 - the default anyway
    """Judge and tag texts.

    FILE (or - for standard input) is JSON Lines {"id", "title", "text", "lang"?, "url"?,
    "source_country"?}, or a plain text, which is one document. One line out for each document:
    relevant, tier, sides, reasons, lang, tags with spans, claims. A line that cannot be read is
    reported and skipped; the exit status is then 2.
    """
    name, stream = open_input(file)
    with stream:
        failed = _run(stream, name, explain)
    end_with(name, failed)


def _run(stream: IO[bytes], name: str, explain: bool) -> int:
    """Judge everything in the stream; how many lines were bad."""
    first = _first_line(stream)
    matcher = load_matcher()
    if _is_plain(name, first.decode("utf-8", "replace")):
        text = (first + stream.read()).decode("utf-8", "replace")
        _show(plain_document(Path(name).name, text.replace("\r\n", "\n")), matcher, explain)
        return 0
    failed = 0
    for number, line in enumerate(_lines(stream, first), 1):
        if not line.strip():
            continue
        try:
            document = parse_line(decode_line(line, number))
        except ValueError as error:
            failed += 1
            tell_line(name, number, error)
            continue
        _show(document, matcher, explain)
    return failed


def _first_line(stream: IO[bytes]) -> bytes:
    """Everything up to and with the first line that is not blank."""
    first = b""
    while not first.strip(b"\xef\xbb\xbf \t\r\n"):
        line = stream.readline()
        if not line:
            break
        first += line
    return first


def _show(document: Document, matcher: "Matcher", explain: bool) -> None:
    result = judge_document(document, matcher)
    if explain:
        from cli.tag_table import print_table

        print_table(document.title, document.text, result)
        return
    line = json.dumps(to_json(document, result, matcher.version), ensure_ascii=False)
    # Half a character (a lone surrogate) came in escaped and can only go out escaped.
    click.echo(line.encode("utf-8", "backslashreplace") + b"\n", nl=False)
    sys.stdout.flush()
