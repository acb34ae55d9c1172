"""The forms in which reports are exported, each written as the reports come."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from core.errors import AmparoError
from db.export import COLUMNS

Fields = Mapping[str, object]

PARQUET_ROWS = 500
"""Rows a Parquet row group, which is what is held in memory."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class ParquetMissing(AmparoError):
    """Parquet needs pyarrow: install Amparo with its `parquet` extra."""

    exit_code = 2


def write_jsonl(reports: Iterable[Fields], stream: TextIO) -> None:
    """One JSON object a line."""
    for fields in reports:
        stream.write(json.dumps(fields, ensure_ascii=False) + "\n")


def write_csv(reports: Iterable[Fields], stream: TextIO) -> None:
    """One header line, one record a report; lists as JSON, nothing for what is not known."""
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(fields[name]) for name in COLUMNS] for fields in reports)


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula: one that could be begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "'" + text if text.startswith(_FORMULA) else text


def write_parquet(reports: Iterable[Fields], path: Path) -> None:
    """A Parquet file; lists of words are lists, dates and tag spans JSON text. Needs pyarrow."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ParquetMissing from None
    schema = pa.schema([(name, _TYPES.get(name, pa.string)()) for name in COLUMNS])
    with pq.ParquetWriter(path, schema) as writer:
        for rows in _groups(reports):
            columns = {name: [_value(name, row[name]) for row in rows] for name in COLUMNS}
            writer.write_table(pa.table(columns, schema=schema))


def _value(name: str, value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if name in ("dates", "tag_spans") else value


def _groups(reports: Iterable[Fields]) -> Iterator[list[Fields]]:
    group: list[Fields] = []
    for fields in reports:
        group.append(fields)
        if len(group) == PARQUET_ROWS:
            yield group
            group = []
    if group:
        yield group


def _type(name: str) -> Callable[[], Any]:
    def build() -> Any:
        import pyarrow as pa

        return pa.list_(pa.string()) if name == "strings" else getattr(pa, name)()

    return build


_TYPES = (
    dict.fromkeys(("id", "duplicate_of"), _type("int64"))
    | dict.fromkeys(("text_length", "version", "fingerprint_version"), _type("int32"))
    | dict.fromkeys(("authors", "sides", "reasons", "tags"), _type("strings"))
    | {"relevant": _type("bool_"), "duplicate_score": _type("float64")}
)
