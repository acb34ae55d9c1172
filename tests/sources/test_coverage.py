"""The coverage page says what the source files say."""

from pathlib import Path

import pytest

from core.errors import SourceFileError
from sources.catalogue import load_catalogue
from sources.coverage import coverage_page, load_gaps

ROOT = Path(__file__).resolve().parents[2]
SOURCES = load_catalogue().sources


def test_the_coverage_page_is_up_to_date() -> None:
    """A page that lags behind the files tells people that nobody watches what is watched."""
    page = (ROOT / "docs" / "reference" / "coverage.md").read_text(encoding="utf-8")
    fresh = coverage_page(SOURCES.values(), load_gaps())
    assert page == fresh, "stale: run `amparo sources coverage > docs/reference/coverage.md`"


def test_every_packaged_source_stands_on_the_page_once() -> None:
    """A source in a new folder must not fall off the page."""
    page = coverage_page(SOURCES.values(), ())
    rows = [line for line in page.splitlines() if line.startswith("| ") and line.count("|") == 7]
    for source_id in SOURCES:
        assert sum(f"`{source_id}` |" in row for row in rows) == 1, source_id


def test_nobody_is_both_watched_and_missing() -> None:
    """A gap that was filled must leave the list."""
    names = {source.name for source in SOURCES.values()}
    assert [gap.name for gap in load_gaps() if gap.name in names] == []


def test_a_gap_without_a_reason_is_refused(tmp_path: Path) -> None:
    """Missing and why belong together."""
    path = tmp_path / "missing.yaml"
    path.write_text("- {name: Nadie, country: SV, why: lazy, note: No.}\n", encoding="utf-8")
    with pytest.raises(SourceFileError, match="Nadie: why: expected one of terms"):
        load_gaps(path)
    path.write_text("- {name: Nadie}\n", encoding="utf-8")
    with pytest.raises(SourceFileError, match="Nadie"):
        load_gaps(path)


def test_the_catalogue_is_broad_and_honest() -> None:
    """At least 130 sources of every kind of publisher; what nobody saw is off."""
    assert len(SOURCES) >= 130
    assert {source.publisher_type for source in SOURCES.values()} >= {
        "ngo",
        "academic",
        "government",
        "court",
    }
    assert sum("es" in source.languages for source in SOURCES.values()) >= 60
    assert [
        source.id for source in SOURCES.values() if source.status == "unverified" and source.enabled
    ] == []


@pytest.mark.parametrize("source_id", SOURCES)
def test_a_packaged_source_says_its_manners_and_terms(source_id: str) -> None:
    """Whoever turns a hundred sources on in an hour does not read a hundred terms of use."""
    source = SOURCES[source_id]
    assert source.licence
    assert source.timezone != "UTC" or source.country == "INT"
    least = 10 if ".gob.sv" in source.params.urls[0] else 2
    assert source.politeness.delay_seconds >= least
