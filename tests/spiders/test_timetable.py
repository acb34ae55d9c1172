"""When a source is due is decided from the catalogue and the last runs, and from nothing else."""

from dataclasses import replace
from datetime import timedelta

from spiders.timetable import (
    due,
    next_start,
    plan,
    refusal,
    sites,
    startable,
    verdict,
    verdict_elsewhere,
)
from tests.spiders.timetable_samples import NOW, a_run, a_source


def test_a_restart_does_not_reset_a_long_interval() -> None:
    """A machine restarted every evening would otherwise never crawl a daily source."""
    daily = a_source("daily", every_minutes=1440)
    last = a_run("daily", NOW - timedelta(hours=23))
    assert next_start(daily, last, NOW).at == NOW + timedelta(hours=1)


def test_a_source_never_crawled_is_due_now() -> None:
    """A new source file should show results at once."""
    assert next_start(a_source("new"), None, NOW).at == NOW


def test_an_interrupted_run_is_started_again_at_once() -> None:
    """What was cut off by a restart must not wait a whole interval."""
    planned = next_start(a_source("cut"), a_run("cut", NOW, "interrupted"), NOW)
    assert (planned.at, planned.why) == (NOW, "interrupted")


def test_a_failed_run_waits_its_interval() -> None:
    """Hammering a site that just failed helps nobody."""
    planned = next_start(a_source("down", every_minutes=60), a_run("down", NOW, "failed"), NOW)
    assert planned.at == NOW + timedelta(hours=1)


def test_a_last_run_in_the_future_does_not_silence_a_source() -> None:
    """A clock once set to next year would otherwise stop the source until then."""
    assert next_start(a_source("odd"), a_run("odd", NOW + timedelta(days=365)), NOW).at == NOW


def test_overdue_sources_start_apart_and_the_longest_neglected_first() -> None:
    """After a night off the machine must not start a hundred crawls in one second."""
    sources = [a_source("yesterday"), a_source("never"), a_source("last-week"), a_source("fresh")]
    last = {
        "yesterday": a_run("yesterday", NOW - timedelta(days=1)),
        "last-week": a_run("last-week", NOW - timedelta(days=7)),
        "fresh": a_run("fresh", NOW - timedelta(minutes=1)),
    }
    planned = plan(sources, last, NOW, spread=5)
    assert [one.source.id for one in planned] == ["never", "last-week", "yesterday", "fresh"]
    assert [(one.at - NOW).total_seconds() for one in planned] == [0, 5, 10, 59 * 60]


def test_due_leaves_out_what_runs_or_is_disabled_or_fresh() -> None:
    """The one-shot mode starts these sources and no others."""
    sources = [
        a_source("ready"),
        a_source("running"),
        a_source("fresh"),
        replace(a_source("off"), enabled=False),
    ]
    last = {"fresh": a_run("fresh", NOW - timedelta(minutes=5))}
    assert [source.id for source in due(sources, last, {"running"}, NOW)] == ["ready"]


def test_sources_that_share_a_site_never_run_together() -> None:
    """Two crawls of one site would each keep the delay and together break it."""
    one, two = a_source("one", host="www.press.org"), a_source("two", host="press.org")
    other = a_source("other")
    assert sites(one) == sites(two)
    assert startable([two, other], [one], concurrency=5) == [other]
    assert startable([one, two, other], [], concurrency=5) == [one, other]


def test_no_more_crawls_than_allowed() -> None:
    """A small machine has memory for two crawls, not for fifty."""
    sources = [a_source(name) for name in "abcd"]
    assert startable(sources[1:], sources[:1], concurrency=3) == sources[1:3]
    assert startable(sources, sources, concurrency=3) == []


def test_a_source_that_was_just_crawled_by_someone_else_is_left_alone() -> None:
    """Two schedulers on one database must not double the traffic."""
    hourly = a_source("s", every_minutes=60)
    assert refusal(hourly, a_run("s", NOW - timedelta(minutes=10)), set(), NOW) == "recent"
    assert refusal(hourly, a_run("s", NOW - timedelta(minutes=59)), set(), NOW) == ""
    assert refusal(hourly, a_run("s", NOW - timedelta(minutes=1), "interrupted"), set(), NOW) == ""
    assert refusal(hourly, None, {"s"}, NOW) == "running"


def test_an_unfinished_run_is_stale_running_or_overdue() -> None:
    """A dead crawl must not block its source, and a crawl without a watcher must not hang for ever."""
    limit = timedelta(minutes=30)
    fresh, old = a_run("s", NOW - timedelta(minutes=5)), a_run("s", NOW - timedelta(hours=2))
    assert verdict(fresh, held=False, ours=False, limit=limit, now=NOW) == "stale"
    assert verdict(fresh, held=True, ours=True, limit=limit, now=NOW) == "running"
    assert verdict(old, held=True, ours=True, limit=limit, now=NOW) == "overdue"
    assert verdict(old, held=True, ours=False, limit=limit, now=NOW) == "running"


def test_a_run_of_another_machine_counts_as_running_until_long_after_its_limit() -> None:
    """Its processes cannot be seen from here, and a machine may never come back."""
    limit = timedelta(minutes=30)
    assert verdict_elsewhere(a_run("s", NOW - timedelta(minutes=80)), limit=limit, now=NOW) == "running"
    assert verdict_elsewhere(a_run("s", NOW - timedelta(minutes=91)), limit=limit, now=NOW) == "stale"
