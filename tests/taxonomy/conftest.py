"""The packaged taxonomy, compiled once for all tests."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from taxonomy.loader import FOLDER, load_taxonomy
from taxonomy.matcher import Matcher


@pytest.fixture(scope="session")
def matcher() -> Matcher:
    """The packaged taxonomy, ready for use."""
    return Matcher(load_taxonomy())


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """A copy of the taxonomy with one replacement in one file."""
    folder = tmp_path / "taxonomy"
    folder.mkdir()
    for file in FOLDER.glob("*.yaml"):
        shutil.copy(file, folder)

    def edit(name: str, old: str, new: str) -> Path:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return edit
