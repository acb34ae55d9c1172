"""The verdicts of `amparo sources check --live`: shown, kept beside the data, made into source files."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import InputError
from core.source import Source

if TYPE_CHECKING:
    from spiders.live import LiveVerdict

KEPT = "source-checks.json"
OWN_KEYS = re.compile(r"^(status|checked|enabled|replaces):.*\n", re.M)


def keep(verdicts: "Sequence[LiveVerdict]", data_dir: Path) -> Path:
    """Write the verdicts into the data folder, each in place of the earlier one of its source."""
    path = data_dir / KEPT
    known = read_kept(path)
    known.update({verdict.source: verdict.as_object() for verdict in verdicts})
    data_dir.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    text = json.dumps(dict(sorted(known.items())), ensure_ascii=False, indent=1)
    fresh.write_text(text + "\n", encoding="utf-8")
    fresh.replace(path)
    return path


def read_kept(path: Path) -> dict[str, Any]:
    """The verdicts kept so far. Raises InputError when the file is not what was written."""
    if not path.exists():
        return {}
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error}); move it away and check again") from None
    if not isinstance(known, dict):
        raise InputError(f"{path}: expected an object; move it away and check again")
    return known


def turned_on(source: Source, day: str) -> str:
    """The text of a source file that takes the place of a packaged one, on and verified on that day."""
    text = OWN_KEYS.sub("", Path(source.file).read_text(encoding="utf-8")).rstrip()
    return f"{text}\nstatus: verified\nchecked: {day}\nenabled: true\nreplaces: true\n"


def turn_on(sources: Sequence[Source], folder: Path, day: str) -> list[Path]:
    """Write a file for each source into the operator's folder; one that is there already is left."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for source in sources:
        path = folder / f"{source.id}.yaml"
        if not path.exists():
            path.write_text(turned_on(source, day), encoding="utf-8")
            written.append(path)
    return written


def show(verdicts: "Sequence[LiveVerdict]") -> None:
    """One line a source, and below it what an operator has to look at."""
    for one in verdicts:
        filled = ", ".join(f"{count} with {name}" for name, count in one.filled.items() if count)
        newest = f", newest {one.newest[:10]}" if one.newest else ""
        listed = f"{one.listed} listed" + (f" ({filled})" if filled else "") + newest
        click.echo(f"{one.verdict:<8} {one.source}: {listed}, {len(one.reports)} read")
        if one.detail:
            click.echo(f"         {one.detail}")
        for report in one.reports:
            told = report.get("published") or "no date"
            click.echo(f"         {told}  {report['title']}  ({report['characters']} characters)")
