"""JSON Lines as the filters `amparo tag` and `amparo similar` take them."""

import json
from collections.abc import Mapping
from typing import IO, Any

import click

from core.errors import InputError


def open_input(file: str) -> tuple[str, IO[bytes]]:
    """The name for messages and the bytes of a file, `-` for standard input. Raises InputError."""
    name = "standard input" if file == "-" else file
    try:
        return name, click.open_file(file, "rb")
    except OSError as error:
        raise InputError(f"{name}: {error.strerror}") from None


def decode_line(line: bytes, number: int) -> str:
    """A line as text; the first may begin with a byte order mark. Raises ValueError."""
    return line.decode("utf-8-sig" if number == 1 else "utf-8")


def read_object(line: str, *, like: str) -> dict[str, Any]:
    """The object on one line, expected to be `like` the example. Raises ValueError saying what is wrong."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON ({error})") from None
    if not isinstance(values, dict):
        raise ValueError(f"expected an object like {like}")
    return values


def wording(values: Mapping[str, Any], key: str) -> str:
    """The text under a key, empty when it is absent or null. Raises ValueError when it is no text."""
    value = values.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f'"{key}" is not a text')


def tell_line(name: str, number: int, what: object) -> None:
    """Say on stderr what is wrong with a line."""
    click.echo(f"amparo: {name}, line {number}: {what}", err=True)


def end_with(name: str, bad_lines: int) -> None:
    """End the command with the status of bad input when lines could not be read."""
    if bad_lines:
        click.echo(f"amparo: {name}: {bad_lines} line(s) could not be read", err=True)
        raise SystemExit(InputError.exit_code)
