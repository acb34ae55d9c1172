"""Keys and names that only the operator has: where they go in a source, and what happens without them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from core.source import ApiParams, Source
from sources.schema import SourceFile

PLACE = "{setting}"

Value = str | tuple[str, ...]


def supply(source: Source, given: Mapping[str, str]) -> Source:
    """The source with its setting filled in; without it, the source is off and keeps the placeholder."""
    if source.needs is None:
        return source
    value = given.get(source.needs, "")
    if not value:
        return replace(source, enabled=False)
    params = source.params
    assert isinstance(params, ApiParams), "placeholder_doubts allows needs only for an API"
    filled = replace(params, params=_filled(params.params, value), headers=_headers(params.headers, value))
    return replace(source, params=filled)


def is_missing(source: Source, given: Mapping[str, str]) -> bool:
    """Whether the source needs a setting that is not there."""
    return source.needs is not None and not given.get(source.needs)


def _filled(params: Mapping[str, Value], value: str) -> dict[str, Value]:
    return {
        name: one.replace(PLACE, value)
        if isinstance(one, str)
        else tuple(each.replace(PLACE, value) for each in one)
        for name, one in params.items()
    }


def _headers(headers: Mapping[str, str], value: str) -> dict[str, str]:
    return {name: one.replace(PLACE, value) for name, one in headers.items()}


def placeholder_doubts(written: SourceFile) -> Iterator[str]:
    """What is wrong between `needs` and its placeholder: each without the other, or on another kind."""
    api = written.api
    said = [*api.params.values(), *api.headers.values()] if api else []
    used = any(PLACE in one for value in said for one in ([value] if isinstance(value, str) else value))
    if written.needs and not api:
        yield "only an `api:` has a place for it"
    elif written.needs and not used:
        yield f"write {PLACE} where its value goes, in `params` or `headers` of the api"
    elif used and not written.needs:
        yield f"{PLACE} stands in the api; say `needs: {{setting: AMPARO_…}}`, the variable that holds it"
