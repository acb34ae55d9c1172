"""The tutorial's own site and source are run as they stand there."""

import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ("docs/tutorial.md", "docs/reference/scheduling.md", "docs/reference/diagnosis.md")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_first_source_of_the_tutorial_works_as_written(tmp_path: Path) -> None:
    """A newcomer who copies every line must arrive where the text says."""
    text = (ROOT / "docs/tutorial.md").read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) > 4
    command = f"{shlex.quote(sys.executable)} -m cli.main"
    script = "".join(blocks).replace("../.venv/bin/amparo", command).replace("8000", str(free_port()))
    script = script.replace("python3 -m http.server", f"{shlex.quote(sys.executable)} -m http.server")
    # The tutorial leaves the site running until the terminal is closed.
    script = f"trap 'kill $(jobs -p)' EXIT\n{script}".replace(
        " sources check", " sources check; sleep 0.3", 1
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AMPARO_")}
    environ["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        ["bash", "-ec", script],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "would store: Trece familias" in done.stdout
    assert "1 of 1 report(s)" in done.stdout
    assert "2026-05-04" in done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_these_pages_leads_somewhere(page: str) -> None:
    """A dead link in the first half hour is a dead end."""
    file = ROOT / page
    for target in re.findall(r"\]\(([^)#:]+)\)", file.read_text("utf-8")):
        assert (file.parent / target).exists(), target
