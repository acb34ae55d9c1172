"""JSON APIs: items, properties, paging, and answers that are none."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.dates import DateKind, Precision
from core.errors import DiscoveryError
from core.source import ApiParams, Kind, Paging, PublisherType, Source
from spiders.discovery import api
from spiders.discovery.index import Index, IndexRequest, fill_day
from spiders.discovery.paging import first_api_requests

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
URL = "https://vigia.example/v1/docs"
SOURCE = Source(
    id="vigia",
    name="Vigía",
    publisher_type=PublisherType.GOVERNMENT,
    country="US",
    languages=("en",),
    kind=Kind.API,
    params=ApiParams(urls=(URL,), items="results", fields={"url": "url"}),
    timezone="America/New_York",
)


def configured(**params: Any) -> Source:
    """The source with these parameters of its API."""
    return replace(
        SOURCE, params=ApiParams(**{"urls": (URL,), "items": "results", "fields": {"url": "url"}, **params})
    )


def read(document: Any, request: IndexRequest | None = None, **params: Any) -> Index:
    """The index of an answer (bytes as they are, anything else as JSON)."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return api.read(body, request or IndexRequest(url=URL), configured(**params), now=NOW)


def test_properties_are_found_at_dotted_paths() -> None:
    """No Python is needed for any of the shapes APIs have."""
    item = {
        "id": 7,
        "attributes": {"title": "Notice &quot;A&quot;", "when": "2026-05-18"},
        "links": [{"href": "/d/7"}],
        "agencies": [{"name": "One"}, {"raw_name": "x"}, {"name": "Two"}],
        "lang": "English",
        "text": "First\n\nSecond < third",
    }
    (found,) = read(
        {"data": {"docs": [item]}},
        items="data.docs",
        fields={
            "url": "links.0.href",
            "title": "attributes.title",
            "date": "attributes.when",
            "authors": "agencies.*.name",
            "language": "lang",
            "id": "id",
            "text": "text",
        },
    ).listed
    assert (found.url, found.title, found.guid) == ("https://vigia.example/d/7", 'Notice "A"', "7")
    assert (found.authors, found.language) == (("One", "Two"), "en")
    assert found.html == "<p>First</p><p>Second &lt; third</p>"
    assert found.dates[0].precision is Precision.DAY


def test_a_whole_answer_may_be_the_list() -> None:
    """WordPress answers with a bare list."""
    assert read([{"url": "https://a.example/1"}], items=".").listed[0].url == "https://a.example/1"


def test_address_is_made_from_a_template() -> None:
    """Some APIs give an id and leave the address to the reader."""
    index = read(
        {"results": [{"n": "A 7/é"}, {"n": None}]},
        fields={"id": "n"},
        url_template="https://a.example/doc/{id}",
    )
    assert [found.url for found in index.listed] == ["https://a.example/doc/A%207%2F%C3%A9"]
    assert index.notes == ("1 items without a usable address",)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (1779148800, datetime(2026, 5, 19, tzinfo=UTC)),
        ("1779163200", datetime(2026, 5, 19, 4, 0, tzinfo=UTC)),
        (1779163200000, datetime(2026, 5, 19, 4, 0, tzinfo=UTC)),
        ("20260518T031500Z", datetime(2026, 5, 18, 3, 15, tzinfo=UTC)),
        ("2026-05-18T10:00:00-0400", datetime(2026, 5, 18, 14, 0, tzinfo=UTC)),
    ],
)
def test_api_dates_come_as_seconds_milliseconds_and_text(written: Any, value: datetime) -> None:
    """Numbers come as strings and strings as numbers."""
    item = {"url": "https://a.example/1", "d": written, "m": "2026-05-20"}
    (found,) = read({"results": [item]}, fields={"url": "url", "date": "d", "modified": "m"}).listed
    assert found.dates[0].value == value
    assert found.dates[1].kind is DateKind.MODIFIED


def test_api_day_precision_keeps_the_day_of_the_office() -> None:
    """Midnight in Washington is four in the morning UTC; the day is the same, the time is none."""
    item = {"url": "https://a.example/1", "d": "1779163200"}
    (found,) = read({"results": [item]}, fields={"url": "url", "date": "d"}, date_precision="day").listed
    assert found.dates[0].value == datetime(2026, 5, 19, tzinfo=UTC)
    assert found.dates[0].precision is Precision.DAY


