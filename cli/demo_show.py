"""The demo's result for a person: tables, and commands to go on with."""

import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.demo_findings import Crawl, Fate, Findings, Likeness

TAGS_SHOWN = 4

STORED = ("report", "duplicate", "off-topic")

NAMES = {"robots": "not asked for", "blocked": "blocked", "quarantined": "in quarantine"}


def show(console: Console, findings: Findings, crawls: Sequence[Crawl], *, kept: Path | None) -> None:
    """Print what was found, and what to try next."""
    first, second = crawls
    console.print(
        f"\n[bold]First crawl[/bold]: {first.requests} requests, {first.counts['new']} pages stored, "
        f"{first.counts['duplicate']} folded as copies, {first.counts['quarantined']} in quarantine; "
        f"{first.seconds} s."
    )
    console.print(
        f"[bold]Second crawl[/bold]: {second.requests} requests, {second.conditional} conditional, of which "
        f"{second.not_modified} answered 304 Not Modified; {second.counts['new']} pages stored.\n"
    )
    console.print(_reports([fate for fate in findings.fates if fate.outcome == "report"]))
    _list(console, "Folded as copies", [_alike(pair, "repeats") for pair in findings.folded])
    same = [pair for pair in findings.kept_apart if pair.verdict == "same-event"]
    _list(console, "The same event, told by another", [_alike(pair, "beside") for pair in same])
    alike = [pair for pair in findings.kept_apart if pair.verdict != "same-event"]
    _list(console, "Alike in wording, and rightly kept apart", [_alike(pair, "beside") for pair in alike])
    off = [_stopped(fate) for fate in findings.fates if fate.outcome == "off-topic"]
    _list(console, "Off topic: only title and address are kept", off)
    rest = [_stopped(fate) for fate in findings.fates if fate.outcome not in STORED]
    _list(console, "Not stored", rest)
    found = findings.search
    hits = [f"{escape(title)}\n{escape(text)}" for title, text in found.hits]
    _list(console, f"Searching for {escape(found.query)} ({found.total} found)", hits)
    console.print("\n[bold]Try next[/bold]")
    for line in next_steps(kept, [fate.url for fate in findings.fates if fate.outcome == "blocked"]):
        # Not wrapped: these lines are copied into a shell.
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def _reports(fates: Sequence[Fate]) -> Table:
    table = Table(title=f"{len(fates)} reports", title_justify="left")
    table.add_column("source, date", no_wrap=True)
    table.add_column("tier", no_wrap=True)
    table.add_column("title", ratio=1)
    table.add_column("tags, the surest first", ratio=1)
    for fate in sorted(fates, key=lambda fate: (fate.tier, fate.source)):
        more = len(fate.tags) - TAGS_SHOWN
        tags = ", ".join(fate.tags[:TAGS_SHOWN]) + (f" and {more} more" if more > 0 else "")
        day = f"{fate.published:%Y-%m-%d}" if fate.published else "undated"
        table.add_row(f"{fate.source}\n{day}", fate.tier, escape(fate.title), tags)
    return table


def _list(console: Console, title: str, items: Sequence[str]) -> None:
    console.print(f"\n[bold]{title}[/bold]")
    grid = Table.grid(padding=(0, 1))
    for item in items or ["nothing"]:
        grid.add_row(" •", item)
    console.print(grid, highlight=False)


def _alike(pair: Likeness, relation: str) -> str:
    why = escape("; ".join(pair.reasons))
    return f"{escape(pair.title)}\n{relation} {escape(pair.other)}\n[dim]{why}[/dim]"


def _stopped(fate: Fate) -> str:
    named = "" if fate.outcome == "off-topic" else f"{NAMES.get(fate.outcome, fate.outcome)}: "
    why = escape("; ".join(fate.why))
    return f"{named}{escape(fate.title)} ({fate.source})\n[dim]{why}[/dim]"


def amparo() -> str:
    """How this very command can be typed again."""
    typed = Path(sys.argv[0])
    if typed.name == "amparo":
        on_path = shutil.which("amparo")
        same = on_path is not None and Path(on_path).resolve() == typed.resolve()
        return "amparo" if same else shlex.quote(sys.argv[0])
    return f"{shlex.quote(sys.executable)} -m cli.main"


def next_steps(kept: Path | None, blocked: Sequence[str]) -> list[str]:
    """Commands that work as they stand; on what the demo stored, if it was kept."""
    command = amparo()
    real = [
        f"{command} sources list                     # the real sources",
        f"AMPARO_CONTACT=you@example.org {command} crawl --dry-run --limit 5 hrw",
    ]
    if kept is None:
        return [f"{command} demo --keep demo-data            # the same, kept to look around in", *real]
    folder = shlex.quote(str(kept))
    return [
        f"export AMPARO_DATA_DIR={folder} AMPARO_SOURCES={shlex.quote(str(kept / 'sources'))}",
        f"{command} search CECOT",
        f"{command} search 'lang:es \"centros penales\"'",
        *(f"{command} why-missing {shlex.quote(url)}" for url in blocked[:1]),
        f"{command} export --format jsonl",
        f"{command} sources show demo-umbral",
        f"{command} doctor",
        "unset AMPARO_DATA_DIR AMPARO_SOURCES       # and back to the real sources",
        *real,
    ]
