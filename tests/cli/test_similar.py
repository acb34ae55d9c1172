"""`amparo similar`: the documented contract, and what happens to lines that break it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.similar import command, parse_published

TEXT = (
    "Agents detained 76 workers at the Prairie Gold plant in Kearney on Tuesday. The manager, Curtis "
    "Hedlund, said that the company had used the federal system for twelve years and was given no warning."
)
OTHER = (
    "El Comité informó que no ha podido reanudar sus visitas a las cárceles, suspendidas desde abril. La "
    "delegada Sylvie Aubert explicó que las conversaciones continúan y que no comenta las condiciones."
)


def run(lines: list[Any], *arguments: str) -> Result:
    written = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return CliRunner().invoke(command, list(arguments), input=written)


def test_a_duplicate_is_one_line_with_the_documented_keys() -> None:
    """Programs are written against this form."""
    result = run(
        [{"id": "a", "text": TEXT}, {"id": "b", "text": OTHER}, {"id": "c", "text": "MIAMI (AP) — " + TEXT}]
    )
    assert result.exit_code == 0
    [line] = [json.loads(line) for line in result.stdout.splitlines()]
    assert list(line) == ["a", "b", "score", "verdict", "reasons"]
    assert (line["a"], line["b"], line["verdict"], line["score"]) == ("a", "c", "duplicate", 1.0)
    assert all(isinstance(reason, str) for reason in line["reasons"])


def test_ids_come_back_as_they_came() -> None:
    """A number stays a number."""
    result = run(
        [{"id": 7, "text": TEXT}, {"id": "7b", "text": TEXT, "title": None, "lang": None, "published": None}]
    )
    assert json.loads(result.stdout)["a"] == 7


def test_a_bad_line_is_named_and_the_others_go_on() -> None:
    """One broken line must not cost the rest, nor pass unseen."""
    result = run(
        [{"id": 1, "text": TEXT}, "{not json", "[1]", {"id": 2, "text": ["x"]}, {"id": 3, "text": TEXT}]
    )
    assert result.exit_code == 2
    assert [json.loads(line)["b"] for line in result.stdout.splitlines()] == [3]
    for number in (2, 3, 4):
        assert f"standard input, line {number}:" in result.stderr
    assert "3 line(s) could not be read" in result.stderr


def test_bytes_that_are_no_text_are_a_bad_line(tmp_path: Path) -> None:
    """A file saved in another encoding is told by its line."""
    file = tmp_path / "mixed.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"id": 1, "text": "a"}\n{"id": 2, "text": "caf\xe9"}\n\n')
    result = CliRunner().invoke(command, [str(file)])
    assert result.exit_code == 2
    assert f"{file}, line 2:" in result.stderr
    assert "line 1" not in result.stderr


def test_documents_without_id_or_text_are_tolerated() -> None:
    """Missing fields are usual in exports; the line number stands for a missing id."""
    result = run([{"text": TEXT}, {"id": None, "text": TEXT}, {"id": "empty"}, {"id": "null", "text": None}])
    assert result.exit_code == 0
    line = json.loads(result.stdout)
    assert (line["a"], line["b"]) == ("line 1", "line 2")
    assert 'line 1: no "id"' in result.stderr


def test_an_unreadable_date_is_told_and_the_document_kept() -> None:
    """Without its date a document can still be compared."""
    result = run([{"id": 1, "text": TEXT, "published": "spring"}, {"id": 2, "text": TEXT}])
    assert result.exit_code == 0
    assert "line 1: \"published\" is not a date: 'spring'; compared as undated" in result.stderr
    assert len(result.stdout.splitlines()) == 1


def test_json_option_is_accepted_and_changes_nothing() -> None:
    """Every command takes --json."""
    lines = [{"id": 1, "text": TEXT}, {"id": 2, "text": TEXT}]
    assert run(lines, "--json").stdout == run(lines, "-").stdout != ""


def test_half_a_character_does_not_break_the_output() -> None:
    """JSON may hold lone surrogates; they cannot be written as UTF-8."""
    half = json.dumps("\ud83d " + TEXT)
    result = run([f'{{"id": "\\ud83d", "title": "\\ude00", "text": {half}}}', {"id": 2, "text": TEXT}])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["b"] == 2


def test_an_empty_input_gives_no_pairs() -> None:
    """Nothing to compare is no error."""
    result = run([])
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_a_missing_file_is_an_input_error() -> None:
    """The file is named."""
    result = CliRunner().invoke(command, ["no-such-file.jsonl"])
    assert result.exit_code != 0
    assert "no-such-file.jsonl" in str(result.exception)


@pytest.mark.parametrize(
    "written",
    ["2025-03-17", "2025-03-17T00:00:00Z", "2025-03-17T02:00:00+02:00", "Mon, 17 Mar 2025 00:00:00 GMT"],
)
def test_dates_are_read_in_the_usual_forms(written: str) -> None:
    """Feeds, APIs and people write dates differently."""
    read = parse_published(written)
    assert read is not None
    assert read.isoformat() == "2025-03-17T00:00:00+00:00"
