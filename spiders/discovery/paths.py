"""Dotted paths into JSON: `data.items`, `files.0.url`, `agencies.*.name`, or `.` for all of it."""

from collections.abc import Iterator
from typing import Any

WHOLE = "."


class Missing(LookupError):
    """A step of a path is not there: the step, and the keys that are."""

    def __init__(self, step: str, there: str) -> None:
        super().__init__(f"there is no `{step}`; {there}")


def look_up(value: Any, path: str) -> Any:
    """The value at a path. A `*` step gives a flat list over all members. Raises Missing."""
    steps = [] if path == WHOLE else path.split(".")
    for number, step in enumerate(steps):
        if step == "*":
            return list(_over_all(value, steps[number + 1 :]))
        value = _step(value, step)
    return value


def find(value: Any, path: str | None) -> Any:
    """The value at a path, or None when there is no path or nothing there."""
    if path is None:
        return None
    try:
        return look_up(value, path)
    except Missing:
        return None


def _over_all(value: Any, rest: list[str]) -> Iterator[Any]:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        inner = find(member, ".".join(rest)) if rest else member
        if isinstance(inner, list):
            yield from inner
        elif inner is not None:
            yield inner


def _step(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        if step in value:
            return value[step]
        raise Missing(step, f"the keys there are: {', '.join(map(str, list(value)[:20])) or 'none'}")
    if isinstance(value, list):
        if step.lstrip("-").isdigit() and -len(value) <= int(step) < len(value):
            return value[int(step)]
        raise Missing(step, f"a list of {len(value)} stands there")
    raise Missing(step, f"the value there is {str(value)[:40]!r}")
