"""What one run saw in the index pages of a source: enough to say whether its file still fits the site."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from core.report import Listed
from spiders.discovery.index import newest_date


class Observed:
    """Counts the listed addresses and what was said of them, and the kinds of problem met."""

    def __init__(self) -> None:
        self.filled: Counter[str] = Counter()
        self.problems: Counter[str] = Counter()
        self.newest: datetime | None = None

    def listed(self, listed: Listed) -> None:
        """One listed address, with what the index says of it."""
        date = newest_date(listed)
        said = {"address": listed.url, "title": listed.title, "date": date, "text": listed.html}
        self.filled.update(name for name, value in said.items() if value)
        if date is not None and (self.newest is None or date > self.newest):
            self.newest = date

    def as_mapping(self) -> Mapping[str, object]:
        """`filled`: how many listed addresses have a title, a date, a text; `newest`: the latest date."""
        return {
            "filled": dict(self.filled),
            "newest": self.newest.isoformat() if self.newest else None,
            "problems": dict(self.problems),
        }
