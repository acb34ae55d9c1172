"""The source files in the documentation are source files."""

import re
from pathlib import Path

import pytest

from sources.catalogue import parse_source
from sources.schema import Api, Feed, Fields, Listing, Pages, Sitemap, SourceFile

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference" / "source-files.md"
PAGES = (REFERENCE, ROOT / "docs" / "howto" / "add-a-source.md")
EXAMPLE = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```$", re.M | re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_documented_source_file_is_in_order(page: Path) -> None:
    """Somebody will copy it, change the address, and expect it to work."""
    examples = EXAMPLE.findall(page.read_text(encoding="utf-8"))
    kinds = {parse_source(text, name).kind for name, text in examples}
    assert len(kinds) == 4


@pytest.mark.parametrize("block", [SourceFile, Feed, Sitemap, Listing, Api, Pages, Fields])
def test_every_key_of_a_source_file_is_documented(block: type[SourceFile]) -> None:
    """A key that only the code knows is a key nobody uses."""
    text = REFERENCE.read_text(encoding="utf-8")
    assert [key for key in block.model_fields if not re.search(rf"`(?:paging\.)?{key}`", text)] == []
