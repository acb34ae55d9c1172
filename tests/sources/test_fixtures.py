"""Every packaged source is read from a response of its own form, and what comes out is written beside it.

A fixture is a folder of `fixtures/`: `index.*` is the first answer, `index-2.*` one that it leads
to, `page.html` the page of the first item, `expected.yaml` what must come out. A source has a
folder of its own name, or `families.yaml` names the family whose folder it shares. In a fixture
`https://site.example` stands for the site of the source, and `{path}` for the path that
`families.yaml` gives. A source without a fixture gets its expectation written at the first run.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from core.dates import DateClaim
from core.report import Listed, Page, Report
from core.source import ListingParams, Source
from pipeline.process import load_rules, read_page
from sources.catalogue import load_catalogue
from spiders.bodies import document_of_index_text
from spiders.discovery.index import Index, IndexRequest
from spiders.kinds import first_requests_of, spider_of

FIXTURES = Path(__file__).parent / "fixtures"
FAMILIES: Mapping[str, Any] = yaml.safe_load((FIXTURES / "families.yaml").read_text(encoding="utf-8"))
SOURCES = load_catalogue().sources
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SITE = "https://site.example"


def family_of(source_id: str) -> tuple[str, str]:
    """The folder of a source's fixture and the path that stands for `{path}` in it."""
    for family, members in FAMILIES.items():
        if source_id in members:
            return family, members[source_id] if isinstance(members, dict) else ""
    return source_id, ""


class Fixture:
    """The answers stored for one source, with its own site and path filled in."""

    def __init__(self, source: Source) -> None:
        name, self.path = family_of(source.id)
        self.source = source
        self.folder = FIXTURES / name
        parts = urlsplit(source.params.urls[0])
        self.site = f"{parts.scheme}://{parts.netloc}"

    def filled(self, body: bytes) -> bytes:
        """The bytes as the site of this source would send them."""
        body = body.replace(SITE.encode(), self.site.encode())
        return body.replace(b"{path}", self.path.encode())

    def generic(self, value: Any) -> Any:
        """What came out, with the site and path of this source taken out again."""
        if isinstance(value, dict):
            return {key: self.generic(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.generic(inner) for inner in value]
        if not isinstance(value, str):
            return value
        value = value.replace(self.site, SITE)
        return value.replace(self.path, "{path}") if self.path else value

    def answer(self, name: str) -> bytes | None:
        """The stored answer of that name, whatever its suffix."""
        for file in sorted(self.folder.glob(f"{name}.*")):
            return file.read_bytes() if file.suffix == ".xlsx" else self.filled(file.read_bytes())
        return None


def outcome_of(fixture: Fixture) -> dict[str, Any]:
    """All that the source makes of its answers, in plain values."""
    source = fixture.source
    request = first_requests_of(source, now=NOW)[0]
    index = read(fixture, request, "index")
    told = as_plain(index)
    listed = index.listed
    if index.follow:
        told["leads to"] = [further.url for further in index.follow]
        if fixture.answer("index-2") is not None:
            second = read(fixture, index.follow[0], "index-2")
            told["then"] = as_plain(second)
            listed = (*listed, *second.listed)
    report = report_of(fixture, listed[0]) if listed else None
    if report is not None:
        told["report"] = as_plain_report(report)
    plain: dict[str, Any] = fixture.generic(told)
    return plain


def read(fixture: Fixture, request: IndexRequest, name: str) -> Index:
    """One stored index read as the spider would read it."""
    body = fixture.answer(name)
    assert body is not None, f"{fixture.folder} holds no {name}.*"
    index = spider_of(fixture.source).read_index(body, request, fixture.source, now=NOW, base=request.url)
    assert isinstance(index, Index)
    return index


def report_of(fixture: Fixture, listed: Listed) -> Report | None:
    """The report of the first item: of its stored page, or of what the index itself says."""
    params = fixture.source.params
    content = "page" if isinstance(params, ListingParams) else params.content
    body = fixture.answer("page") if content == "page" else document_of_index_text(listed)
    if body is None:
        return None
    page = Page(
        source_id=fixture.source.id,
        url_requested=listed.url,
        url=listed.url,
        listed=listed,
        fetched_at=NOW,
        status=200,
        content_type="text/html",
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        encoding="utf-8",
    )
    return read_page(page, fixture.source, load_rules())


def date_line(claim: DateClaim) -> str:
    """A date claim in one line: what happened, when, how precisely, where it was read."""
    return f"{claim.kind} {moment(claim.value)} {claim.precision} {claim.origin}"


def moment(value: datetime) -> str:
    """A time to the second, UTC."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_plain(index: Index) -> dict[str, Any]:
    """An index in plain values, without what is empty."""
    items = [
        {
            "url": one.url,
            "title": one.title,
            "summary": one.summary,
            "dates": [date_line(claim) for claim in one.dates],
            "authors": list(one.authors),
            "language": one.language,
            "id": one.guid,
        }
        for one in index.listed
    ]
    told: dict[str, Any] = {"listed": [{k: v for k, v in one.items() if v} for one in items]}
    if index.notes:
        told["notes"] = list(index.notes)
    return told


def as_plain_report(report: Report) -> dict[str, Any]:
    """A report in plain values: what a reader of it would see."""
    published = report.published
    return {
        "url": report.url,
        "title": report.title,
        "published": f"{moment(published.value)} {published.precision} {published.origin}"
        if published
        else None,
        "authors": list(report.authors),
        "language": report.language,
        "text": report.text,
    }


def written(outcome: Mapping[str, Any]) -> str:
    """An outcome as YAML that a person reviews."""
    return yaml.safe_dump(dict(outcome), allow_unicode=True, sort_keys=False, width=100)


@pytest.mark.parametrize("source_id", SOURCES)
def test_a_source_makes_of_its_fixture_what_a_person_reviewed(source_id: str) -> None:
    """A selector or path that no response was ever read with is a guess."""
    fixture = Fixture(SOURCES[source_id])
    outcome = outcome_of(fixture)
    expected = fixture.folder / "expected.yaml"
    if not expected.exists():
        expected.write_text(written(outcome), encoding="utf-8")
        pytest.fail(f"{expected} was written; review it, correct the source or the file, and run again")
    assert outcome == yaml.safe_load(expected.read_text(encoding="utf-8"))


def test_every_family_has_members_and_every_member_is_a_source() -> None:
    """A renamed source would otherwise leave its line behind."""
    members = [member for family in FAMILIES.values() for member in family]
    assert sorted(set(members) - set(SOURCES)) == []
    assert len(members) == len(set(members))
    assert all((FIXTURES / family).is_dir() and FAMILIES[family] for family in FAMILIES)


def folders() -> Iterator[Path]:
    """The folders of fixtures."""
    return (folder for folder in FIXTURES.iterdir() if folder.is_dir())


def test_every_fixture_belongs_to_a_source() -> None:
    """A fixture that no source uses proves nothing."""
    used = {family_of(source_id)[0] for source_id in SOURCES}
    assert sorted(folder.name for folder in folders() if folder.name not in used) == []