@pytest.mark.parametrize(
    "document", [{"results": []}, {"results": None}, {}, {"count": 0}, {"total": "0", "a": 1}]
)
def test_an_answer_without_items_is_an_answer(document: Any) -> None:
    """Some APIs leave the list out when it would be empty."""
    assert read(document).listed == ()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"Please limit requests to one every 5 seconds", "text that begins 'Please limit requests"),
        (b"", "an empty body"),
        (b"<html><title>Just a moment...</title></html>", "challenge page"),
        (b'{"cut": [1, 2', "JSON that begins"),
        (
            b'{"errors": {"q": "bad"}, "status": 400}',
            "there is no `results`; the keys there are: errors, status",
        ),
        (b'{"results": {"a": 1}}', "an object with the keys a"),
        (b'{"results": [{"link": "x", "id": 1}]}', "the keys of the first one are: link, id"),
        (b"[" * 200_000, "JSON that begins"),
    ],
)
def test_an_answer_of_another_form_is_named(body: bytes, said: str) -> None:
    """Errors come with status 200; the message must show what to change in the file."""
    with pytest.raises(DiscoveryError) as caught:
        read(body)
    assert said in str(caught.value)


def test_characters_that_no_database_takes_are_dropped() -> None:
    """JSON may escape half a character or a zero; neither may stop the storing of a report."""
    body = b'{"results": [{"url": "https://a.example/1", "t": "A\\u0000\\ud800o"}, {"url": "https://a.example/\\ud800"}]}'
    index = read(body, fields={"url": "url", "title": "t", "text": "t"})
    assert [(found.title, found.html) for found in index.listed] == [("Ao", "<p>Ao</p>")]


def test_control_characters_in_json_are_no_reason_to_give_up() -> None:
    """JSON made by hand holds raw line breaks; the addresses in it are as good as any."""
    body = b'{"results": [{"url": "/1", "title": "One\\ttwo\nthree\x00"}]}'
    (found,) = read(body, fields={"url": "url", "title": "title"}).listed
    assert found.title == "One two three"


def chain(paging: Paging, answers: list[Any], **params: Any) -> tuple[list[IndexRequest], list[Index]]:
    """Ask for page after page until paging ends or the answers do."""
    source = configured(paging=paging, **params)
    (request,) = first_api_requests(source, now=NOW)
    asked, got = [request], []
    for answer in answers:
        index = api.read(json.dumps(answer).encode(), asked[-1], source, now=NOW)
        got.append(index)
        if not index.follow:
            break
        asked.append(index.follow[0])
    return asked, got


def items(*numbers: int) -> list[dict[str, str]]:
    """Items with these numbers."""
    return [{"url": f"https://a.example/{number}"} for number in numbers]


def test_page_numbers_count_up_until_a_page_is_short() -> None:
    """A short page is the last; asking for one more is an error on some servers."""
    asked, _ = chain(
        Paging(rule="page", parameter="page"),
        [{"results": items(1, 2)}, {"results": items(3, 4)}, {"results": items(5)}],
        params={"f[]": ("a", "b")},
    )
    assert [request.url for request in asked] == [f"{URL}?f%5B%5D=a&f%5B%5D=b&page={n}" for n in (1, 2, 3)]
    assert [request.guessed for request in asked] == [False, True, True]


def test_offsets_grow_by_their_step() -> None:
    """An offset counts items, not pages."""
    paging = Paging(rule="offset", parameter="from", start=0, step=2)
    asked, _ = chain(paging, [{"results": items(1, 2)}, {"results": items(3, 4)}, {"results": []}])
    assert [request.url for request in asked] == [f"{URL}?from={n}" for n in (0, 2, 4)]


