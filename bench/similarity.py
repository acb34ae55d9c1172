"""Measure near-duplicate judgement: precision, recall and F1 beside plain containment and Jaccard.

    python bench/similarity.py [--pages FOLDER] [--show N]

Base texts are invented (similarity_texts.txt); with --pages also the bodies of a folder of pages
with an index.json. Each is reprinted in many ways (must be duplicates) and, where it is a
template, filled with other facts (must not be). Kinds marked held-out were not looked at when
thresholds were chosen and are reported apart. Also timed: fingerprint, unpack, compare.
"""

import argparse
import json
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import combinations
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline.fingerprint import fingerprint
from pipeline.similarity import compare, unpack

HERE = Path(__file__).resolve().parent
SLOT = re.compile(r"\{(\w+)(?::([^{}]*))?\}")


@dataclass(frozen=True)
class Text:
    title: str
    body: str
    lang: str


@dataclass(frozen=True)
class Base:
    id: str
    lang: str
    kind: str
    held_out: bool
    title: str
    body: str
    slots: dict[str, list[str]] = field(default_factory=dict)

    def fill(self, choice: dict[str, int]) -> Text:
        def put(match: re.Match[str]) -> str:
            values = self.slots[match[1]]
            return values[choice.get(match[1], 0) % len(values)]

        return Text(title=SLOT.sub(put, self.title), body=SLOT.sub(put, self.body), lang=self.lang)


@dataclass(frozen=True)
class Case:
    base: str
    how: str
    duplicate: bool
    a: Text
    b: Text
    held_out: bool


def read_bases(path: Path) -> list[Base]:
    bases = []
    for block in re.split(r"(?m)^== ", path.read_text(encoding="utf-8"))[1:]:
        head, title, body = block.strip().split("\n", 2)
        name, lang, kind, *rest = head.split()
        slots: dict[str, list[str]] = {}
        for match in SLOT.finditer(f"{title}\n{body}"):
            if match[2]:
                slots[match[1]] = match[2].split("|")
        bases.append(Base(name, lang, kind, bool(rest), title, body, slots))
    return bases


LINKED = (("nat", "country"), ("name", "last"))
LOWER_CASE = ("cause", "crime")
"""Slots that change only together, and those that hold no figure, date or name."""

INTRO = {
    "en": "Our newsroom brings you this report as part of its coverage of justice and human rights in the "
    "region, a subject that readers have asked us to follow closely. The original was shared by a partner.",
    "es": "Nuestra redacción comparte este texto como parte de la cobertura sobre justicia y derechos "
    "en la región, un tema que las lectoras y los lectores nos han pedido seguir de cerca. Es de un aliado.",
}
AFTER = {
    "en": [
        "Subscribe to our weekly newsletter to get the latest news on immigration in your inbox.",
        "Read also: Five facts about detention that surprised our reporters in 2023",
        "Related stories\nMayor of Oakdale signs budget\nStorm kills 14 in Lantana\nPope Leo visits Lisbon",
        "The debate on this subject has grown in recent years. Experts consulted by this newspaper in 2021 "
        "pointed out that the number of people affected had doubled in ten years, and courts were slow.",
        "© 2025 The Valley Courier. All rights reserved.",
        "Follow us on social media and share this story with your friends.",
    ],
    "es": [
        "Suscríbase a nuestro boletín y reciba las noticias más importantes en su correo.",
        "Lea también: Cinco datos sobre las cárceles que sorprendieron a nuestros periodistas en 2023",
        "Noticias relacionadas\nAlcalde de Santa Ana presenta presupuesto\nTormenta deja 14 muertos en Lima",
        "El debate sobre este tema ha crecido en los últimos años. Expertos consultados por el periódico en "
        "2021 señalaron que el número de afectados se había duplicado en diez años.",
        "© 2025 El Correo del Valle. Todos los derechos reservados.",
        "Síguenos en redes sociales y comparte esta nota con tus amistades.",
    ],
}
EDITS = [
    ("U.S.", "US"),
    ("United States", "U.S."),
    (" percent", "%"),
    ("por ciento", "%"),
    ("Estados Unidos", "EE. UU."),
    ("“", '"'),
    ('"', "'"),
    ("organization", "organisation"),
    ("center", "centre"),
    ("labor", "labour"),
    (" ten ", " 10 "),
    (" three ", " 3 "),
    (" five ", " 5 "),
    (" seven ", " 7 "),
    (" dos ", " 2 "),
    (" cinco ", " 5 "),
    (" said that ", " said "),
    ("Ms. ", ""),
    ("Mr. ", ""),
    (" about ", " some "),
    (" dijo que ", " afirmó que "),
    (" people ", " persons "),
    ("informó", "comunicó"),
    (" but ", " yet "),
    (" más de ", " unas "),
    (" near ", " close to "),
    ("March", "Mar."),
    ("January", "Jan."),
    ("February", "Feb."),
    (" también ", " además "),
    ("é", "e"),
    ("í", "i"),
]
HEADLINES = {
    "en": ["What we know so far about the case", "Families ask for answers as the dispute grows"],
    "es": ["Lo que se sabe hasta ahora del caso", "Familias piden respuestas mientras crece la polémica"],
}


