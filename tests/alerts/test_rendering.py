"""What a reader sees: complete in both languages, bounded, and told in the order of weight."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.changes import differences
from alerts.digest import (
    Absent,
    Change,
    Coverage,
    Difference,
    Digest,
    Item,
    SourceGap,
    Story,
    as_json,
    from_json,
)
from alerts.figures import figures, sentences
from alerts.mail import Sender, compose
from alerts.phrases import EN, ES, claimed_date
from alerts.rendering import Links, render, web
from alerts.run import labels_of
from alerts.stories import PART
from taxonomy.loader import load_taxonomy
from tests.alerts.world import Inbox, World

NOW = datetime(2026, 3, 2, 13, tzinfo=UTC)
LABELS = labels_of(load_taxonomy())
LINKS = Links(unsubscribe="https://amparo.example/u/x", preferences="https://amparo.example/p/x")
CLIPPED = 102 * 1024
"""Bytes of HTML after which a large mail provider hides the rest of a mail."""


def item(number: int = 1, **values: object) -> Item:
    known: dict[str, object] = {
        "report_id": number,
        "version": 1,
        "url": f"https://prensa.example/2026/03/01/una-direccion-de-las-que-hay-con-muchas-palabras-{number}",
        "title": "Un titular de los largos, como los que escriben las redacciones cuando quieren decirlo "
        f"todo {number}",
        "language": "es",
        "source_id": "prensa",
        "source": "La Prensa Inventada",
        "published": "2026-03-01",
        "seen": NOW,
        "tier": "A",
        "urgent": False,
        "tags": ("state-of-exception", "death-in-custody"),
        "excerpt": "Las familias esperaron frente al penal desde las cuatro de la mañana. " * 3,
        "figures": ("La organización cuenta 427 personas muertas bajo custodia desde marzo de 2022. " * 3,),
    }
    return Item(**known | values)  # type: ignore[arg-type]


def digest(**values: object) -> Digest:
    known: dict[str, object] = {
        "name": "Muertes bajo custodia",
        "query": "tag:death-in-custody",
        "frequency": "daily",
        "timezone": "America/El_Salvador",
        "since": NOW - timedelta(days=1),
        "until": NOW,
        "stories": (Story(item=item()),),
        "changes": (),
        "absent": (),
        "coverage": Coverage(checked=("A", "B")),
    }
    return Digest(**known | values)  # type: ignore[arg-type]


FIGURE = Difference(what="figure", before="427", after="389")
FULL = digest(
    stories=(
        Story(item=item(1, urgent=True), outlets=12),
        Story(item=item(2, published=None, language="en")),
        Story(item=item(3), known=True),
    ),
    changes=(
        Change(item=item(4), kind="removed", before=1, kept_at=NOW),
        Change(
            item=item(5),
            kind="edited",
            before=1,
            differences=(Difference(what="figure", before="427", after="389"),),
        ),
    ),
    absent=(
        Absent(source="Asamblea", what="quiet", since=NOW - timedelta(days=40), days=31),
        Absent(source="Asamblea", what="prórroga 49", since=None),
    ),
    coverage=Coverage(
        checked=("A",),
        partly=(SourceGap(source="P", since=None, reason=""),),
        failed=(SourceGap(source="F", since=NOW - timedelta(days=3), reason="503"),),
        not_checked=(SourceGap(source="N", since=None, reason=""),),
    ),
    part=1,
    parts=2,
)


def test_both_languages_say_the_same_things() -> None:
    """A sentence that only one language has would leave the other reader without it."""
    assert EN.keys() == ES.keys()
    for key in EN:
        assert {w for w in EN[key].split() if "{" in w and "}" in w} or "{" not in EN[key]
        assert EN[key].count("{") == ES[key].count("{")


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_part_of_a_full_digest_is_in_both_bodies(language: str) -> None:
    """Plain text is for poor lines, not for half the news."""
    phrases = EN if language == "en" else ES
    made = render(FULL, language, LABELS, LINKS)
    text = " ".join(made.text.split())
    for key in ("changed", "new", "again", "absent", "coverage"):
        assert phrases[key].upper() in text
        assert phrases[key] in made.html
    for key in ("failed", "not_checked", "partly", "checked", "silence", "removed", "edited", "urgent"):
        assert phrases[key].lower() in text.lower()
        assert phrases[key] in made.html
    for said in (made.html, made.text):
        assert said.count("una-direccion-de-las-que-hay-con-muchas-palabras-") == 5
        assert "389" in said
        assert LINKS.unsubscribe in said
        assert "tag:death-in-custody" in said
    assert "{{" not in made.html + made.text
    assert "None" not in made.text


def test_titles_stay_in_their_language_and_the_rest_is_the_readers() -> None:
    """A translated title cannot be searched for."""
    made = render(digest(), "en", LABELS, LINKS)
    assert "Un titular de los largos" in made.text
    assert "in Spanish" in made.text
    assert LABELS["death-in-custody"]["en"] in made.text
    assert "24 de" not in made.text


def test_plain_text_fits_a_narrow_terminal() -> None:
    """72 columns, but for addresses, which must not be broken."""
    for line in render(FULL, "es", LABELS, LINKS).text.splitlines():
        assert len(line) <= 72 or "https://" in line


def test_longest_part_is_not_clipped() -> None:
    """The end of a mail holds the coverage and the way out; it must be shown."""
    long = digest(
        stories=tuple(Story(item=item(n), outlets=n % 3) for n in range(PART)),
        coverage=Coverage(checked=tuple(f"Source number {n}" for n in range(60))),
    )
    made = render(long, "es", LABELS, LINKS)
    assert len(made.html.encode()) < CLIPPED
    mail = compose(
        key="k", sender=Sender(name="A", address="a@example.org"), to="b@example.org",
        subject=made.subject, text=made.text, html=made.html, at=NOW,
    )  # fmt: skip
    assert len(mail) < 300_000


def test_digest_survives_storing() -> None:
    """What is rendered tomorrow is what was prepared today."""
    assert from_json(as_json(FULL)) == FULL
    assert as_json(from_json(as_json(FULL))) == as_json(FULL)


def test_figure_outranks_title_and_wording() -> None:
    """427 becoming 389 is what a monitor must see first."""
    old = ("A title", "First sentence here. They count 427 people dead. Another sentence stands here.")
    new = ("Another title", "First sentence now. They count 389 people dead. Another sentence stands here.")
    assert [one.what for one in differences(old, new)] == ["figure", "title", "wording"]
    assert differences(old, old) == ()


def test_figures_are_quoted_whole_sentences() -> None:
    """A number without its sentence is no claim."""
    text = (
        "Las familias esperan. El Sr. Inventado dijo que hay 83,900 personas detenidas desde 2022. "
        "El menú cuesta poco. At least 12 people were deported on two flights."
    )
    assert figures(text) == (
        "El Sr. Inventado dijo que hay 83,900 personas detenidas desde 2022.",
        "At least 12 people were deported on two flights.",
    )
    for no_claim in (
        "She died on May 24, 2025, at the Saltgrass Processing Center in Texas.",
        "José Adalberto Inventado, de 34 años, contó que fue detenido en un retén.",
        "La carta pide tres cosas: una lista de las personas recluidas y visitas.",
        "Lidia Ficticia, 51, was a detained mother and died on 3 June at 10:30.",
    ):
        assert figures(no_claim) == ()
    assert sentences("Uno. Dos.\nTres") == ["Uno.", "Dos.", "Tres"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x.org"])
def test_address_that_is_not_of_the_web_is_no_link(url: str) -> None:
    """A canonical link is written by the page it came from."""
    assert web(url) == "about:blank"
    assert url not in render(digest(stories=(Story(item=item(1, url=url)),)), "en", LABELS, LINKS).html


@pytest.mark.parametrize(
    ("written", "en", "es"),
    [
        ("2026", "2026", "2026"),
        ("2026-03", "March 2026", "marzo de 2026"),
        ("2026-03-01", "1 March 2026", "1 de marzo de 2026"),
    ],
)
def test_claimed_dates_keep_their_precision(written: str, en: str, es: str) -> None:
    """A month is not its first day."""
    assert (claimed_date("en", written), claimed_date("es", written)) == (en, es)


def test_many_stories_are_cut_into_parts_that_lose_none(small_world: World, inbox: Inbox, port: int) -> None:
    """A first crawl may bring hundreds: each is told, in mails that can be read to their end."""
    small_world.subscribe(hour=7)
    for number in range(PART + 5):
        small_world.publish(f"n{number:03}", text=f"short text {number}")
    small_world.later(hours=1)
    assert small_world.send(port).sent == 2
    told = "".join(inbox.text(n) for n in range(2))
    assert all(f"https://vigia.example/n{n:03}" in told for n in range(PART + 5))
    assert "(part 2 of 2)" in " ".join(inbox.mails[1][1]["Subject"].split())
    assert replace(FULL, stories=(), changes=()).is_empty
