"""The coverage page of the documentation, made from the source files: who is watched, how, how surely."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from core.errors import SourceFileError
from core.source import FeedParams, SitemapParams, Source, Status

MISSING = Path(__file__).parent / "_missing.yaml"
PLACES = {"sv": "El Salvador", "us": "United States", "intl": "The region and the world"}
REASONS = {
    "terms": "the terms forbid it",
    "wall": "the site keeps programs out",
    "none": "no site, feed or list found",
    "form": "cannot be listed yet",
    "file": "a form of file that is not read yet",
    "twin": "others carry the same",
}
HEAD = """# Coverage

Made by `amparo sources coverage` from the source files; change those, not this page.

How sure we are of an address: *verified* means that somebody saw it answer, on the day given; *seen*
that it stands in a published program or list, without such a day; *unverified* that it follows from
the software of the site or is a guess. Unverified sources are off until somebody has looked:
`amparo sources check --live NAME` asks politely and writes down what came.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A publisher that is not watched, and the reason, a key of REASONS."""

    name: str
    country: str
    why: str
    note: str


def load_gaps(path: Path = MISSING) -> tuple[Gap, ...]:
    """Who is not watched. Raises SourceFileError naming the entry that is incomplete."""
    gaps = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        try:
            gap = Gap(**entry)
        except TypeError as error:
            raise SourceFileError(f"{path}: {entry}: {error}") from None
        if gap.why not in REASONS:
            raise SourceFileError(f"{path}: {gap.name}: why: expected one of {', '.join(REASONS)}")
        gaps.append(gap)
    return tuple(gaps)


def coverage_page(sources: Iterable[Source], gaps: Sequence[Gap]) -> str:
    """The whole page in Markdown."""
    listed = sorted(sources, key=lambda source: source.name.casefold())
    parts = [HEAD, _counts(listed)]
    for folder, place in PLACES.items():
        here = [source for source in listed if Path(source.file).parent.name == folder]
        rows = [_row(source) for source in here]
        table = _table(("source", "who speaks", "languages", "how", "how sure", "on"), rows)
        parts.append(f"## {place}\n\n{table}")
    parts.append(_off(listed))
    parts.append(_gaps(gaps))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _counts(sources: Sequence[Source]) -> str:
    on = sum(source.enabled for source in sources)
    counted: dict[str, Iterable[str]] = {
        "by publisher": (source.publisher_type for source in sources),
        "by country": (source.country for source in sources),
        "by language": (language for source in sources for language in source.languages),
        "by kind": (source.kind for source in sources),
        "by status": (source.status for source in sources),
    }
    rows = [(name, _tally(values)) for name, values in counted.items()]
    return f"{len(sources)} sources, {on} of them on.\n\n{_table(('', ''), rows)}"


def _tally(values: Iterable[str]) -> str:
    counts = Counter(str(value) for value in values)
    return ", ".join(
        f"{name} {count}" for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    )


def _row(source: Source) -> tuple[str, ...]:
    name = f"[{source.name}]({source.homepage})" if source.homepage else source.name
    sure = f"{source.status} {source.checked}" if source.status is Status.VERIFIED else str(source.status)
    return (
        f"{name} `{source.id}`",
        f"{source.publisher_type}, {source.country}",
        ", ".join(source.languages),
        _how(source),
        sure,
        "yes" if source.enabled else "no",
    )


def _how(source: Source) -> str:
    params = source.params
    only = isinstance(params, FeedParams | SitemapParams) and params.content == "index"
    told = [str(source.kind), *(["entries only"] if only else []), *(["own spider"] if source.spider else [])]
    return ", ".join(told) + (f"; needs {source.needs}" if source.needs else "")


def _off(sources: Sequence[Source]) -> str:
    told = [source for source in sources if not source.enabled and source.status is not Status.UNVERIFIED]
    rows = [(f"`{source.id}`", " ".join(source.notes.split())) for source in told]
    return f"## Known, and off\n\n{_table(('source', 'why'), rows)}"


def _gaps(gaps: Sequence[Gap]) -> str:
    rows = [
        (gap.name, gap.country, REASONS[gap.why], gap.note) for gap in sorted(gaps, key=lambda gap: gap.name)
    ]
    return f"## Not watched\n\n{_table(('publisher', 'country', 'why', ''), rows)}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines)
