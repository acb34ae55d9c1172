"""The language of a report, by its words."""

import pytest

from pipeline.language import detect_language, normal_code

LONG = {
    "en": "The court said that the families of the detained men had the right to know where they were held. "
    "The judge asked the government to answer within a week, and the lawyers of the men said that it "
    "was the first order of its kind to be given with a date.",
    "es": "El tribunal dijo que las familias de los detenidos tienen derecho a saber dónde están y en qué "
    "condiciones. La jueza pidió a las autoridades que respondan en una semana, pero los abogados "
    "dijeron que hasta ahora no han recibido más que silencio de los penales y de sus directores.",
    "pt": "O tribunal disse que as famílias dos detidos têm o direito de saber onde eles estão e em que "
    "condições. A juíza pediu às autoridades que respondam em uma semana, mas os advogados disseram "
    "que até agora não receberam nada além de silêncio das prisões e dos seus diretores.",
    "ca": "El tribunal va dir que les famílies dels detinguts tenen dret a saber on són i en quines "
    "condicions. La jutgessa va demanar a les autoritats que responguin en una setmana, però els "
    "advocats van dir que fins ara no han rebut més que silenci de les presons i dels directors.",
    "fr": "Le tribunal a dit que les familles des détenus ont le droit de savoir où ils se trouvent et dans "
    "quelles conditions. La juge a demandé aux autorités de répondre dans une semaine, mais les "
    "avocats ont dit que jusqu'ici ils n'ont reçu que le silence des prisons et de leurs directeurs.",
    "gl": "O tribunal dixo que as familias dos detidos teñen dereito a saber onde están e en que condicións. "
    "A xuíza pediu ás autoridades que respondan nunha semana, pero os avogados dixeron que ata agora "
    "non recibiron máis que silencio das prisións e dos seus directores nin unha soa resposta.",
}


@pytest.mark.parametrize("code", sorted(LONG))
def test_a_paragraph_is_read_as_the_language_it_is_in(code: str) -> None:
    """The neighbours of Spanish must not be taken for Spanish by the words they share."""
    assert detect_language(LONG[code]) == code


@pytest.mark.parametrize("code", ["en", "es", "fr"])
def test_a_wrong_declaration_does_not_overrule_a_clear_text(code: str) -> None:
    """Many sites declare the language of their template, not of the article."""
    assert detect_language(LONG[code], hint="es" if code != "es" else "en") == code


def test_a_headline_follows_what_the_page_declares() -> None:
    """Two words of a headline tell nothing."""
    assert detect_language("Tribunal San Salvador", hint="es-SV") == "es"


def test_nothing_to_read_gives_the_hint_or_nothing() -> None:
    """A guess from no letters would be recorded as a fact."""
    assert detect_language("123 — 456") is None
    assert detect_language("", hint="en_US") == "en"


@pytest.mark.parametrize(
    ("code", "normal"), [("es-SV", "es"), ("en_US", "en"), ("ES", "es"), ("x", None), (None, None)]
)
def test_language_codes_are_brought_to_two_letters(code: str | None, normal: str | None) -> None:
    """Pages write them in many ways."""
    assert normal_code(code) == normal
