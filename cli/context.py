"""What every command needs: the settings, JSON output, JSON Lines input."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO

import click

from core.errors import InputError
from core.settings import Settings, read_settings


def settings() -> Settings:
    """The operator's settings. The only place that reads the environment."""
    return read_settings(os.environ)


def emit(value: object) -> None:
    """Write one JSON value as one line on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, sort_keys=False, default=str))


def json_lines(stream: TextIO, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines stream. Raises InputError naming the line."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise InputError(f"{name}, line {number}: not JSON ({error})") from None
        if not isinstance(value, dict):
            raise InputError(f'{name}, line {number}: expected an object like {{"id": …, "text": …}}')
        yield value


def interactive() -> bool:
    """Whether a person watches: progress bars are drawn only then."""
    return sys.stderr.isatty()
