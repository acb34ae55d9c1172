"""Bytes become text whatever they claim to be."""

import pytest

from pipeline.charset import decode, repair, tidy

SENTENCE = "La detención de María Peña duró “diez días”."


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (SENTENCE.encode(), None),
        (SENTENCE.encode(), "iso-8859-1"),
        (SENTENCE.encode("cp1252"), "iso-8859-1"),
        (SENTENCE.encode("cp1252"), None),
        (SENTENCE.encode("cp1252"), "no-such-charset"),
        (SENTENCE.encode("cp1252"), "base64"),
        (b"<meta charset='windows-1252'>" + SENTENCE.encode("cp1252"), None),
        (b"\xef\xbb\xbf" + SENTENCE.encode(), "windows-1252"),
        (SENTENCE.encode("utf-16"), None),
        (b'<meta charset="utf-16">' + SENTENCE.encode(), None),
    ],
)
def test_text_is_read_under_true_and_false_labels(body: bytes, declared: str | None) -> None:
    """Servers and templates often name the wrong charset, and accents carry names."""
    assert SENTENCE in decode(body, declared)


def test_declared_charset_of_other_scripts_is_used() -> None:
    """Only the label tells the eight-bit charsets of different scripts apart."""
    assert decode("задержание".encode("koi8-r"), "koi8-r") == "задержание"


def test_emoji_in_halves_do_not_garble_the_accents_around_them() -> None:
    """One emoji written as two halves in UTF-8 made a page look like Windows-1252."""
    body = "Detención \ud83d\ude00 en El Salvador".encode("utf-8", "surrogatepass") * 9
    assert decode(body, "utf-8") == "Detención \U0001f600 en El Salvador" * 9


def test_utf8_with_broken_bytes_keeps_the_letters_that_are_whole() -> None:
    """A text cut in bytes is damaged at the cuts only; in a page of Windows-1252 all accents break."""
    assert decode(("Detención añadida" * 5).encode() + b"\xc3 \xe2\x80 \xc3 ", "utf-8").startswith(
        "Detención"
    )
    assert decode(("Detención añadida" * 5).encode("cp1252"), "utf-8") == "Detención añadida" * 5


def test_nul_and_halves_of_pairs_are_removed_and_pairs_joined() -> None:
    """Databases refuse NUL, and a lone surrogate cannot be written anywhere."""
    assert tidy("a\x00b \ud83d\ude00 \ud83d c\x07") == "ab \U0001f600  c"


def test_misread_utf8_is_undone_and_real_letters_stay() -> None:
    """`CamiÃ³n` is a frequent accident; `SÃO` is a city."""
    assert repair("CamiÃ³n, â€œholaâ€\x9d, Â¿quÃ©?") == "Camión, “hola”, ¿qué?"
    assert repair("SÃO PAULO, Â Ângela") == "SÃO PAULO, Â Ângela"
