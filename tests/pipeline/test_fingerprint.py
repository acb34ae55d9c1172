"""The fingerprint: stable everywhere, equal for equal wording, and enough to compare without the text."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.report import RawReport, Report
from pipeline.fingerprint import BANDS, SIGNATURE_VERSION, add_fingerprint, band_keys, fingerprint, shingle
from pipeline.similarity import compare, unpack
from pipeline.similarity_sketch import HEAD, TAIL
from pipeline.similarity_words import clean, split

ROOT = Path(__file__).resolve().parents[2]

TEXT = (
    "Agents detained 76 workers at the Prairie Gold plant in Kearney on Tuesday. The manager, Curtis "
    "Hedlund, said that the company had used the federal verification system for twelve years and had "
    "no warning."
)

GOLDEN = (1, "28c9049b674cd5dee47a746b4cf6c48e", 8608798708860011273, -1900077682812277229)


def words_of(text: str) -> list[str]:
    return split(clean(text)).written


def test_the_same_text_has_the_same_fingerprint_in_every_process() -> None:
    """Bands in a database are only of use if another process computes the same ones."""
    code = f"from pipeline.fingerprint import fingerprint; print(fingerprint('A title', {TEXT!r}))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {f"{fingerprint('A title', TEXT)}\n"}


def test_a_fingerprint_only_changes_with_its_version() -> None:
    """Stored bands and digests of version 1 must stay comparable: raise SIGNATURE_VERSION to change these."""
    made = fingerprint("Dozens detained in Nebraska", TEXT)
    assert SIGNATURE_VERSION == 1
    assert (made.version, made.digest, made.bands[0], made.bands[41]) == GOLDEN


def test_every_band_has_its_own_signed_64_bit_keys() -> None:
    """The database has one index over all bands: a key of one band must never answer for another."""
    keys = fingerprint("", TEXT).bands
    assert len(keys) == len(set(keys)) == BANDS
    assert all(-(2**63) <= key < 2**63 for key in keys)


def test_minhash_agrees_with_the_share_of_common_shingles() -> None:
    """Three minima a band at a Jaccard share of one half: about one band in eight agrees."""
    agreed = []
    for start in range(40):
        common = [f"w{start}x{i}" for i in range(200)]
        one = common + [f"a{start}x{i}" for i in range(100)]
        two = common + [f"b{start}x{i}" for i in range(100)]
        first, second = (band_keys(shingle(split(" ".join(words)))) for words in (one, two))
        agreed.append(len(set(first) & set(second)))
    assert 0.09 < sum(agreed) / (40 * BANDS) < 0.17


def test_a_text_without_words_has_no_bands_and_no_digest() -> None:
    """Two empty pages are no copies of each other."""
    made = fingerprint("", " \n… !")
    assert (made.digest, made.bands) == ("", ())
    nothing = unpack(made.comparable)
    assert compare(nothing, nothing).verdict == "different"


def test_a_text_of_a_few_words_has_a_digest_but_no_bands() -> None:
    """Six shingles would make copies of unrelated one-line notes."""
    made = fingerprint("Closed today", "The office is closed today.")
    assert made.bands == ()
    assert made.digest


def test_short_texts_are_one_only_with_the_same_title() -> None:
    """ "Read the full document" stands under many titles."""
    one = fingerprint("Decree 50", "Read the full document.")
    assert one.digest != fingerprint("Decree 51", "Read the full document.").digest
    assert one.digest == fingerprint("DECREE 50", "Read the  full document").digest


def test_digest_sees_a_title_fact_that_the_text_does_not_say() -> None:
    """Two decrees may differ in nothing but the number in their title."""
    one, two = fingerprint("Prórroga 50", TEXT), fingerprint("Prórroga 51", TEXT)
    assert one.digest != two.digest
    assert one.bands == two.bands


def test_digest_ignores_another_headline_for_the_same_text() -> None:
    """Publishers write their own headlines over one agency text."""
    one, two = fingerprint("Dozens detained", TEXT), fingerprint("A plant in shock", TEXT)
    assert one.digest == two.digest


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("the U.S. said", "the US said"),
        ("en Estados Unidos", "en EE. UU."),
        ("44 percent of", "44% of"),
        ("el 40 por ciento", "el 40 %"),
        ("ten men", "10 men"),
        ("two hundred and fifty-two men", "252 men"),
        ("85 mil capturas", "85,000 capturas"),
        ("treinta y cinco años", "35 años"),
        ("1,200 people", "1.200 people"),
        ("the fifth time", "the 5th time"),
        ("trigésima primera", "31"),
        ("“sí”, dijo", '"si", dijo'),
        ("labour organisation", "labor organization"),
        ("Mar. 5", "March 5"),
        ("<p>They&nbsp;left</p>", "They left"),
        ("deten-\ntion center", "detention centre"),
    ],
)
def test_spelling_variants_are_one_wording(one: str, two: str) -> None:
    """Copy editors change these without changing the text."""
    assert fingerprint("", f"{one} {TEXT}").digest == fingerprint("", f"{two} {TEXT}").digest


def test_numbers_that_only_stand_side_by_side_stay_apart() -> None:
    """ "Between thirty and forty" is no 70."""
    assert words_of("entre treinta y cuarenta") == ["entre", "treinta", "y", "cuarenta"]
    assert words_of("first two three") == ["first", "two", "three"]


def test_a_report_of_usual_length_packs_into_a_few_kilobytes() -> None:
    """The packed form stands in the database for every report, also where the text may not."""
    text = " ".join(f"{TEXT} Case {i}." for i in range(15))
    assert len(fingerprint("A title", text).comparable) < 6_000


def test_a_very_long_text_stays_bounded() -> None:
    """A report of 100,000 words must not fill the database or stop the pipeline."""
    long = " ".join(f"w{i}" for i in range(100_000))
    packed = fingerprint("", long).comparable
    sketch = unpack(packed)
    assert len(sketch.head) == HEAD
    assert 0 < len(sketch.tail) <= TAIL
    assert len(packed) < 120_000


def test_bytes_of_another_form_are_refused() -> None:
    """A damaged row must be told from a report."""
    with pytest.raises(ValueError, match="not a packed report"):
        unpack(b"nothing")
    with pytest.raises(ValueError, match="not a packed report"):
        unpack(fingerprint("", TEXT).comparable[:60])


def test_the_step_fills_the_report() -> None:
    """Intake reads the fingerprint from the report."""
    raw = RawReport(
        source_id="s",
        url_requested="https://example.org/a",
        url="https://example.org/a",
        title="T",
        text=TEXT,
        fetched_at=datetime(2025, 1, 1, tzinfo=UTC),
        digest="0",
    )
    report = add_fingerprint(Report(raw=raw, url=raw.url, title="T", text=TEXT))
    assert report.fingerprint == fingerprint("T", TEXT)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.text(max_size=400))
def test_any_text_has_a_fingerprint_that_unpacks(title: str, text: str) -> None:
    """Whatever a page holds, the step must not break; a report is never another than itself."""
    made = fingerprint(title, text)
    report = unpack(made.comparable)
    assert compare(report, report).verdict == ("duplicate" if made.digest else "different")


@pytest.mark.parametrize(
    "text",
    [
        "A" * 200_000,
        "A" + " " * 100_000,
        "A. " * 50_000,
        "<" * 100_000,
        "9" * 100_000,
        "Updated" + " " * 100_000 + "x",
    ],
)
def test_texts_made_to_be_slow_are_not(text: str) -> None:
    """One page must not stall the worker that reads it: pytest's time limit would end this."""
    for _ in range(3):
        fingerprint(text[:5_000], text)
