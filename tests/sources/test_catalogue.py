"""The catalogue: packaged sources, the operator's own, and what happens between them."""

from pathlib import Path

import pytest

from core.source import Kind, PublisherType, Status
from sources.catalogue import SourceFilesError, check_catalogue, load_catalogue

FILE = "name: Vigía\ntype: media\ncountry: SV\nlanguages: [es]\nfeed: {url: https://vigia.example/feed}\n"


def write(folder: Path, name: str, text: str = FILE) -> Path:
    """A source file in a folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_packaged_sources_cover_every_kind_publisher_and_both_languages() -> None:
    """The first run on a fresh machine shows what the program is for."""
    sources = load_catalogue().sources.values()
    assert {source.kind for source in sources} == set(Kind)
    assert {source.publisher_type for source in sources} == set(PublisherType)
    assert {language for source in sources for language in source.languages} >= {"en", "es"}


def test_packaged_sources_include_those_the_project_began_with() -> None:
    """They are promised to the people who asked for the program."""
    promised = {
        "cristosal",
        "cbs-news",
        "nbc-news",
        "pbs-newshour",
        "rolling-stone",
        "state-department",
        "white-house",
        "federal-register",
        "hrw",
    }
    assert promised <= set(load_catalogue().sources)


def test_packaged_sources_with_unverified_addresses_are_off() -> None:
    """An address that nobody saw answer is not asked for until somebody says so."""
    for source in load_catalogue().sources.values():
        assert not (source.enabled and source.status is Status.UNVERIFIED), source.id
        assert source.licence, source.id


def test_operators_folder_adds_sources_at_any_depth(tmp_path: Path) -> None:
    """A coalition keeps its sources in folders of its own."""
    write(tmp_path, "sv/prensa/vigia.yml")
    write(tmp_path, "sv/_draft.yaml", "not read")
    write(tmp_path, "README.md", "not read")
    assert "vigia" in load_catalogue([tmp_path]).sources


def test_two_files_with_one_id_are_an_error_that_names_both(tmp_path: Path) -> None:
    """Which of the two is crawled must never depend on the order of folders."""
    first = write(tmp_path / "a", "vigia.yaml")
    write(tmp_path / "b", "vigia.yaml")
    with pytest.raises(SourceFilesError, match="already the id") as caught:
        load_catalogue([tmp_path / "a", tmp_path / "b"])
    assert str(first) in str(caught.value)


def test_packaged_source_is_replaced_only_when_the_file_says_so(tmp_path: Path) -> None:
    """A file that happens to be called hrw.yaml must not silence Human Rights Watch."""
    with pytest.raises(SourceFilesError, match="replaces: true"):
        load_catalogue([write(tmp_path, "hrw.yaml")])
    write(tmp_path, "hrw.yaml", FILE + "replaces: true\n")
    assert load_catalogue([tmp_path]).sources["hrw"].name == "Vigía"


def test_one_folder_given_twice_is_read_once(tmp_path: Path) -> None:
    """AMPARO_SOURCES with a repeated folder is no contradiction."""
    write(tmp_path, "vigia.yaml")
    assert "vigia" in load_catalogue([tmp_path, tmp_path / "."]).sources


def test_broken_extra_file_stops_the_catalogue_and_names_every_broken_file(tmp_path: Path) -> None:
    """A source that silently vanished would look like a quiet week."""
    write(tmp_path, "vigia.yaml")
    write(tmp_path, "roto.yaml", FILE.replace("media", "radio"))
    (tmp_path / "latin.yaml").write_bytes(FILE.encode("latin-1"))
    with pytest.raises(SourceFilesError) as caught:
        load_catalogue([tmp_path])
    assert "roto.yaml:2: type:" in str(caught.value)
    assert "latin.yaml:1: not UTF-8 text" in str(caught.value)
    good, _ = check_catalogue([tmp_path])
    assert "vigia" in good


def test_a_path_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    """A mistyped folder must not read as an empty one."""
    _, problems = check_catalogue([tmp_path / "nowhere"])
    assert "is not there" in str(problems[0])
