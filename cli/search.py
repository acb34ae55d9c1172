"""amparo search: find stored reports."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click

from cli.context import emit, settings

if TYPE_CHECKING:
    from rich.text import Text

    from db.search import Hit, SearchPage

SORTS = ("relevance", "newest")
"""`db.search.RELEVANCE` and `NEWEST`; written out, so that `--help` loads no database code."""


@click.command(name="search")
@click.argument("query", nargs=-1)
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="Reports on a page."
)
@click.option("--cursor", help="Where the next page begins, as the last one said.")
@click.option("--sort", type=click.Choice(SORTS), help="Default: relevance if there are words.")
@click.option("--all", "everything", is_flag=True, help="Reports out of scope (tier X) as well.")
@click.option("--duplicates", is_flag=True, help="Show copies by themselves instead of folding them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(
    *,
    query: tuple[str, ...],
    limit: int,
    cursor: str | None,
    sort: str | None,
    everything: bool,
    duplicates: bool,
    as_json: bool,
) -> None:
    """Search the stored reports.

    QUERY holds words, "phrases", -excluded words, and tag: source: country: lang: type: tier:
    after: before: (dates as YYYY, YYYY-MM or YYYY-MM-DD; before: does not include its day). Put --
    before a query that begins with a minus.
    """
    from db.engine import open_database
    from db.search import search
    from db.upgrade import check_schema

    with closing(open_database(settings().database_url)) as database:
        check_schema(database)
        with database.read() as connection:
            page = search(
                connection,
                " ".join(query),
                limit=limit,
                cursor=cursor,
                sort=sort,
                fold_duplicates=not duplicates,
                everything=everything,
            )
    if as_json:
        emit(_json(page))
    else:
        _show(page)


def _json(page: SearchPage) -> dict[str, object]:
    return {
        "total": page.total,
        "cursor": page.cursor,
        "notes": list(page.notes),
        "reports": [_hit(hit) for hit in page.hits],
    }


def _hit(hit: Hit) -> dict[str, object]:
    from db.export import report_fields

    fields = report_fields(hit.report, hit.tags)
    del fields["text"], fields["tag_spans"]
    return {**fields, "snippet": hit.snippet.text, "copies": hit.copies, "score": round(hit.score, 4)}


def _show(page: SearchPage) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    for note in page.notes:
        click.echo(f"note: {note}", err=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("date", no_wrap=True)
    table.add_column("tier", no_wrap=True)
    table.add_column("source", no_wrap=True)
    table.add_column("report", overflow="fold", ratio=1)
    for hit in page.hits:
        table.add_row(
            hit.report.sort_at.date().isoformat(), hit.report.tier or "-", hit.report.source_id, _cell(hit)
        )
    console = Console(width=None if sys.stdout.isatty() else 120)
    if page.hits:
        console.print(table)
    console.print(Text(f"{len(page.hits)} of {page.total} report(s)"))
    if page.cursor:
        console.print(Text(f"next page: --cursor {page.cursor}"), soft_wrap=True)


def _cell(hit: Hit) -> Text:
    from rich.text import Text

    cell = Text(hit.report.title or "(no title)", style="bold")
    if hit.copies:
        cell.append(f"  (+{hit.copies} copies)", style="not bold dim")
    cell.append(f"\n{hit.report.url}\n", style="not bold cyan")
    body = Text(hit.snippet.text, style="not bold")
    for start, end in hit.snippet.marks:
        body.stylize("bold yellow", start, end)
    cell.append_text(body)
    if hit.tags:
        cell.append("\n" + " ".join(tag.id for tag in hit.tags[:8]), style="not bold dim")
    return cell
