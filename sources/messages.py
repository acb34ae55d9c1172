"""What pydantic found wrong, said as a person would: what was expected and what to write."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sources.document import Document, Path, Problem, dotted
from sources.schema import SourceFile
from sources.values import did_you_mean

RENAMED = {
    "publisher_type": "it is called `type`",
    "publisher": "it is called `type`",
    "language": "it is called `languages`",
    "lang": "it is called `languages`",
    "tz": "it is called `timezone`",
    "kind": "the block `feed:`, `sitemap:`, `listing:` or `api:` says the kind",
    "license": "it is called `licence`",
    "delay_seconds": "it stands under `politeness:`",
    "max_items": "it stands under `politeness:`",
    "every_minutes": "it stands under `schedule:`",
    "min_items": "it stands under `expectations:`",
    "quiet_days": "it stands under `expectations:`",
    "selector": "it is called `item`",
    "method_body": "it is called `json_body`",
}
"""Keys people write from habit or from other tools, and what they are here."""

NEEDED = {
    "name": "the name people know the source by",
    "type": "who speaks: ngo, academic, government, court, media, un, inter-american or aggregator",
    "country": "a country code like SV or US, or INT",
    "languages": "the languages it publishes in, like [es] or [es, en]",
    "item": "a CSS selector that matches each item of the listing",
    "items": 'the dotted path to the list of items, or "." when the whole answer is the list',
    "fields": "where the properties stand in an item, like {url: link, title: title}",
    "rule": "none, page, offset, cursor or next",
}

EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list like [one, two]",
    "dict_type": "a block of `key: value` lines",
    "model_type": "a block of `key: value` lines",
    "date_type": "a date like 2026-10-02",
}


def problems_of(error: ValidationError, document: Document, file: str) -> list[Problem]:
    """One problem for each thing pydantic found, in the order of the lines."""
    found = []
    for detail in error.errors(include_url=False):
        path: Path = tuple(detail["loc"])
        found.append(
            Problem(file=file, line=document.line(path), key=dotted(path), message=_sentence(detail, path))
        )
    return sorted(found, key=lambda problem: problem.line)


def _sentence(detail: ErrorDetails, path: Path) -> str:
    kind, given = detail["type"], detail["input"]
    name = str(path[-1]) if path else ""
    if kind == "missing":
        return f"is missing: {NEEDED[name]}" if name in NEEDED else "is missing"
    if kind == "extra_forbidden":
        return _unknown_key(name, path[:-1])
    if kind in EXPECTED:
        return f"expected {EXPECTED[kind]}, got {_shown(given)}{_quote_hint(kind, given)}"
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind == "too_short":
        return "expected at least one"
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}, got {_shown(given)}"


def _unknown_key(name: str, above: Path) -> str:
    if name in RENAMED:
        return f"is not a key here; {RENAMED[name]}"
    known = sorted(_keys_at(above))
    return f"is not a key here.{did_you_mean(name, known)} Known: {', '.join(known)}"


def _keys_at(path: Path) -> set[str]:
    model: type[BaseModel] = SourceFile
    for part in path:
        field = model.model_fields.get(str(part))
        inner = _model_in(field.annotation) if field else None
        if inner is None:
            return set()
        model = inner
    return set(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, Mapping):
        return "a block"
    if isinstance(value, list):
        return "a list"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _quote_hint(kind: str, given: object) -> str:
    if kind == "string_type" and given is not None and not isinstance(given, Mapping | list):
        return "; put it in quotes"
    return ""
