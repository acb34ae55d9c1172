"""The command group is quick and turns errors into one line."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from cli.main import COMMANDS, SUMMARIES, group, main
from core.errors import SourceFileError


def test_help_names_every_command_without_importing_one() -> None:
    """`--help` is the first thing a newcomer types and must come at once."""
    code = (
        "import sys; from cli.main import group; group(['--help'], standalone_mode=False);"
        "heavy = {'scrapy', 'sqlalchemy', 'trafilatura', 'pydantic', 'numpy', 'rich'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    for name in COMMANDS:
        assert name in result.stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_of_each_command_explains_itself_and_imports_nothing_heavy(name: str) -> None:
    """Half a second is the limit for any `--help`; Scrapy or trafilatura alone take longer."""
    code = (
        f"import sys; from cli.main import group; group(['{name}', '--help'], standalone_mode=False);"
        "heavy = {'scrapy', 'twisted', 'sqlalchemy', 'trafilatura', 'numpy'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "Usage: amparo" in result.stdout or "Usage:" in result.stdout


def test_every_command_has_a_summary() -> None:
    """The two tables are kept by hand and must not drift apart."""
    assert set(COMMANDS) == set(SUMMARIES)


def test_an_error_of_ours_is_one_line_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody should read a traceback to learn that a file has a typing mistake."""

    def fail(**_: object) -> None:
        raise SourceFileError("a.yaml:3: kind: unknown")

    monkeypatch.setattr("cli.main.group", fail)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "amparo: A source file cannot be used. a.yaml:3: kind: unknown\n"


def test_an_unknown_command_is_a_usage_error() -> None:
    """Exit code 2, as every Unix tool does."""
    assert isinstance(group, click.Group)
    assert CliRunner().invoke(group, ["nonsense"]).exit_code == 2


def test_error_of_the_system_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk is no reason to show an operator our source code."""

    def full(**_: object) -> None:
        raise OSError(28, "No space left on device", "/srv/amparo/spool")

    monkeypatch.setattr("cli.main.group", full)
    with pytest.raises(SystemExit, match="1"):
        main()
    assert capsys.readouterr().err == "amparo: [Errno 28] No space left on device: '/srv/amparo/spool'\n"
