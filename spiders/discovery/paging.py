"""How an API goes on: the first requests of a chain, and the next one after an answer."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from core.source import ApiParams, Source
from spiders.discovery.index import IndexRequest, fill_day, web_address
from spiders.discovery.paths import find

JSON, FORM = "application/json", "application/x-www-form-urlencoded"

Next = tuple[tuple[IndexRequest, ...], list[str], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """What paging needs of an answer: its JSON, its number of items, a digest of what they are."""

    document: Any
    items: int
    content: str
    address: str


def first_api_requests(source: Source, *, now: datetime) -> tuple[IndexRequest, ...]:
    """One request an address, with the parameters of the source file and the first page number."""
    params = source.params
    assert isinstance(params, ApiParams)
    given = {name: _filled(value, source, now) for name, value in params.params.items()}
    if params.paging.rule in ("page", "offset") and params.method == "GET":
        given[params.paging.parameter or ""] = str(params.paging.start)
    body = _filled_body(params.json_body, source, now) if params.method == "POST" else None
    form = urlencode({name: fill_day(value, source, now) for name, value in (params.form_body or {}).items()})
    if body is not None and params.paging.rule in ("page", "offset"):
        body = _with_member(body, params.paging.parameter or "", params.paging.start)
    return tuple(
        IndexRequest(
            url=with_parameters(fill_day(url, source, now), given),
            method=params.method,
            headers=_headers(params),
            body=form.encode() or _encoded(body),
        )
        for url in params.urls
    )


def next_requests(read: Read, request: IndexRequest, params: ApiParams) -> Next:
    """The request that follows an answer, notes, and whether paging had to stop before its end."""
    rule = params.paging.rule
    if rule == "none" or (rule in ("page", "offset") and not read.items):
        return (), [], False
    mark = f"content {read.content}"
    if read.items and mark in request.chain:
        return (), [f"page {request.page} repeats an earlier page; paging stopped there"], True
    chain = request.chain | {mark, request.url}
    if rule in ("page", "offset"):
        return _by_number(read, request, params, chain)
    value = find(read.document, params.paging.path)
    if value is None or value is False or value == "":
        return (), [], False
    return _by_value(value, read, request, params, chain)


def _by_number(read: Read, request: IndexRequest, params: ApiParams, chain: frozenset[str]) -> Next:
    full = request.full or read.items
    if read.items < full:
        return (), [], False
    number = params.paging.start + request.page * params.paging.step
    return _onward(request, params, chain, value=number, full=full, guessed=True)


def _by_value(
    value: Any, read: Read, request: IndexRequest, params: ApiParams, chain: frozenset[str]
) -> Next:
    if not isinstance(value, str | int):
        return (), [f"`paging.path: {params.paging.path}` holds no address or cursor; paging stopped"], True
    if params.paging.rule == "cursor":
        mark = f"cursor {value}"
        if mark in chain:
            return (), ["the cursor did not change; paging stopped"], True
        return _onward(request, params, chain | {mark}, value=value)
    url = web_address(read.address, str(value))
    if url is None:
        return (), [f"the next address {str(value)[:80]!r} is not usable; paging stopped"], True
    if url in chain:
        return (), ["the next address leads back to a page already read; paging stopped"], True
    return _onward(request, params, chain, url=url)


def _onward(
    request: IndexRequest,
    params: ApiParams,
    chain: frozenset[str],
    *,
    value: str | int | None = None,
    url: str | None = None,
    full: int = 0,
    guessed: bool = False,
) -> Next:
    if request.page >= params.paging.max_pages:
        return (), [f"stopped after {request.page} pages (max_pages)"], False
    body = request.body
    name = params.paging.parameter or ""
    if url is None and request.method == "POST":
        url, body = request.url, _encoded(_with_member(json.loads(request.body or b"{}"), name, value))
    elif url is None:
        url = with_parameters(request.url, {name: str(value)})
    same_host = urlsplit(url).netloc == urlsplit(request.url).netloc
    further = IndexRequest(
        url=url,
        method=request.method,
        # The headers of a source file are meant for its host, whatever an answer says.
        headers=request.headers if same_host else {},
        body=body,
        page=request.page + 1,
        chain=chain,
        full=full,
        guessed=guessed,
    )
    return (further,), [], False


def with_parameters(url: str, given: Mapping[str, str | tuple[str, ...]]) -> str:
    """The address with query parameters set; those of the same name are replaced, others kept in place."""
    if not given:
        return url
    parts = urlsplit(url)
    kept = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in given
    ]
    for name, value in given.items():
        kept += [(name, one) for one in ([value] if isinstance(value, str) else value)]
    return urlunsplit(parts._replace(query=urlencode(kept)))


def _headers(params: ApiParams) -> dict[str, str]:
    headers = {"Accept": "application/json", **params.headers}
    if params.method == "POST":
        headers.setdefault("Content-Type", JSON if params.form_body is None else FORM)
    return headers


def _filled(value: str | tuple[str, ...], source: Source, now: datetime) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return fill_day(value, source, now)
    return tuple(fill_day(one, source, now) for one in value)


def _filled_body(value: Any, source: Source, now: datetime) -> Any:
    if isinstance(value, str):
        return fill_day(value, source, now)
    if isinstance(value, Mapping):
        return {str(key): _filled_body(inner, source, now) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled_body(inner, source, now) for inner in value]
    return value


def _encoded(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body, ensure_ascii=False, default=str).encode()


def _with_member(body: Any, path: str, value: Any) -> Any:
    """A copy of a JSON object with the value at a dotted path set."""
    copied = copy.deepcopy(body) if isinstance(body, dict) else {}
    place = copied
    *way, last = path.split(".")
    for step in way:
        inner = place.get(step)
        place[step] = inner if isinstance(inner, dict) else {}
        place = place[step]
    place[last] = value
    return copied
