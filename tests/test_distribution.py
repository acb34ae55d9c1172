"""What is installed under our names is ours, and the lock says nothing about a place."""

import re
import runpy
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"alerts", "cli", "core", "db", "migrations", "pipeline", "scheduler", "sources"}
OURS |= {"spiders", "taxonomy"}


def test_no_dependency_claims_one_of_our_top_level_names() -> None:
    """`import db` must never find somebody else's package."""
    claimed = metadata.packages_distributions()
    others = {name: set(claimed.get(name, [])) - {"amparo"} for name in OURS}
    assert {name: by for name, by in others.items() if by} == {}


def test_every_locked_version_has_a_hash_and_no_address() -> None:
    """A lock that names an index would send every operator there."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    entries = re.split(r"\n(?=[a-z0-9])", lock.strip())
    assert len(entries) > 50
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_uv_is_held_to_the_same_versions_as_pip() -> None:
    """`uv run` and `make` must not give two different programs."""
    pin = runpy.run_path(str(ROOT / ".ci" / "pin_uv.py"))
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert pin["section"](lock) in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_readme_gives_the_two_commands_that_ci_runs() -> None:
    """CI proves the newcomer's path, so it must be that path."""
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("make demo", "make test", "uv run"):
        assert command in readme


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_package_of_the_design_is_in_the_distribution(name: str) -> None:
    """A package left out of pyproject works in the checkout and fails once installed."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"{name}"' in project
