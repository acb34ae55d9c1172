"""The day's budget of a source: some APIs give so many requests a day, whoever restarts in between.

A run is counted with all the requests it may make, from the moment its row is committed, which is
before the first request. So neither a crash nor a second start can spend more than is allowed.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from core.source import ApiParams, ListingParams, Source
from db.runs import Run
from spiders.middlewares.retry import ATTEMPTS

REFUSAL = "the requests that its site allows in a day are used up"
DAY = timedelta(hours=24)


def most_requests(source: Source) -> int:
    """The most requests one run may make: robots.txt, every index page and listed page, each tried again."""
    params = source.params
    pages = 1
    if isinstance(params, ApiParams) and params.paging.rule != "none":
        pages = params.paging.max_pages
    elif isinstance(params, ListingParams) and params.next:
        pages = params.max_pages
    takes_all = isinstance(params, ApiParams) and params.content == "index"
    listed = 0 if takes_all else source.politeness.max_items
    return 1 + ATTEMPTS * (len(params.urls) * pages + listed)


def is_spent(source: Source, runs: Iterable[Run], *, now: datetime) -> bool:
    """Whether one more run could pass the budget. `runs` are those before it; refused ones cost nothing."""
    allowed = source.politeness.requests_per_day
    if allowed is None:
        return False
    counted = sum(run.started_at > now - DAY and REFUSAL not in (run.reason or "") for run in runs)
    return (counted + 1) * most_requests(source) > allowed