def test_cursor_is_carried_on_and_a_stuck_one_stops() -> None:
    """A server that gives the same cursor for ever must not hold the crawl."""
    paging = Paging(rule="cursor", parameter="after", path="meta.next")
    asked, got = chain(
        paging,
        [
            {"results": items(1), "meta": {"next": "k=="}},
            {"results": items(2), "meta": {"next": "k=="}},
        ],
    )
    assert [request.url for request in asked] == [URL, f"{URL}?after=k%3D%3D"]
    assert got[-1].partial
    assert "cursor did not change" in got[-1].notes[0]


def test_next_address_is_followed_as_it_is_and_never_twice() -> None:
    """Two pages that name each other as the next end the chain."""
    paging = Paging(rule="next", path="next")
    asked, got = chain(
        paging,
        [
            {"results": items(1), "next": "/v1/docs?c=2"},
            {"results": items(2), "next": URL},
        ],
    )
    assert [request.url for request in asked] == [URL, f"{URL}?c=2"]
    assert "leads back" in got[-1].notes[0]
    _, got = chain(paging, [{"results": items(1), "next": None}])
    assert (got[0].follow, got[0].partial) == ((), False)


def test_a_server_that_ignores_the_page_number_is_noticed() -> None:
    """The same first page again and again is not more news."""
    answers = [{"results": items(1, 2)}] * 5
    asked, got = chain(Paging(rule="page", parameter="page"), answers)
    assert len(asked) == 2
    assert got[-1].partial
    assert "repeats an earlier page" in got[-1].notes[0]


def test_max_pages_ends_a_chain() -> None:
    """An API with a million records is read from its new end only."""
    answers = [{"results": items(n)} for n in range(9)]
    asked, got = chain(Paging(rule="page", parameter="p", max_pages=3), answers)
    assert len(asked) == 3
    assert "stopped after 3 pages" in got[-1].notes[0]


def test_headers_of_the_file_stay_with_its_host() -> None:
    """A next address on another host must not be sent our token."""
    paging = Paging(rule="next", path="next")
    asked, _ = chain(
        paging,
        [{"results": items(1), "next": "https://other.example/2"}],
        headers={"Authorization": "Token t"},
    )
    assert asked[0].headers["Authorization"] == "Token t"
    assert "Authorization" not in asked[1].headers


def test_a_form_is_sent_as_a_form_with_the_present_day_filled_in() -> None:
    """The official gazette answers to a form, and only for the month that is named."""
    source = configured(method="POST", form_body={"year": "{year}", "month": "{month}"})
    (request,) = first_api_requests(source, now=NOW)
    assert request.body == f"year={NOW:%Y}&month={NOW:%m}".encode()
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("day", "term"), [("2026-10-04", "25"), ("2026-10-05", "26"), ("2027-01-02", "26"), ("2028-10-02", "28")]
)
def test_the_term_of_the_court_begins_on_the_first_monday_of_october(day: str, term: str) -> None:
    """A day too early asks for a page that is not there."""
    now = datetime.fromisoformat(f"{day}T18:00:00+00:00")
    assert fill_day("https://a.example/{term}", configured(), now) == f"https://a.example/{term}"


def test_post_carries_its_page_in_the_body() -> None:
    """Search APIs take their query, and its page, as JSON."""
    asked, _ = chain(
        Paging(rule="offset", parameter="page.offset", start=0, step=1),
        [{"results": items(1)}, {"results": items(2)}, {"results": []}],
        method="POST",
        json_body={"query": "prison", "since": "{year}-01-01"},
    )
    assert [json.loads(request.body) for request in asked] == [
        {"query": "prison", "since": "2026-01-01", "page": {"offset": n}} for n in (0, 1, 2)
    ]
    assert {request.url for request in asked} == {URL}
    assert asked[0].headers["Content-Type"] == "application/json"


def test_the_zone_of_an_answer_may_differ_from_that_of_its_source() -> None:
    """WordPress writes date_gmt in UTC without saying so; six hours off is another day."""
    item = {"url": "/1", "d": "2026-05-19T03:40:00"}
    for zone, hour in ((None, 7), ("UTC", 3)):
        (listed,) = read({"results": [item]}, fields={"url": "url", "date": "d"}, tz=zone).listed
        assert listed.dates[0].value == datetime(2026, 5, 19, hour, 40, tzinfo=UTC)
