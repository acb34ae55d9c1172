"""How well and how fast pages are read: titles, dates and text against what a person read off them.

    python bench/extraction.py FOLDER

FOLDER holds index.json, a list of {"file", "url", "truth": {"title", "date", "body"}}, and the pages,
plain or gzipped. Times are CPU seconds of this process: pages/s is per core.
"""

import argparse
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import ExtractionError
from core.report import Listed, Page, RawReport
from core.source import FeedParams, Kind, PublisherType, Source
from core.text import fold
from pipeline.dates import choose_published
from pipeline.extract import extract

SOURCE = Source(
    id="saved-pages",
    name="Saved pages",
    publisher_type=PublisherType.MEDIA,
    country="US",
    languages=("en", "es"),
    kind=Kind.FEED,
    params=FeedParams(urls=("http://127.0.0.1/feed.xml",)),
)
FETCHED = datetime(2026, 11, 24, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """A saved page and what a person read off it. `day` is the day as the publisher prints it."""

    file: str
    page: Page
    title: str
    day: str
    body: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """One page read: right or wrong, F1 of its words, CPU seconds."""

    file: str
    title_exact: bool
    title_same: bool
    day_right: bool
    f1: float
    seconds: float
    problem: str = ""


def load(folder: Path, *, listed_titles: bool) -> Iterator[Saved]:
    """The pages of a folder, with the titles an index would list or without."""
    for number, item in enumerate(json.loads((folder / "index.json").read_text(encoding="utf-8"))):
        raw = (folder / item["file"]).read_bytes()
        truth = item["truth"]
        title = " ".join((truth.get("title") or "").split())
        url = f"http://127.0.0.1:8765/article/{number}"
        page = Page(
            source_id=SOURCE.id,
            url_requested=url,
            url=url,
            listed=Listed(url=url, title=title if listed_titles else ""),
            fetched_at=FETCHED,
            status=200,
            content_type="text/html",
            body=gzip.decompress(raw) if item["file"].endswith(".gz") else raw,
            digest="",
        )
        yield Saved(
            file=item["file"], page=page, title=title, day=truth.get("date") or "", body=truth["body"]
        )


def words_f1(got: str, wanted: str) -> float:
    """F1 over the words of two texts as bags, in lower case."""
    mine, theirs = (Counter(re.findall(r"\w+", text.lower())) for text in (got, wanted))
    common = sum((mine & theirs).values())
    return 2 * common / (sum(mine.values()) + sum(theirs.values())) if common else 0.0


def days_of(raw: RawReport) -> set[str]:
    """The chosen day in UTC, and as its publisher wrote it."""
    chosen = choose_published(raw.dates, fetched_at=raw.fetched_at)
    if chosen is None:
        return set()
    written = next(claim.raw for claim in raw.dates if claim.value == chosen.value)
    return {chosen.value.date().isoformat(), written[:10]}


def score(saved: Saved) -> Scored:
    """Read one page and compare."""
    began = time.process_time()
    try:
        raw = extract(saved.page, SOURCE)
    except ExtractionError as error:
        return Scored(
            file=saved.file,
            title_exact=False,
            title_same=False,
            day_right=False,
            f1=0.0,
            seconds=time.process_time() - began,
            problem=f"{error.step}: {error.reason}",
        )
    seconds = time.process_time() - began
    return Scored(
        file=saved.file,
        title_exact=raw.title == saved.title,
        title_same=fold(raw.title) == fold(saved.title),
        day_right=not saved.day or saved.day in days_of(raw),
        f1=words_f1(raw.text, saved.body),
        seconds=seconds,
    )


def report(name: str, scores: list[Scored]) -> None:
    """Print the table of one run."""
    count = len(scores)
    slowest = max(scores, key=lambda one: one.seconds)
    print(f"{name}: {count} pages")
    print(f"  title exact          {sum(s.title_exact for s in scores)}/{count}")
    print(f"  title, quotes folded {sum(s.title_same for s in scores)}/{count}")
    print(f"  date                 {sum(s.day_right for s in scores)}/{count}")
    print(f"  text, mean F1        {sum(s.f1 for s in scores) / count:.4f}")
    print(f"  pages/s/core         {count / sum(s.seconds for s in scores):.1f}")
    print(f"  slowest              {slowest.seconds:.2f} s {slowest.file}")
    for one in sorted(scores, key=lambda s: s.f1)[:5]:
        print(f"  F1 {one.f1:.3f} {one.file} {one.problem}")
    for one in scores:
        wrong = [what for what, right in (("title", one.title_same), ("date", one.day_right)) if not right]
        if wrong:
            print(f"  wrong {' and '.join(wrong)}: {one.file} {one.problem}")


def main() -> None:
    """Read all pages twice: alone, and with the title an index lists for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    for saved in list(load(folder, listed_titles=False))[:3]:
        score(saved)  # imports and compiled patterns are not counted
    for name, listed in (("the page alone", False), ("with the listed title", True)):
        report(name, [score(saved) for saved in load(folder, listed_titles=listed)])


if __name__ == "__main__":
    main()
