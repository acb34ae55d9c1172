"""One title out of several."""

import pytest

from pipeline.titles import Titles, choose_title, clean_title, without_site

SITE = ["Faro del Norte", "farodelnorte.example"]


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("Nuevo traslado | Faro del Norte", "Nuevo traslado"),
        ("Nuevo traslado - Faro del Norte", "Nuevo traslado"),
        ("Faro del Norte: Nuevo traslado", "Faro del Norte: Nuevo traslado"),
        ("Faro del Norte | Nuevo traslado", "Nuevo traslado"),
        ("Nuevo traslado | Faro del Norte | por Ana Pérez", "Nuevo traslado"),
        ("PRESUPUESTO 3.0 | Más fondos para penales", "PRESUPUESTO 3.0 | Más fondos para penales"),
        ("Traslado - y regreso", "Traslado - y regreso"),
    ],
)
def test_only_the_name_of_the_site_is_taken_off(title: str, bare: str) -> None:
    """A bar or dash in a title is as a rule part of it."""
    assert without_site(title, SITE) == bare


def test_title_is_one_plain_line() -> None:
    """Titles carry entities, sometimes twice escaped, tags and line breaks."""
    assert clean_title("Ley &amp;quot;de paz&amp;quot;\n <em>aprobada</em>") == 'Ley "de paz" aprobada'


def test_listed_title_decides_where_the_page_disagrees_with_itself() -> None:
    """The title for search engines, for social media and for readers differ; the index has the readers'."""
    titles = Titles(
        og="¡No creerá este traslado!", headline="Traslado, en corto", heading="Cien personas trasladadas"
    )
    assert (
        choose_title(titles, listed="Cien personas trasladadas", site_names=SITE)
        == "Cien personas trasladadas"
    )
    assert choose_title(titles, listed="Otra cosa", site_names=SITE) == "¡No creerá este traslado!"


def test_site_name_is_no_title() -> None:
    """Broken templates give every page the name of the site; the listing knows better."""
    titles = Titles(og="Faro del Norte", document="Faro del Norte")
    assert (
        choose_title(titles, listed="Cien personas trasladadas", site_names=SITE)
        == "Cien personas trasladadas"
    )


def test_title_cut_for_search_engines_is_made_whole() -> None:
    """A cut title is found by no search for its end."""
    titles = Titles(
        og="Cien personas trasladadas al…", heading="Cien personas trasladadas al penal de máxima seguridad"
    )
    assert choose_title(titles, listed="", site_names=SITE).endswith("máxima seguridad")
