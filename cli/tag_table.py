"""What `amparo tag --explain` draws: one judgement as a table for a person."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.report import TITLE

if TYPE_CHECKING:
    from pipeline.classify import Classification

MOST_WORDS = 3


def _printable(text: str) -> str:
    # Half a character (a lone surrogate) came in escaped and cannot be written.
    return escape("".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text))


def print_table(title: str, text: str, result: "Classification") -> None:
    """Draw tier, reasons and every tag with the words that earned it."""
    console = Console()
    relevance = result.relevance
    sides = " and ".join(relevance.sides) or "no side"
    console.print(f"[bold]{_printable(title or text[:80])}[/bold]")
    console.print(
        f"tier [bold]{relevance.tier}[/bold] ({sides}), priority {relevance.priority}, {result.language}"
    )
    for reason in relevance.reasons:
        console.print(f"  {_printable(reason)}")
    table = Table("facet", "tag", "score", "confidence", "words")
    for tag in sorted(result.tags, key=lambda tag: (tag.facet, -tag.score, tag.id)):
        words = [(title if s.where == TITLE else text)[s.start : s.end] for s in tag.spans[:MOST_WORDS]]
        table.add_row(
            tag.facet, tag.id, f"{tag.score:g}", tag.confidence, _printable(", ".join(words)) or tag.rule
        )
    console.print(table)