def words_of(text: str) -> list[str]:
    return text.split(" ")


def trim(share: float) -> Callable[[Text, random.Random], Text]:
    def cut(text: Text, _rng: random.Random) -> Text:
        words = words_of(text.body)
        return replace(text, body=" ".join(words[: max(int(len(words) * share), 16)]))

    return cut


def cut_sentences(text: Text) -> Text:
    """The first 60 % of the sentences: the same places of two texts of one template."""
    sentences = re.split(r"(?<=[.:])(?=\s)", text.body)
    return replace(text, body="".join(sentences[: max(2, int(len(sentences) * 0.6))]))


def cut_paragraphs(text: Text, _rng: random.Random) -> Text:
    parts = text.body.split("\n")
    if len(parts) < 3:
        return trim(0.6)(text, _rng)
    return replace(text, body="\n".join(parts[: max(2, len(parts) // 2)]))


def pad(count: int) -> Callable[[Text, random.Random], Text]:
    def add(text: Text, rng: random.Random) -> Text:
        extra = rng.sample(AFTER[text.lang], count)
        return replace(text, body="\n".join([text.body, *extra]))

    return add


def intro(text: Text, _rng: random.Random) -> Text:
    return replace(text, body=INTRO[text.lang] + "\n" + text.body)


def dateline(text: Text, rng: random.Random) -> Text:
    line = rng.choice(
        ["SAN SALVADOR (AP) — ", "WASHINGTON (Reuters) - ", "SAN SALVADOR, El Salvador (AP) — "]
    )
    return replace(text, body=line + text.body)


def byline(text: Text, rng: random.Random) -> Text:
    by = "By" if text.lang == "en" else "Por"
    name = rng.choice(["Alma Reinosa", "Peter Kovach", "Lucía Ferrán"])
    return replace(text, body=f"{by} {name}\nMarch {rng.randint(1, 28)}, 2025\n{text.body}")


def updated(text: Text, rng: random.Random) -> Text:
    day = rng.randint(1, 28)
    stamp = f"Updated March {day}, 2025 at 10:3{rng.randint(0, 9)} am" if text.lang == "en" else (
        f"Actualizado el {day} de marzo de 2025")  # fmt: skip
    return replace(text, body=stamp + "\n" + text.body)


def copy_edit(strength: int) -> Callable[[Text, random.Random], Text]:
    def edit(text: Text, rng: random.Random) -> Text:
        body, done = text.body, 0
        for old, new in rng.sample(EDITS, len(EDITS)):
            if done < strength and old in body:
                body, done = body.replace(old, new, 3), done + 1
        return replace(text, body=body)

    return edit


def headline(text: Text, rng: random.Random) -> Text:
    return replace(text, title=rng.choice(HEADLINES[text.lang]))


def no_title(text: Text, _rng: random.Random) -> Text:
    return replace(text, title="")


def reorder(text: Text, rng: random.Random) -> Text:
    parts = text.body.split("\n")
    if len(parts) < 3:
        parts = re.split(r"(?<=[.:]) ", text.body)
    rest = parts[1:]
    rng.shuffle(rest)
    return replace(text, body="\n".join([parts[0], *rest]))


def typos(rate: float) -> Callable[[Text, random.Random], Text]:
    def spoil(text: Text, rng: random.Random) -> Text:
        words = words_of(text.body)
        for i, word in enumerate(words):
            if len(word) > 4 and word.isalpha() and rng.random() < rate:
                k = rng.randrange(1, len(word) - 2)
                words[i] = rng.choice([
                    word[:k] + word[k + 1] + word[k] + word[k + 2 :],
                    word[:k] + word[k + 1 :],
                    word[:k] + word[k] + word[k:],
                ])  # fmt: skip
        return replace(text, body=" ".join(words))

    return spoil


def residue(text: Text, _rng: random.Random) -> Text:
    body = text.body.replace("\n", "</p>\n\n<p>").replace(" and ", " &amp; ", 1).replace(" ", "\u00a0", 3)
    return replace(text, body=f"<p>{body}</p>   ")


def flat(text: Text, _rng: random.Random) -> Text:
    return replace(text, body=re.sub(r"\s+", " ", text.body))


def weekday(text: Text, _rng: random.Random) -> Text:
    body = re.sub(
        r"\bon (?:January|February|March|April|May|June|July) \d+\b", "on Thursday", text.body, count=1
    )
    body = re.sub(r"\bel \d+ de (?:enero|mayo|abril|marzo)\b", "el jueves", body, count=1)
    return replace(text, body=body)


def chain(*steps: Callable[[Text, random.Random], Text]) -> Callable[[Text, random.Random], Text]:
    def run(text: Text, rng: random.Random) -> Text:
        for step in steps:
            text = step(text, rng)
        return text

    return run


REPRINTS: dict[str, Callable[[Text, random.Random], Text]] = {
    "same": trim(1.0),
    "trim 40 %": trim(0.4),
    "trim 60 %": trim(0.6),
    "trim 85 %": trim(0.85),
    "last paragraphs cut": cut_paragraphs,
    "padded 1": pad(1),
    "padded 3": pad(3),
    "padded 5": pad(5),
    "intro": intro,
    "dateline": chain(dateline, flat),
    "byline": byline,
    "updated": updated,
    "copy-edit 3": copy_edit(3),
    "copy-edit 8": copy_edit(8),
    "headline": headline,
    "no title": no_title,
    "reorder": reorder,
    "trim 60 % + pad 2": chain(trim(0.6), pad(2)),
    "trim 40 % + pad 1": chain(trim(0.4), pad(1)),
    "trim 50 % + intro": chain(trim(0.5), intro),
    "typos 1 %": typos(0.01),
    "typos 3 %": typos(0.03),
    "residue": residue,
    "flat": flat,
    "weekday": weekday,
    "everything": chain(copy_edit(5), trim(0.8), typos(0.01), dateline, byline, pad(2), headline),
}


def cases(bases: list[Base], rng: random.Random) -> Iterator[Case]:
    for base in bases:
        original = base.fill({})
        for how, change in REPRINTS.items():
            yield Case(base.id, how, True, original, change(original, rng), base.held_out)
        both = (chain(pad(2), byline)(original, rng), chain(intro, pad(2), dateline)(original, rng))
        yield Case(base.id, "two publishers", True, *both, base.held_out)
        updates = (updated(original, rng), updated(original, rng))
        yield Case(base.id, "two updates", True, *updates, base.held_out)
        short = replace(original, body=" ".join(original.body.split()[:70]))
        for how in ("trim 40 %", "trim 60 %", "padded 1", "dateline", "copy-edit 3", "typos 1 %", "headline"):
            yield Case(base.id, f"short: {how}", True, short, REPRINTS[how](short, rng), base.held_out)
        yield from template_cases(base, original, rng)
    for _ in range(600):
        one, two = rng.sample(bases, 2)
        yield Case(
            f"{one.id}/{two.id}", "unrelated", False, one.fill({}), two.fill({}), one.held_out or two.held_out
        )


def template_cases(base: Base, original: Text, rng: random.Random) -> Iterator[Case]:
    """Siblings of one template, with one to all facts changed, whole, untitled, cut or padded."""
    if not base.slots:
        return
    free = [name for name in base.slots if name not in LOWER_CASE]
    choices = [dict.fromkeys(next((g for g in LINKED if name in g), (name,)), 1) for name in free]
    choices += [dict.fromkeys(rng.sample(sorted(free), min(k, len(free))), 1) for k in (2, 3, 4, 5)]
    choices += [dict.fromkeys(base.slots, 1), dict.fromkeys(base.slots, 2)]
    for choice in choices:
        sibling = base.fill(choice)
        count = (
            "all facts" if len(choice) == len(base.slots) else "1 fact" if len(choice) == 1 else "some facts"
        )
        if sibling == original:
            continue
        yield Case(base.id, f"template: {count}", False, original, sibling, base.held_out)
        if sibling.body != original.body:
            bare = (no_title(original, rng), no_title(sibling, rng))
            yield Case(base.id, f"template untitled: {count}", False, *bare, base.held_out)
            padded = (chain(pad(2), byline)(original, rng), pad(1)(sibling, rng))
            yield Case(base.id, f"template padded: {count}", False, *padded, base.held_out)
            short, cut = cut_sentences(original), cut_sentences(sibling)
            if short.body != cut.body:
                yield Case(base.id, f"template cut: {count}", False, short, cut, base.held_out)


def measure_events(path: Path) -> None:
    """Pairs of one event against all other pairs, as `compare` sees them without other documents."""
    reports = []
    for block in re.split(r"(?m)^== ", path.read_text(encoding="utf-8"))[1:]:
        head, title, body = block.strip().split("\n", 2)
        event, lang, day = head.split()
        packed = fingerprint(title, body).comparable
        reports.append((event, lang, datetime.fromisoformat(day), unpack(packed)))
    outcomes: dict[str, Counter[tuple[bool, bool]]] = defaultdict(Counter)
    for (event, lang, day, one), (other, tongue, date, two) in combinations(reports, 2):
        languages = "one language" if lang == tongue else "two languages"
        for dated, apart in (("dated", (date - day).days), ("undated", None)):
            said = compare(one, two, days_apart=apart).verdict == "same-event"
            outcomes[f"{languages}, {dated}"][said, event == other] += 1
    print("\nsame event")
    for name in sorted(outcomes):
        print(f"  {name:24} {ratios(outcomes[name])}")


def measure_fingerprint(texts: list[Text]) -> None:
    """Milliseconds for 500 words, the best of five passes over the texts."""
    words = sum(len(text.body.split()) for text in texts)
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        size = sum(len(fingerprint(text.title, text.body).comparable) for text in texts)
        best = min(best, time.perf_counter() - start)
    print(f"  fingerprint: {best * 1e3 * 500 / words:.3f} ms and {size * 500 // words} bytes for 500 words")


def read_pages(folder: Path) -> list[Base]:
    entries = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return [
        Base(
            f"page-{n}",
            "es" if entry["lang"] == "es" else "en",
            "page",
            True,
            (entry["truth"].get("title") or "").replace("{", "").replace("}", ""),
            entry["truth"]["body"].replace("{", "").replace("}", ""),
        )
        for n, entry in enumerate(entries)
        if entry["truth"].get("body") and len(entry["truth"]["body"]) > 400
    ]


def plain_shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[i : i + 3]) for i in range(len(words) - 2)}


def judge_plain(case: Case) -> tuple[bool, bool]:
    """Duplicate by containment >= 0.6 and by Jaccard >= 0.5, on words as they are."""
    a, b = plain_shingles(case.a.body), plain_shingles(case.b.body)
    shared = len(a & b)
    return shared >= 0.6 * min(len(a), len(b)), shared >= 0.5 * len(a | b)


def ratios(outcomes: Counter[tuple[bool, bool]]) -> str:
    right, wrong, missed = outcomes[True, True], outcomes[True, False], outcomes[False, True]
    precision = right / (right + wrong) if right + wrong else 1.0
    recall = right / (right + missed) if right + missed else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return f"precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}  (n {sum(outcomes.values())})"


def percentile(seconds: list[float], share: float) -> float:
    return float(np.percentile(np.array(seconds) * 1e3, share))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--show", type=int, default=0, help="print this many wrong judgements a group")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    groups = {"invented": read_bases(HERE / "similarity_texts.txt")}
    if arguments.pages:
        groups["pages"] = read_pages(arguments.pages)
    for name, bases in groups.items():
        measure(name, list(cases(bases, random.Random(arguments.seed))), arguments.show)
        measure_fingerprint([base.fill({}) for base in bases])
    measure_events(HERE / "similarity_events.txt")


def measure(name: str, all_cases: list[Case], show: int) -> None:
    totals: dict[str, Counter[tuple[bool, bool]]] = defaultdict(Counter)
    per_way: dict[str, Counter[bool]] = defaultdict(Counter)
    judging: list[float] = []
    shown = 0
    for case in all_cases:
        packed = [fingerprint(text.title, text.body) for text in (case.a, case.b)]
        a, b = unpack(packed[0].comparable), unpack(packed[1].comparable)
        start = time.perf_counter()
        verdict = compare(a, b)
        judging.append(time.perf_counter() - start)
        ours = verdict.verdict == "duplicate"
        contained, jaccard = judge_plain(case)
        part = "held out" if case.held_out else "tuned on"
        for method, said in (("containment 0.6", contained), ("Jaccard 0.5", jaccard), ("Amparo", ours)):
            totals[f"{part:9} {method:16}"][said, case.duplicate] += 1
        if case.duplicate:
            found = ours and (
                len(set(packed[0].bands) & set(packed[1].bands)) > 0 or packed[0].digest == packed[1].digest
            )
            totals[f"{part:9} with the index"][found, True] += 1
        per_way[case.how][ours == case.duplicate] += 1
        if ours != case.duplicate and shown < show:
            shown += 1
            print(f"  wrong: {case.base} [{case.how}] {verdict}")
    print(f"\n{name}")
    for method in sorted(totals):
        print(f"  {method}  {ratios(totals[method])}")
    for how, counts in per_way.items():
        if counts[False]:
            print(f"    {how:32} {counts[True]}/{sum(counts.values())}")
    print(f"  compare: median {percentile(judging, 50):.3f} ms, 95 % {percentile(judging, 95):.3f} ms")


if __name__ == "__main__":
    main()
