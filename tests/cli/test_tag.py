"""`amparo tag`, through the command line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.tag import command

KEYS = ["id", "relevant", "tier", "sides", "reasons", "lang", "tags", "claims"]
SHARED = Path(__file__).parents[3] / "shared" / "data"


def run(text: str | bytes, *args: str) -> Result:
    """The command with something on standard input."""
    return CliRunner().invoke(command, list(args) or ["-"], input=text)


def rows(result: Result) -> list[dict[str, Any]]:
    """The objects on standard output."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_tag_writes_the_documented_keys_in_order_one_line_a_document() -> None:
    """Programs outside are written against this contract."""
    lines = [
        {
            "id": "a",
            "title": "Muere reo en Mariona",
            "text": "Cristosal lo denunció.",
            "source_country": "SV",
        },
        {"id": "b", "title": "Ice storm in Texas", "text": "Black ice on roads.", "lang": "en"},
    ]
    result = run("".join(json.dumps(line) + "\n" for line in lines))
    assert result.exit_code == 0
    first, second = rows(result)
    assert list(first)[: len(KEYS)] == KEYS
    assert (first["id"], first["relevant"], first["tier"], first["sides"]) == ("a", True, "B", ["sv"])
    assert (second["id"], second["relevant"], second["tier"], second["lang"]) == ("b", False, "X", "en")
    assert first["claims"] == []


def test_tag_spans_cite_title_and_text_in_characters() -> None:
    """A span is what a reader highlights: characters, not bytes, of the field it names."""
    document = {"title": "¿“Reos”? En Mariona", "text": "🙂 Según Cristosal, hubo tortura de presos."}
    (row,) = rows(run(json.dumps({"id": 1, **document})))
    cited = {document[where][start:end] for tag in row["tags"] for start, end, where in tag["spans"]}
    assert {"Mariona", "Cristosal"} <= cited


@pytest.mark.parametrize(
    "line",
    [
        '{"id": 7, "text": "Hubo una captura."}',
        '{"id": null, "title": null, "text": "x"}',
        '{"title": "Solo título", "extra": {"a": [1]}}',
        '{"id": "s", "title": "", "text": ""}',
        '{"id": "s", "title": 2026, "text": "\\ud800 roto"}',
        '{"id": [1], "text": "x", "lang": 5, "url": null, "source_country": 3}',
    ],
)
def test_tag_takes_incomplete_and_odd_documents(line: str) -> None:
    """Data from elsewhere lacks fields and has others; one line in, one line out."""
    result = run(line)
    assert result.exit_code == 0, result.stderr
    (row,) = rows(result)
    assert row["id"] == json.loads(line).get("id")


def test_tag_names_bad_lines_and_goes_on_with_the_rest() -> None:
    """One broken line of a million must neither end the run nor pass unseen."""
    bad = ["{broken", "", "[1]", '{"id": 2}', '{"id": 3, "text": {"a": 1}}']
    result = run("\n".join(['{"id": 1, "text": "a"}', *bad, '{"id": 4, "text": "b"}']))
    assert [row["id"] for row in rows(result)] == [1, 4]
    assert result.exit_code == 2
    for number in (2, 4, 5, 6):
        assert f"line {number}:" in result.stderr
    assert "4 line(s)" in result.stderr


def test_tag_names_a_line_that_is_not_utf8() -> None:
    """An encoding fault is the sender's to mend, so it must be shown where it is."""
    result = run(b'{"id": 1, "text": "a"}\n{"id": 2, "text": "a\xf1o"}\n')
    assert result.exit_code == 2
    assert "line 2" in result.stderr


def test_tag_takes_a_plain_text_file_as_one_document(tmp_path: Path) -> None:
    """A person with an article in a file should not have to write JSON."""
    file = tmp_path / "nota.txt"
    file.write_text("Muere reo en Mariona\n\nSegún Cristosal, fue golpeado en el penal.\n", encoding="utf-8")
    result = CliRunner().invoke(command, [str(file)])
    (row,) = rows(result)
    assert (row["id"], row["tier"]) == ("nota.txt", "B")
    where = {span[2] for tag in row["tags"] for span in tag["spans"]}
    assert where == {"title", "text"}


def test_tag_takes_piped_prose_as_one_document() -> None:
    """`pdftotext … - | amparo tag` is the natural thing to type."""
    (row,) = rows(run("En El Salvador, un preso murió en el penal de Izalco, dice su familia.\n"))
    assert row["tier"] == "B"


def test_tag_calls_a_json_array_a_mistake() -> None:
    """Read as prose, an array of documents would give one silent, wrong answer."""
    result = run('[{"id": 1, "text": "a"}]')
    assert result.exit_code == 2
    assert "line 1" in result.stderr


def test_tag_of_nothing_writes_nothing() -> None:
    """An empty day's export is not an error."""
    result = run("")
    assert (result.exit_code, result.stdout) == (0, "")


def test_tag_explains_one_document_to_a_person() -> None:
    """An operator asks why a report was kept, and gets the words that did it."""
    result = run('{"id": 1, "title": "Muere reo en Mariona [x]", "text": "El Salvador."}', "--explain")
    assert result.exit_code == 0
    assert "tier B" in result.stdout
    assert "Mariona [x]" in result.stdout


def test_half_a_character_does_not_break_the_table() -> None:
    """JSON may hold lone surrogates; they cannot be written as UTF-8."""
    result = run('{"id": 1, "title": "Muere \\ud83d reo en Mariona", "text": "El Salvador."}', "--explain")
    assert result.exit_code == 0
    assert "Muere \ufffd reo" in result.stdout


def test_tag_reads_the_article_that_began_the_project() -> None:
    """The command on the first article shows both sides of the subject."""
    file = SHARED / "seed-article.txt"
    if not file.exists():
        pytest.skip("../shared/data/seed-article.txt is not here")
    result = CliRunner().invoke(command, [str(file), "--json"])
    (row,) = rows(result)
    assert row["relevant"] is True
    assert row["sides"] == ["sv", "us"]


def test_documented_example_of_tag_holds() -> None:
    """The reference is what programs outside are written from."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "tag.md").read_text(encoding="utf-8")
    given, expected = re.findall(r"```json\n(.*?)\n```", page, re.DOTALL)
    (row,) = rows(run(given))
    wanted = json.loads(expected)
    assert {key: row[key] for key in wanted} == wanted
    assert {"ngo-cristosal", "sv-prison-mariona"} <= {tag["id"] for tag in row["tags"]}
