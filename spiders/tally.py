"""What one run counts and remembers for its report: counts, problems, blocks in a row."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.report import Duplicate, New, Outcome, Quarantined, Unchanged, Updated, Withdrawn

COUNTS = (
    "listed",
    "known",
    "requested",
    "received",
    "not_modified",
    "new",
    "updated",
    "duplicate",
    "unchanged",
    "withdrawn",
    "quarantined",
    "failed",
    "blocked",
    "robots",
    "refused",
)

BLOCKS_IN_A_ROW = 3
FAILURES_IN_A_ROW = 10
"""After so many, with no good answer between them, the source is left for a later run."""

MOST_SENTENCES = 100
"""Sentences kept about pages; a report shows ten, and the visits hold them all."""

_DECIDED: Mapping[type, str] = {
    New: "new",
    Updated: "updated",
    Duplicate: "duplicate",
    Unchanged: "unchanged",
    Withdrawn: "withdrawn",
    Quarantined: "quarantined",
}


def name_of(result: Outcome | Quarantined) -> str:
    """The count that a decision adds to."""
    return _DECIDED[type(result)]


@dataclass(kw_only=True, slots=True)
class Tally:
    """Counts by the names in COUNTS; `left` are addresses that wait for another run.

    `index_problems` are (kind, sentence), `page_problems` and `notes` sentences.
    """

    counts: Counter[str] = field(default_factory=Counter)
    index_problems: list[tuple[str, str]] = field(default_factory=list)
    page_problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left: int = 0
    _in_a_row: Counter[str] = field(default_factory=Counter)

    def index_problem(self, kind: str, url: str, detail: str) -> None:
        """An index page could not be read."""
        self.index_problems.append((kind, _naming(url, detail)))

    def page_problem(self, url: str, detail: str) -> None:
        """A page did not become a report."""
        if len(self.page_problems) < MOST_SENTENCES:
            self.page_problems.append(_naming(url, detail))

    def note(self, url: str, sentences: tuple[str, ...]) -> None:
        """What an index page's reader remarked."""
        self.notes.extend(f"{url}: {sentence}" for sentence in sentences[: MOST_SENTENCES - len(self.notes)])

    def answered(self) -> None:
        """The site gave a good answer: blocks and failures are counted anew."""
        self._in_a_row.clear()

    def one_more(self, kind: str, detail: str) -> str | None:
        """A block or failure in a row; the reason to end the run when it is one too many."""
        self._in_a_row[kind] += 1
        if self._in_a_row["blocked"] >= BLOCKS_IN_A_ROW:
            return "blocked"
        if self._in_a_row["failed"] >= FAILURES_IN_A_ROW:
            return f"{FAILURES_IN_A_ROW} failures in a row, the last: {detail}"
        return None


def _naming(url: str, detail: str) -> str:
    # What refused a request names the address itself: after a redirect it is another one.
    return detail if f"{url}:" in detail else f"{url}: {detail}"
