"""Settings come from the environment, once, and say what is wrong with them."""

from pathlib import Path

import pytest

from core.errors import SettingsError
from core.settings import read_settings


def test_an_empty_environment_gives_a_sqlite_file_in_the_data_folder() -> None:
    """A newcomer sets nothing and still gets a database in a known place."""
    settings = read_settings({})
    assert settings.database_url == f"sqlite:///{Path('var').absolute() / 'amparo.db'}"


@pytest.mark.parametrize("scheme", ["postgres://", "postgresql://", "postgresql+psycopg://"])
def test_every_usual_spelling_of_a_postgresql_url_means_psycopg(scheme: str) -> None:
    """Hosting panels print postgres://, which SQLAlchemy does not take."""
    settings = read_settings({"AMPARO_DATABASE_URL": f"{scheme}u:p@db/amparo"})
    assert settings.database_url == "postgresql+psycopg://u:p@db/amparo"


def test_another_database_is_refused_without_showing_the_password() -> None:
    """An error message ends up in logs and mails."""
    with pytest.raises(SettingsError) as refused:
        read_settings({"AMPARO_DATABASE_URL": "mysql://u:secret@db/x"})
    assert "AMPARO_DATABASE_URL" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_number_that_is_no_number_names_its_variable() -> None:
    """The operator must know which line of the unit file to mend."""
    with pytest.raises(SettingsError, match="AMPARO_EXTRACTION_PROCESSES"):
        read_settings({"AMPARO_EXTRACTION_PROCESSES": "many"})


def test_a_source_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    """A mistyped folder would otherwise be a silent gap in coverage."""
    with pytest.raises(SettingsError, match="nowhere"):
        read_settings({"AMPARO_SOURCES": f"{tmp_path}:{tmp_path / 'nowhere'}"})


def test_several_source_folders_are_parted_by_a_colon(tmp_path: Path) -> None:
    """An organisation keeps its own files beside shared ones."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    settings = read_settings({"AMPARO_SOURCES": f"{tmp_path / 'a'}:{tmp_path / 'b'}"})
    assert settings.extra_sources == (tmp_path / "a", tmp_path / "b")


def test_the_user_agent_says_how_to_reach_the_operator() -> None:
    """A site that is troubled by the crawler can ask before it blocks."""
    assert (
        "+mailto:desk@example.org" in read_settings({"AMPARO_CONTACT": "mailto:desk@example.org"}).user_agent
    )
