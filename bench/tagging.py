"""How fast texts are tagged and judged, beside one alternation of all phrases.

    python bench/tagging.py [--texts 400] [--words 500]

Texts are invented: ordinary words of both languages, and in every other text one word in twelve
is a phrase of the taxonomy. Everything runs in one process; compare ratios, not machines.
"""

import argparse
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.text import fold
from pipeline.classify import classify
from taxonomy.check import sample
from taxonomy.key import make_key
from taxonomy.loader import load_taxonomy
from taxonomy.matcher import Matcher


def words(written: str) -> tuple[str, ...]:
    """The words of a line."""
    return tuple(written.split())


SPANISH = words(
    "el la los de del en que por para con sin sobre entre una un y se no lo su más como pero ya año "
    "semana lunes trabajo noche mañana camino mercado escuela salud agua comida ciudad calle tiempo "
    "mundo vida parte lugar forma caso grupo empresa precio equipo partido música libro película lluvia "
    "verano río playa banco"
)
ENGLISH = words(
    "the of in to for with without on by from that which and is was it as be this are at or an they have had "
    "week monday house market road water food city price team music book film rain summer river beach bank "
    "money project plan study student teacher hospital woman man history culture travel family company school"
)


def make_texts(phrases: Sequence[str], count: int, words: int) -> list[str]:
    """Invented texts in paragraphs of sentences, the same at every run."""
    chance = random.Random(7)
    texts = []
    for number in range(count):
        vocabulary = chance.choice((SPANISH, ENGLISH))
        rate = 1 / 12 if number % 2 else 0
        said: list[str] = []
        while len(said) < words:
            sentence = [
                chance.choice(phrases) if chance.random() < rate else chance.choice(vocabulary)
                for _ in range(chance.randint(8, 25))
            ]
            sentence[-1] += ".\n" if chance.random() < 0.2 else "."
            said += sentence
        texts.append(" ".join(said[:words]))
    return texts


def rate(label: str, work: Callable[[str], object], texts: Sequence[str], base: float | None) -> float:
    """Texts a second, printed beside the base."""
    work(texts[0])
    started = time.perf_counter()
    for text in texts:
        work(text)
    each = (time.perf_counter() - started) / len(texts)
    times = f"{base * 1 / each:8.1f} x" if base else "     1.0 x"
    print(f"  {label:<42}{1 / each:10,.0f} texts/s  {each * 1e3:8.3f} ms  {times}")
    return each


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--words", type=int, default=500)
    options = parser.parse_args()

    started = time.perf_counter()
    taxonomy = load_taxonomy()
    loaded = time.perf_counter()
    matcher = Matcher(taxonomy)
    compiled = time.perf_counter()
    lexicon = matcher.lexicon
    print(f"{len(taxonomy.tags)} tags, {len(lexicon.terms)} phrases, {len(lexicon.nears)} pairs")
    print(f"  load {(loaded - started) * 1e3:.0f} ms, compile {(compiled - loaded) * 1e3:.0f} ms")

    phrases = [sample(term) for tag in taxonomy.tags.values() for term in tag.strong.terms]
    texts = make_texts(phrases, options.texts, options.words)
    wanted = sorted({fold(term.source.removeprefix("=")).rstrip("*") for term in lexicon.terms}, key=len)
    alternation = re.compile("|".join(rf"(?<!\w){re.escape(phrase)}" for phrase in reversed(wanted)))

    few = texts[: max(10, len(texts) // 20)]
    base = rate("one alternation of all phrases", lambda text: alternation.findall(fold(text)), few, None)
    keys = [make_key(text).text for text in texts]
    rate(
        "automaton alone",
        lambda key: lexicon.automaton.find_matches_as_indexes(key, overlapping=True),
        keys,
        base,
    )
    rate("key and automaton", lambda text: _found(matcher, text), texts, base)
    rate("match: tags, gates, relevance", lambda text: matcher.match("", text), texts, base)
    rate("  on no subject of ours", lambda text: matcher.match("", text), texts[::2], base)
    rate("  on our subjects", lambda text: matcher.match("", text), texts[1::2], base)
    rate(
        "classify, language known",
        lambda text: classify("", text, matcher=matcher, language="es"),
        texts,
        base,
    )
    rate("classify, language detected", lambda text: classify("", text, matcher=matcher), texts, base)


def _found(matcher: Matcher, text: str) -> object:
    return matcher.lexicon.automaton.find_matches_as_indexes(make_key(text).text, overlapping=True)


if __name__ == "__main__":
    main()
