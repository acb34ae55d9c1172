"""`amparo sources new` and `record`: a source file and a fixture from what an address answers."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from cli.context import interactive, settings
from core.errors import DiscoveryError, InputError
from core.source import PublisherType, Source

if TYPE_CHECKING:
    from core.settings import Settings
    from spiders.draft import Draft

TYPES = [str(one) for one in PublisherType]


@click.command("new")
@click.argument("url")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Where the file goes.")
@click.option("--id", "id_", help="The id; made from the address without it.")
@click.option("--name", help="The name people know; the title of the feed or page without it.")
@click.option("--type", "type_", type=click.Choice(TYPES), help="Who speaks.")
@click.option("--country", help="SV, US, …, or INT.")
@click.option("--languages", help="Like es or es,en; what the site says without it.")
@click.option("--private", is_flag=True, help="The address is on this machine or in your own network.")
def new(
    url: str,
    *,
    folder: Path | None,
    id_: str | None,
    name: str | None,
    type_: str | None,
    country: str | None,
    languages: str | None,
    private: bool,
) -> None:
    """Ask URL once, find out its kind, and write a source file for it.

    A page that names a feed leads to the feed. What the flags leave open is asked when a person
    watches; otherwise --type and --country are needed.
    """
    current = settings()
    target = folder or next(iter(current.extra_sources), None)
    if target is None:
        raise click.UsageError("say where the file goes: --folder FOLDER, or set AMPARO_SOURCES")
    type_ = type_ or _asked("type", "--type", click.Choice(TYPES))
    country = country or _asked("country", "--country")
    draft = _probe(url, current, private=private)
    id_ = id_ or id_of(url)
    text = _text(
        draft,
        name=name or draft.name or id_,
        type_=type_,
        country=country,
        languages=languages or draft.language or _asked("languages", "--languages"),
        private=private,
    )
    path = _written(text, target / f"{id_}.yaml")
    click.echo(f"{path} is written:\n\n{text}\nLook it over. Then try it: amparo sources check --live {id_}")


def _asked(what: str, flag: str, type_: click.ParamType[str] | None = None) -> str:
    if not interactive():
        raise click.UsageError(f"{flag} is needed when nobody is there to be asked")
    answer: str = click.prompt(what, type=type_, err=True)
    return answer


def id_of(url: str) -> str:
    """An id from an address: its host without www and ending, `https://www.vigia.example/feed` -> vigia."""
    host = re.sub(r"^www\.", "", urlsplit(url).hostname or "")
    stem = host if re.fullmatch(r"[\d.]+", host) else host.rpartition(".")[0]
    return re.sub(r"[^a-z0-9]+", "-", (stem or host).lower()).strip("-") or "new-source"


def _probe(url: str, current: "Settings", *, private: bool) -> "Draft":
    """What the address answers, made into a draft; a page that names a feed is followed once."""
    from sources.catalogue import parse_source
    from spiders.draft import draft_of
    from spiders.record import record

    for address in (url, None):
        wanted = address or url
        trial = (
            "name: trial\ntype: media\ncountry: INT\nlanguages: [en]\n"
            f"allow_private_network: {str(private).lower()}\n"
            f"politeness: {{delay_seconds: {0 if private else 2}}}\n"
            f"feed:\n  url: {wanted!r}\n  content: index\n"
        )
        result, answers = record(parse_source(trial, "trial.yaml"), settings=current, pages=0)
        if not answers or answers[0].status != 200:
            raise DiscoveryError(result.reason or f"{wanted}: nothing was answered")
        draft = draft_of(answers[0].body, wanted)
        if draft.feed is None:
            return draft
        click.echo(f"the page names a feed: {draft.feed}", err=True)
        url = draft.feed
    raise DiscoveryError(f"{url}: the feed that the page names is a page again; give the address of the feed")


def _text(draft: "Draft", *, name: str, type_: str, country: str, languages: str, private: bool) -> str:
    from yaml import safe_dump

    line = safe_dump({"name": name}, allow_unicode=True, width=1000).strip()
    zone = {"SV": "America/El_Salvador", "US": "America/New_York"}.get(country, "UTC")
    parts = [
        line,
        f"type: {type_}",
        f"country: {country}",
        f"languages: [{', '.join(one.strip() for one in languages.split(',') if one.strip())}]",
        f"timezone: {zone}",
        draft.block,
        f"politeness: {{delay_seconds: {0 if private else 5}}}",
        "storage: excerpt",
        "licence: Not looked at yet.",
        "status: verified",
        f"checked: {datetime.now(UTC):%Y-%m-%d}",
        *(["allow_private_network: true"] if private else []),
    ]
    return "\n".join(parts) + "\n"


def _written(text: str, path: Path) -> Path:
    """The file, written only when it is in order and nothing is there yet."""
    from sources.catalogue import parse_source

    if path.exists():
        raise InputError(f"{path} is there already; give another --id, or edit it")
    parse_source(text, str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@click.command("record")
@click.argument("source_id", metavar="ID")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder; tests/sources/fixtures/ID without it.",
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
def record_(source_id: str, *, into: Path | None, force: bool) -> None:
    """Ask the source ID and keep its index and one page as a fixture."""
    from cli.crawl import choose
    from sources.catalogue import load_catalogue
    from spiders.record import fixture_files, record

    current = settings()
    sources = load_catalogue(current.extra_sources, given=current.given).sources
    source: Source = choose(sources, [source_id], given=current.given)[0]
    folder = into or _fixtures() / source.id
    result, answers = record(source, settings=current)
    files = fixture_files(answers)
    if not files:
        raise DiscoveryError(result.reason or f"{source.id} gave no answer that can be kept")
    there = [name for name in files if (folder / name).exists()]
    if there and not force:
        raise InputError(f"{folder} holds {', '.join(there)} already; --force writes over it")
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in files.items():
        (folder / name).write_bytes(body)
        click.echo(f"{folder / name}  {len(body):,} bytes")
    click.echo(
        "Before you share it: shorten it to a few items, put invented people and words for the real\n"
        "ones and https://site.example for the site. The first run of\n"
        "tests/sources/test_fixtures.py then writes what comes out of it, for you to review."
    )


def _fixtures() -> Path:
    folder = Path("tests/sources/fixtures")
    if not folder.is_dir():
        raise click.UsageError("say where the fixture goes: --into FOLDER")
    return folder
