"""Pairs of a whole set of documents: complete, ordered, and not quadratic where a template repeats."""

import random
from datetime import UTC, datetime

import pytest

from pipeline.similar import Document, candidates, find_pairs, frequent_facts, sketch
from pipeline.similar_candidates import CROWD

WORDS = [
    f"{a}{b}"
    for a in ["bar", "cel", "dor", "fin", "gam", "hel", "jun", "kor", "lam", "mir"]
    for b in ["ado", "era", "ica", "oma", "ute"]
]


def prose(seed: int, length: int = 160) -> str:
    """Words in random order: two seeds share next to no shingle."""
    rng = random.Random(seed)
    return " ".join(rng.choice(WORDS) + rng.choice(["", "s", "n"]) for _ in range(length))


def notice(number: int) -> str:
    """One of many notices that differ in a name, an age and a docket."""
    rng = random.Random(number)
    name = f"{rng.choice('ABCDEFGH')}{rng.choice(WORDS)} {rng.choice('KLMNPQRS')}{rng.choice(WORDS)}"
    return (
        f"The office announces that {name.title()}, {20 + number % 60}, left on bond in case {number}. "
        "The person will report every two weeks and may not leave the district without permission. "
        "Members of the public who have questions can call the office on working days from nine to noon."
    )


def copied(text: str, change: str) -> str:
    """A reprint of a text in one of three ways."""
    if change == "cut":
        return " ".join(text.split()[:40])
    after = " Our readers write to us about this every week, and we print what we can."
    return text + after if change == "padded" else "MIAMI (AP) — " + text


def doc(name: object, text: str, title: str = "", day: int | None = None) -> Document:
    published = datetime(2025, 3, day, tzinfo=UTC) if day else None
    return Document(id=name, text=text, title=title, published=published)


def pairs(documents: list[Document]) -> list[tuple[object, object, str]]:
    return [(pair.a, pair.b, pair.verdict.verdict) for pair in find_pairs(documents)]


def test_pairs_come_in_the_order_of_the_input() -> None:
    """Output must be the same each time, so that two runs can be compared."""
    a, b = prose(1), prose(2)
    documents = [doc("z", a), doc("y", b), doc("x", b + " and more"), doc("w", "Note. " + a)]
    found = pairs(documents)
    assert found == [("z", "w", "duplicate"), ("y", "x", "duplicate")]
    assert found == pairs(documents)


def test_a_short_excerpt_of_a_long_text_is_found() -> None:
    """Bands alone miss it: the excerpt is a twentieth of the text."""
    long = prose(3, 2_000)
    assert pairs([doc(1, long), doc(2, " ".join(long.split()[:100]))]) == [(1, 2, "duplicate")]


def test_unrelated_documents_give_nothing_and_are_not_even_compared() -> None:
    """Comparing all with all would take hours on ten thousand documents."""
    sketches = [sketch(doc(i, prose(i))) for i in range(60)]
    assert len(candidates(sketches)) < 30


def test_a_crowd_of_one_template_is_not_compared_all_with_all() -> None:
    """Hundreds of notices of one office share most bands."""
    sketches = [sketch(doc(i, notice(i))) for i in range(300)]
    assert len(candidates(sketches)) < 300 * 40


@pytest.mark.parametrize("change", ["whole", "padded", "cut"])
def test_copies_inside_a_crowd_of_one_template_are_found(change: str) -> None:
    """A crowded key must not hide the reprint of one notice among its siblings."""
    copies = [doc(f"copy of {i}", copied(notice(i), change)) for i in range(0, CROWD * 6, 12)]
    documents = [doc(i, notice(i)) for i in range(CROWD * 6)]
    found = {(a, b) for a, b, verdict in pairs([*documents, *copies]) if verdict == "duplicate"}
    wanted = {(i, f"copy of {i}") for i in range(0, CROWD * 6, 12)}
    assert found == wanted


def test_every_pair_of_a_family_of_reprints_is_reported() -> None:
    """Whoever folds by the output needs each copy, also of a text that forty outlets took over."""
    text = prose(9)
    documents = [doc(i, f"{text} {prose(100 + i, 30)}") for i in range(CROWD + 16)]
    assert len(pairs(documents)) == len(documents) * (len(documents) - 1) // 2


EVENT_A = "Deivis Arrieta, of Mérida, was on a plane that took 261 men away on March 15, Judge Kessling said."
EVENT_B = (
    "A cook from Mérida named Deivis Arrieta is among the 261. In court Arthur Kessling asked about March 15."
)


def test_reports_of_one_event_are_found_without_common_wording() -> None:
    """They share no band and no shingle, only names, figures and dates."""
    assert pairs([doc(1, EVENT_A), doc(2, prose(5)), doc(3, EVENT_B)]) == [(1, 3, "same-event")]


def test_dates_of_publication_part_events() -> None:
    """What is published weeks later is a later event."""
    assert pairs([doc(1, EVENT_A, day=16), doc(2, EVENT_B, day=18)]) == [(1, 2, "same-event")]
    assert pairs([doc(1, EVENT_A, day=2), doc(2, EVENT_B, day=18)]) == []


def test_facts_that_most_documents_state_are_known_as_frequent() -> None:
    """A minister who is in every document links none of them."""
    sketches = [sketch(doc(i, f"Yesterday minister Ayala spoke. {prose(i)}")) for i in range(20)]
    assert frequent_facts(sketches) == {"Nayala"}


def test_empty_documents_are_copies_of_nothing() -> None:
    """Pages without text come from failed extraction."""
    assert pairs([doc(1, ""), doc(2, ""), doc(3, " \n ")]) == []


def test_no_documents_give_no_pairs() -> None:
    """An empty file is no error."""
    assert pairs([]) == []
    assert pairs([doc(1, prose(1))]) == []


def test_progress_is_told_up_to_the_end() -> None:
    """The person who waits sees how far it is."""
    told: list[tuple[int, int]] = []
    text = prose(4)
    list(find_pairs([doc(1, text), doc(2, text)], progress=lambda done, total: told.append((done, total))))
    assert told[-1] == (1, 1)
