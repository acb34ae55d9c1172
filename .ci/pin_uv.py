"""Write the versions of requirements.lock into pyproject.toml, so that `uv run` installs the same.

uv's own lock file carries addresses of the index it was made with, which this repository never does.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "# constraints from requirements.lock: begin\n", "# constraints: end\n"


def pins(lock: str) -> list[str]:
    """`name==version ; marker` for every package of a hashed requirements file."""
    lines = (line.rstrip("\\ ").strip() for line in lock.splitlines() if re.match(r"[a-z0-9]", line))
    return [line.replace('"', "'") for line in lines]


def section(lock: str) -> str:
    """The [tool.uv] table between its two marks."""
    rows = "".join(f'  "{pin}",\n' for pin in pins(lock))
    return f"{BEGIN}[tool.uv]\nconstraint-dependencies = [\n{rows}]\n{END}"


def main() -> None:
    """Replace the marked section of pyproject.toml, or append it."""
    project = ROOT / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    fresh = section((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    if BEGIN in text:
        text = text[: text.index(BEGIN)] + fresh + text[text.index(END) + len(END) :]
    else:
        text = text.rstrip("\n") + "\n\n" + fresh
    project.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
