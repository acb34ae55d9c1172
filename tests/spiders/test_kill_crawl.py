"""A crawl killed with -9 while it stores, three times; `bench/kill_crawl.py` does it twenty times."""

from bench.kill_crawl import run


def test_killed_crawl_loses_and_doubles_nothing() -> None:
    """Power fails, machines are restarted: one more run, and every page is there once."""
    assert run(kills=3, pages=25, seed=7) == 0
