"""The YAML files load, and every contradiction is named where it stands."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import TaxonomyError
from taxonomy.check import check_taxonomy
from taxonomy.loader import load_taxonomy
from taxonomy.matcher import Matcher

Edit = Callable[[str, str, str], Path]


def test_packaged_taxonomy_fires_every_term_and_keeps_its_examples(matcher: Matcher) -> None:
    """A term that cannot fire, or an example that fails, is a promise broken silently."""
    assert check_taxonomy(matcher) == []


def test_taxonomy_keeps_its_three_hundred_tags_in_seven_facets(matcher: Matcher) -> None:
    """Stored reports refer to tag ids: losing one loses them from every search."""
    tags = matcher.taxonomy.tags.values()
    assert len(tags) >= 304
    facets = {"topic", "group", "nationality", "instrument", "document_type", "actor", "place"}
    assert {tag.facet for tag in tags} == facets


def test_taxonomy_version_changes_with_any_file(edited: Edit) -> None:
    """A stored tag names the version that gave it, so two versions must never share a name."""
    folder = edited("words.yaml", "suicide*", "suicides")
    assert load_taxonomy(folder).version != load_taxonomy().version
    assert load_taxonomy().version == load_taxonomy().version


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("topic.yaml", "parents: [sv-security-policy]", "parents: [sun]", "parents: no tag sun"),
        ("topic.yaml", "- id: regime-extension", "- id: cecot", "cecot: already in topic.yaml"),
        ("topic.yaml", "all: [sv]", "all: [moon]", "gate: no gate moon"),
        ("topic.yaml", "abstract: true", "abstract: maybe", "abstract: expected true or false"),
        ("topic.yaml", "  core: true\n  match:", "  colour: red\n  match:", "colour: unknown key"),
        ("topic.yaml", "patterns: ['", "patterns: ['(", "patterns"),
        ("actor.yaml", "facet: actor", "facet: place", "actor.yaml: facet: expected actor"),
        ("gates.yaml", "'@deport-words'", "'@no-such-list'", "no word list named @no-such-list"),
        ("relevance.yaml", "anchors_sv: [cecot", "anchors_sv: [cecto", "sets: anchors_sv: no tag cecto"),
        ("relevance.yaml", "effect: X", "effect: Z", "effect: expected D or X"),
        ("examples.yaml", "expected: A", "expected: Q", "examples.yaml: example 1: expected"),
    ],
)  # fmt: skip
def test_contradiction_in_taxonomy_names_file_entry_and_key(
    edited: Edit, file: str, old: str, new: str, message: str
) -> None:
    """Whoever edits a term list must be led to the line, not to a traceback."""
    with pytest.raises(TaxonomyError) as caught:
        load_taxonomy(edited(file, old, new))
    assert message in str(caught.value)
    assert file in str(caught.value)


def test_taxonomy_tag_that_is_its_own_ancestor_is_refused(edited: Edit) -> None:
    """A cycle of parents would make every report of one tag a report of all."""
    folder = edited(
        "topic.yaml",
        "  abstract: true\n",
        "  abstract: true\n  parents: [state-of-exception]\n",
    )
    with pytest.raises(TaxonomyError, match="is its own ancestor"):
        load_taxonomy(folder)


def test_taxonomy_file_that_is_not_yaml_names_the_line(edited: Edit) -> None:
    """A stray bracket must be found without reading a thousand lines."""
    folder = edited("words.yaml", "death: [", "death: [[")
    with pytest.raises(TaxonomyError, match=r"words\.yaml, line \d+"):
        load_taxonomy(folder)


def test_missing_taxonomy_file_is_named(tmp_path: Path) -> None:
    """A broken installation must say which file it lacks."""
    with pytest.raises(TaxonomyError, match=r"words\.yaml: cannot be read"):
        load_taxonomy(tmp_path)
