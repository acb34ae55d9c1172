"""Pairs of words in one sentence."""

import pytest

from taxonomy.key import make_key
from taxonomy.near import find_near


def spans(text: str, word: str) -> list[tuple[int, int]]:
    """Where a word stands in the key of a text."""
    found, start = [], text.find(word)
    while start >= 0:
        found.append((start, start + len(word)))
        start = text.find(word, start + 1)
    return found


@pytest.mark.parametrize(
    ("text", "words", "within", "ordered", "count"),
    [
        ("he died in the prison", ("died", "prison"), 20, True, 1),
        ("in prison he died", ("died", "prison"), 20, True, 0),
        ("in prison he died", ("died", "prison"), 20, False, 1),
        ("he died. The prison is new", ("died", "prison"), 20, True, 0),
        ("he died in a U. S. prison", ("died", "prison"), 20, True, 1),
        ("he died a very long way from any prison", ("died", "prison"), 20, True, 0),
        ("men sent by plane to Ghana", ("men", "sent", "Ghana"), 20, True, 1),
        ("to Ghana were sent the men", ("men", "sent", "Ghana"), 20, False, 1),
        ("men stay home. Sent to Ghana", ("men", "sent", "Ghana"), 20, False, 0),
    ],
)
def test_near_words_count_only_within_a_sentence_and_reach(
    text: str, words: tuple[str, ...], within: int, ordered: bool, count: int
) -> None:
    """Two words far apart or in two sentences say nothing together."""
    key = make_key(text).text
    parts = [spans(key, make_key(word).text.strip()) for word in words]
    if all(parts):
        assert len(find_near(parts, within, ordered, key)) == count
    else:
        assert count == 0
