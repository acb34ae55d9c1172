"""What the runs of one `amparo crawl` share: its beginning, its limits, what was asked for already."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from spiders.backlog import Backlog
from spiders.quiet import Quiet
from spiders.resolver import GuardedResolver
from spiders.robots import Rules

Progress = Callable[[str, Mapping[str, int]], None]


def no_progress(source_id: str, counts: Mapping[str, int]) -> None:
    """Nobody watches."""


@dataclass(kw_only=True, slots=True)
class Command:
    """The state of one crawl command.

    `limit` is the most new addresses that are asked for, over all sources; `since` leaves out
    items listed as older; `closed` are addresses and the time their server asked us to wait for.
    """

    started: datetime
    clock: Callable[[], datetime]
    resolver: GuardedResolver
    scheduled: bool = False
    limit: int | None = None
    since: datetime | None = None
    progress: Progress = no_progress
    quiet: Quiet = field(default_factory=Quiet)
    backlog: Backlog = field(default_factory=Backlog)
    robots: dict[str, Rules] = field(default_factory=dict)
    closed: dict[str, datetime] = field(default_factory=dict)
    _taken: int = 0
    _claims: dict[str, str] = field(default_factory=dict)

    @property
    def left_to_take(self) -> int | None:
        """How many new addresses may still be asked for; None without a limit."""
        return None if self.limit is None else max(self.limit - self._taken, 0)

    def take_new(self) -> bool:
        """Use up one of the limit; False when it is used up."""
        if self.left_to_take == 0:
            return False
        self._taken += 1
        return True

    def claim(self, key: str, source_id: str) -> bool:
        """Whether this source is the first one in this command to ask for an address."""
        return self._claims.setdefault(key, source_id) == source_id
