"""The schema comes from the revisions alone, and equals the models."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.errors import DatabaseUnavailable, SchemaOutdated
from db.alert_tables import subscriber
from db.engine import Database, open_database
from db.upgrade import HEAD, check_schema, upgrade

ROOT = Path(__file__).parents[2]


def one_engine_only(name: str | None, type_: str, _parents: object) -> bool:
    return not (type_ == "table" and name is not None and name.startswith(("report_fts", "report_search")))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'amparo.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


def test_revisions_make_exactly_the_tables_of_the_models(database: Database) -> None:
    """A column that only the models or only the revisions know fails in the field, not here."""
    with database.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": one_engine_only, "compare_type": True}
        )
        assert compare_metadata(context, subscriber.metadata) == []


def test_head_constant_is_the_newest_revision() -> None:
    """check_schema compares with a constant so that no command has to load Alembic."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_upgrade_twice_changes_nothing(empty_url: str) -> None:
    """Every crawl upgrades first."""
    database = open_database(empty_url)
    upgrade(database)
    upgrade(database)
    check_schema(database)
    database.close()


def test_missing_schema_is_named_with_its_remedy(empty_url: str) -> None:
    """A reader of an empty database must be told what to run, and no file may appear."""
    database = open_database(empty_url)
    with pytest.raises(SchemaOutdated, match="amparo db upgrade"):
        check_schema(database)
    if database.path is not None:
        assert not database.path.exists()
    database.close()


def test_upgrade_is_safe_when_processes_start_at_once(empty_url: str) -> None:
    """The scheduler starts several crawls on a fresh machine; all of them upgrade."""
    code = (
        "import sys; from db.engine import open_database; from db.upgrade import upgrade, check_schema\n"
        "d = open_database(sys.argv[1]); upgrade(d); check_schema(d); d.close()"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, empty_url], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    errors = [process.communicate()[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], errors


def test_alembic_command_line_upgrades_the_configured_database(tmp_path: Path) -> None:
    """Operators who know Alembic expect `alembic upgrade head` to work in a checkout."""
    file = tmp_path / "amparo.db"
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env={"AMPARO_DATABASE_URL": f"sqlite:///{file}", "PATH": ""},
        check=True,
        capture_output=True,
    )
    database = open_database(f"sqlite:///{file}")
    check_schema(database)
    database.close()


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A wrong AMPARO_DATA_DIR is a mistake of the operator's, not a bug of ours."""
    (tmp_path / "file").write_text("")
    database = open_database(f"sqlite:///{tmp_path / 'file' / 'var' / 'amparo.db'}")
    with pytest.raises(DatabaseUnavailable, match=r"file/var cannot be made"):
        upgrade(database)
    database.close()
