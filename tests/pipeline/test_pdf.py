"""Reports in PDF."""

from datetime import UTC, datetime

import pytest

from cli.demo_site.pdf import write_pdf
from core.dates import Origin
from core.errors import ExtractionError
from core.report import Listed
from pipeline.extract import extract
from pipeline.pdf import is_pdf
from pipeline.pdf_text import paragraphs, without_margins
from tests.pipeline.pages import page, source

CREATED = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
PARAGRAPH = (
    "La Defensoría registró doce casos en el penal y pidió al ministerio conocer el lugar de detención. "
)
FILE = write_pdf("Informe sobre traslados", [PARAGRAPH * 3, "Segundo párrafo."], CREATED)


def test_pdf_gives_title_paragraphs_and_the_date_of_its_properties() -> None:
    """Courts and ombudsmen publish nothing else."""
    raw = extract(page(FILE), source())
    assert raw.title == "Informe sobre traslados"
    assert raw.content_type == "application/pdf"
    assert " ".join((PARAGRAPH * 3).split()) in raw.text.split("\n")
    assert [(claim.value, claim.origin) for claim in raw.dates] == [(CREATED, Origin.PDF)]


def test_listed_title_outranks_the_properties() -> None:
    """The properties of a PDF often name the template it was made from."""
    listed = Listed(
        url="https://defensoria.example/informe.pdf", title="Informe de la Defensoría sobre traslados"
    )
    assert extract(page(FILE, listed=listed), source()).title == listed.title
    short = Listed(url="https://defensoria.example/informe.pdf", title="Descargar PDF")
    assert extract(page(FILE, listed=short), source()).title == "Informe sobre traslados"


def test_file_name_in_the_properties_is_no_title() -> None:
    """`Microsoft Word - final2.docx` tells nobody anything; the largest line does."""
    named = FILE.replace(b"/Title (Informe sobre traslados)", b"/Title (Word - final2.docx)    ")
    assert b"final2" in named
    assert extract(page(named), source()).title == "Informe sobre traslados"


def test_pdf_is_known_by_its_bytes() -> None:
    """Ministries serve PDF as text/html, and with a line of PHP warnings before it."""
    assert is_pdf(b"Warning: header already sent\n" + FILE)
    assert (
        extract(page(b"Warning: header already sent\n" + FILE), source()).title == "Informe sobre traslados"
    )
    assert not is_pdf(b"<p>%PDF-1.7 is how such files begin</p>")


@pytest.mark.parametrize(
    ("body", "reason"),
    [(FILE[:200], "damaged"), (b"%PDF-1.7\n", "damaged"), (write_pdf("", [""], CREATED), "scanned")],
)
def test_unreadable_pdf_says_why(body: bytes, reason: str) -> None:
    """A scan needs another tool than a broken download."""
    with pytest.raises(ExtractionError, match=reason) as failed:
        extract(page(body), source())
    assert failed.value.step == "pdf"


def test_heads_feet_and_page_numbers_leave() -> None:
    """They would stand in the middle of sentences."""
    text = [[f"{word} del caso {word * n}" for word in ("inicio", "medio", "fin")] for n in range(1, 5)]
    pages = [["Defensoría - Informe 2026", *lines, f"Página {n} de 4"] for n, lines in enumerate(text, 1)]
    assert without_margins(pages) == text


def test_broken_words_and_lines_are_joined() -> None:
    """A phrase is found only when the line break within it is gone."""
    lines = [
        "La dirección de centros penales infor-",
        "mó de un traslado de personas deteni\ufffe",
        "das al penal de máxima seguridad",
        "del departamento de San Vicente.",
        "• Primero",
        "RECOMENDACIONES FINALES",
    ]
    assert paragraphs(lines) == (
        "La dirección de centros penales informó de un traslado de personas detenidas al penal de máxima "
        "seguridad del departamento de San Vicente.\n• Primero\nRECOMENDACIONES FINALES"
    )
