"""`amparo why-missing`: say everything known of an address and where it stopped."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from cli.context import emit, settings
from core.errors import InputError

if TYPE_CHECKING:
    from cli.trace import Trace
    from cli.trace_verdict import Conclusion

UNKNOWN_EXIT = 1


@click.command("why-missing")
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(url: str, as_json: bool) -> None:
    """Say everything known of an address, and the step at which it stopped.

    Looks at the source files, the visits, the runs, the quarantine, the spool and the stored
    reports; asks nothing over the network. Exit status: 0 when it could say, 1 when nothing at all
    is known of the address, 2 for something that is no address.
    """
    parts = urlsplit(url.strip())
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise InputError(f"{url!r}: expected an address like https://site.example/page")
    trace = _trace(url.strip())
    from cli.trace_verdict import conclude

    conclusion = conclude(trace)
    if as_json:
        emit(as_object(trace, conclusion))
    else:
        _show(trace, conclusion)
    raise SystemExit(0 if conclusion.known else UNKNOWN_EXIT)


def _trace(url: str) -> "Trace":
    from cli.trace import gather
    from core.errors import SchemaOutdated
    from db.engine import Database, open_database
    from db.upgrade import check_schema
    from sources.catalogue import load_catalogue

    configured = settings()
    sources = load_catalogue(configured.extra_sources, given=configured.given).sources.values()
    opened = open_database(configured.database_url)
    database: Database | None = opened
    try:
        check_schema(opened)
    except SchemaOutdated as error:
        click.echo(f"note: {error}", err=True)
        database = None
    try:
        return gather(url, sources=sources, database=database, spool=configured.data_dir / "spool")
    finally:
        opened.close()


def as_object(trace: "Trace", conclusion: "Conclusion") -> dict[str, Any]:
    """The trace as the public JSON form."""
    report = trace.report
    return {
        "url": trace.url,
        "canonical": trace.canonical,
        "step": conclusion.step,
        "conclusion": conclusion.sentence,
        "known": conclusion.known,
        "sources": [
            {
                "id": one.source.id,
                "enabled": one.source.enabled,
                "left_out_by": one.filter or None,
                "last_run": asdict(one.last_run) if one.last_run else None,
            }
            for one in trace.candidates
        ],
        "visit": asdict(trace.visit) if trace.visit else None,
        "withdrawn": trace.withdrawn,
        "quarantine": [asdict(entry) for entry in trace.quarantine],
        "spooled_in": trace.spooled_in or None,
        "report": report
        and {
            "id": report.id,
            "url": report.url,
            "title": report.title,
            "source": report.source_id,
            "first_seen": report.first_seen.isoformat(),
            "tier": report.tier,
            "reasons": list(report.reasons),
            "duplicate_of": trace.copy_of.url if trace.copy_of else None,
            "duplicate_reasons": list(report.duplicate_reasons),
        },
        "seen_at": [asdict(sighting) for sighting in trace.sightings],
        "known_nearby": list(trace.near),
    }


def _show(trace: "Trace", conclusion: "Conclusion") -> None:
    from cli.trace_verdict import facts

    lines = facts(trace)
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        click.echo(f"{name:<{width}}  {value}")
    click.echo(f"\n{conclusion.sentence}")
