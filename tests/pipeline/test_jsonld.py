"""The block of a page's JSON-LD that is about the page, however broken or crowded it is."""

import json

import pytest

from pipeline.bylines import clean_authors, jsonld_authors
from pipeline.jsonld import find_article, named_nodes, read_blocks, text_of

URL = "https://farodelnorte.example/2026/03/05/traslado"
HEADLINE = "Trasladan a cien personas al penal"
ARTICLE = {"@type": "NewsArticle", "headline": HEADLINE, "datePublished": "2026-03-05"}


def headline(*blocks: object) -> str:
    """The headline of the block that is taken for the page's."""
    values = read_blocks(block if isinstance(block, str) else json.dumps(block) for block in blocks)
    article = find_article(values, addresses=[URL], titles=[f"{HEADLINE} | Faro del Norte"])
    return text_of((article or {}).get("headline"))


@pytest.mark.parametrize(
    "block",
    [
        ARTICLE,
        [ARTICLE],
        {"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "Faro"}, ARTICLE]},
        {"@type": "WebPage", "mainEntity": ARTICLE},
        ARTICLE | {"@type": ["ReportageNewsArticle", "Thing"]},
        ARTICLE | {"@type": "http://schema.org/BlogPosting"},
        json.dumps(ARTICLE) + json.dumps({"@type": "WebSite"}),
        "<!-- " + json.dumps(ARTICLE) + " -->",
        "//<![CDATA[\n" + json.dumps(ARTICLE) + "\n//]]>",
        json.dumps(ARTICLE)[:-1] + ",}",
        json.dumps(ARTICLE) + ";",
        json.dumps(ARTICLE | {"description": "una\ttabla"}).replace("\\t", "\t\n\x01"),
        json.dumps(ARTICLE)[:-1] + ', "articleBody": "dijo "no" y se fue"}',
        json.dumps(ARTICLE).replace('"', "&quot;"),
    ],
)
def test_article_is_found_in_every_usual_form(block: object) -> None:
    """Templates nest, join and break their JSON-LD in all of these ways."""
    assert headline(block) == HEADLINE


def test_related_items_are_not_the_page() -> None:
    """A list of other articles beside a page without a block of its own must lend it no title."""
    related = {
        "@type": "ItemList",
        "itemListElement": [{"item": {"@type": "NewsArticle", "headline": "Otra nota"}}],
    }
    assert headline(related) == ""
    assert headline(related, ARTICLE) == HEADLINE


def test_block_that_names_this_address_wins() -> None:
    """Some pages carry the blocks of the next articles to scroll to."""
    following = {
        "@type": "NewsArticle",
        "headline": "La nota que sigue",
        "url": "https://farodelnorte.example/otra",
    }
    assert headline(following, ARTICLE | {"url": URL + "/?ref=portada"}) == HEADLINE


def test_page_block_lends_what_the_article_block_lacks() -> None:
    """Plug-ins put the dates on the WebPage and the headline on the Article."""
    values = [
        {
            "@graph": [
                {"@type": "Article", "headline": HEADLINE},
                {"@type": "WebPage", "dateModified": "2026-03-06"},
            ]
        }
    ]
    article = find_article(values, addresses=[URL], titles=[HEADLINE])
    assert article is not None and article["dateModified"] == "2026-03-06"


@pytest.mark.parametrize(
    "block", ["", "{", "[" * 100_000, '{"a":' * 50_000, "null", '"x"', "<html>", '{"@type": 7}']
)
def test_what_is_no_json_is_passed_over(block: str) -> None:
    """A broken block must not cost the page."""
    assert headline(block) == ""
    assert headline(block, ARTICLE) == HEADLINE


def test_authors_are_followed_to_their_blocks() -> None:
    """A graph names its authors by reference; people come before the bodies they work for."""
    values = [{"@graph": [{"@type": "Person", "@id": "#p1", "name": "Ana Pérez"}]}]
    article = {"author": [{"@id": "#p1"}, {"@type": "Organization", "name": "Faro del Norte"}]}
    assert jsonld_authors(article, named_nodes(values)) == ("Ana Pérez",)
    assert jsonld_authors({"author": {"@type": "Organization", "name": "Cruz Verde"}}, {}) == ("Cruz Verde",)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (["Por Ana Pérez"], ("Ana Pérez",)),
        (["By Ana Pérez and Luis Mejía Gómez"], ("Ana Pérez", "Luis Mejía Gómez")),
        (["Ana Pérez, Luis Mejía, Rosa Cruz"], ("Ana Pérez", "Luis Mejía", "Rosa Cruz")),
        (["Ana Pérez", "ANA PEREZ", "<b>Ana Pérez</b>"], ("Ana Pérez",)),
        (["https://facebook.com/faro", "admin", "ana@faro.example", "By"], ()),
        (["Comisión Justicia y Paz"], ("Comisión Justicia y Paz",)),
    ],
)
def test_author_fields_become_names(written: list[str], names: tuple[str, ...]) -> None:
    """Author fields hold bylines, addresses and accounts; a citation needs names."""
    assert clean_authors(written) == names
