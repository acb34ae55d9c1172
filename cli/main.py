"""The `amparo` command: one group whose commands are imported only when they run."""

import sys
from importlib import import_module

import click

from core.errors import AmparoError

COMMANDS = {
    "crawl": "cli.crawl",
    "db": "cli.db",
    "demo": "cli.demo",
    "digest": "cli.digest",
    "doctor": "cli.doctor",
    "export": "cli.export",
    "schedule": "cli.schedule",
    "search": "cli.search",
    "similar": "cli.similar",
    "sources": "cli.sources",
    "subscriber": "cli.subscriber",
    "tag": "cli.tag",
    "why-missing": "cli.why_missing",
}
"""Command name -> the module whose `command` it is."""

SUMMARIES = {
    "crawl": "Pull new reports from the sources, once.",
    "db": "Create, upgrade, check and measure the database.",
    "demo": "Crawl a replay site on this machine and show what Amparo makes of it.",
    "digest": "Preview and send digests.",
    "doctor": "Say what is configured and what would not work.",
    "export": "Write reports as CSV, JSON Lines or Parquet.",
    "schedule": "Run the crawls on their schedule until stopped.",
    "search": "Search the stored reports.",
    "similar": "Compare texts: JSON Lines in, duplicate and same-event pairs out.",
    "sources": "List, show and check the source files.",
    "subscriber": "Who receives digests: add, confirm, pause, remove, and the pages for it.",
    "tag": "Judge and tag texts: JSON Lines in, JSON Lines out.",
    "why-missing": "Say everything known of an address and where it stopped.",
}
"""One line a command, kept here so that `--help` imports nothing."""


class LazyGroup(click.Group):
    """Imports a command's module when the command is asked for, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = import_module(module).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option("0.1.0", prog_name="amparo")
def group() -> None:
    """Amparo: what was published on detention in El Salvador and deportation from the US."""


def main() -> None:
    """Run the command line. An AmparoError or OSError becomes one line on stderr and its exit code."""
    try:
        group(prog_name="amparo")
    except AmparoError as error:
        click.echo(f"amparo: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        # A full disk, a folder that may not be written: the operator's to repair, not ours.
        click.echo(f"amparo: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
