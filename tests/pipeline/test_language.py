"""The language of a text, whatever its template declares."""

import pytest

from pipeline.language import detect_language, normal_code


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        (
            "The court ordered the release of everyone who was held without charge at the prison. " * 6,
            "es",
            "en",
        ),
        ("La corte ordenó la libertad de las personas detenidas sin cargos en el penal. " * 6, "en-US", "es"),
        ("O tribunal ordenou a libertação das pessoas que estavam detidas sem acusação. " * 6, "es", "pt"),
        (
            "El tribunal va ordenar la llibertat de les persones que eren preses sense càrrecs. " * 6,
            "es",
            "ca",
        ),
        ("CECOT", "es-SV", "es"),
        ("CECOT", None, None),
        ("", None, None),
        ("12 345 678", "en_GB", "en"),
    ],
)
def test_text_outranks_the_template_and_the_template_decides_short_texts(
    text: str, hint: str | None, language: str | None
) -> None:
    """Sites translate articles and not their templates."""
    assert detect_language(text, hint) == language


def test_codes_are_two_letters() -> None:
    """Pages write es-SV, es_ES, Spanish and worse."""
    assert [normal_code(code) for code in ("es-SV", "EN_us", "spanish", "", None)] == [
        "es",
        "en",
        None,
        None,
        None,
    ]
