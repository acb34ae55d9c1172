"""What every command needs: the settings, JSON output, whether a person watches, how crawls ended."""

import json
import os
import sys
from collections.abc import Iterable

import click

from core.settings import Settings, read_settings

PARTIAL_EXIT, FAILED_EXIT = 4, 5
"""Exit statuses of commands that crawl."""


def settings() -> Settings:
    """The operator's settings. The only place that reads the environment."""
    return read_settings(os.environ)


def emit(value: object) -> None:
    """Write one JSON value as one line on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, sort_keys=False, default=str))


def interactive() -> bool:
    """Whether a person watches: progress bars are drawn only then."""
    return sys.stderr.isatty()


def exit_status_of(statuses: Iterable[str]) -> int:
    """Of the runs of several sources: 0 when every one is ok, 5 when every one failed, else 4."""
    seen = set(statuses)
    if seen <= {"ok"}:
        return 0
    return FAILED_EXIT if seen == {"failed"} else PARTIAL_EXIT
