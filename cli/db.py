"""amparo db: create, upgrade, check and measure the database."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from cli.context import emit, settings
from core.errors import AmparoError

if TYPE_CHECKING:
    from db.engine import Database


class DatabaseInconsistent(AmparoError):
    """The database contradicts itself."""


@click.group(name="db")
def command() -> None:
    """Create, upgrade, check and measure the database."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def upgrade(as_json: bool) -> None:
    """Create the database, or bring its schema up to date. Safe to repeat."""
    from db.upgrade import HEAD
    from db.upgrade import upgrade as run

    with _open() as database:
        run(database)
    if as_json:
        emit({"revision": HEAD, "database": _where(database)})
    else:
        click.echo(f"{_where(database)} is at revision {HEAD}.")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def check(as_json: bool) -> None:
    """Look for rows that contradict each other; exit status 1 when there are some."""
    from db.inspection import problems
    from db.upgrade import check_schema

    with _open() as database:
        check_schema(database)
        with database.read() as connection:
            found = problems(connection)
    if as_json:
        emit({"database": _where(database), "problems": found})
    else:
        for problem in found:
            click.echo(problem)
    if found:
        raise DatabaseInconsistent(f"{len(found)} problem(s) found.")
    if not as_json:
        click.echo(f"{_where(database)}: no problem found.")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def stats(as_json: bool) -> None:
    """How much is stored."""
    from db.inspection import counts
    from db.upgrade import check_schema

    with _open() as database:
        check_schema(database)
        with database.read() as connection:
            found = counts(connection)
    if as_json:
        emit({"database": _where(database), **found})
        return
    click.echo(_where(database))
    width = max(map(len, found))
    for name, value in found.items():
        shown = f"{value:,}" if isinstance(value, int) else str(value if value is not None else "-")
        click.echo(f"  {name:<{width}}  {shown}")


def _open() -> closing[Database]:
    from db.engine import open_database

    return closing(open_database(settings().database_url))


def _where(database: Database) -> str:
    """The database for a person; a password in the URL is not shown."""
    return str(database.path) if database.path is not None else repr(database.engine.url)
