"""A YAML file read so that every value knows its line, and nothing in it is silently lost."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import yaml

LARGEST_FILE = 256 * 1024
DEEPEST = 20

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing wrong with one source file; `line` counts from 1."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:"
        return f"{where} {self.key}: {self.message}" if self.key else f"{where} {self.message}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """The content of a file, the line of every key, and what was wrong with its YAML."""

    data: dict[str, Any]
    lines: dict[Path, int]
    problems: tuple[Problem, ...]

    def line(self, path: Path) -> int:
        """The line of a key, or of the nearest one above it that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _Reader:
    """Walks one YAML node tree. Built by hand because the stock loader drops lines and duplicates."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._scalars = yaml.SafeLoader("")

    def complain(self, node: yaml.Node, path: Path, message: str) -> None:
        self.problems.append(Problem(file=self.file, line=_line(node), key=dotted(path), message=message))

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, _line(node))
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, number)) for number, child in enumerate(node.value)]
        try:
            return self._scalars.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            self.complain(node, path, f"cannot be read as a value ({_first_line(error)}); put it in quotes")
            return None

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self.key(key_node, path)
            if key is None:
                continue
            place = (*path, key)
            if key in data:
                first = self.lines[place]
                self.complain(key_node, place, f"stands twice, first on line {first}; keep one")
                continue
            self.lines[place] = _line(key_node)
            data[key] = self.value(value_node, place)
        return data

    def key(self, node: yaml.Node, path: Path) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self.complain(node, path, "a key must be plain text")
            return None
        return str(node.value)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _first_line(error: Exception) -> str:
    problem = getattr(error, "problem", None)
    return str(problem or error).splitlines()[0]


def dotted(path: tuple[Hashable, ...]) -> str:
    """`("feed", "urls", 0)` as a person writes it: `feed.urls[0]`."""
    written = ""
    for part in path:
        written += f"[{part}]" if isinstance(part, int) else f".{part}" if written else str(part)
    return written


class _Broken(Exception):
    """The text is not one YAML mapping: the line and the reason."""


def _node(text: str) -> yaml.Node | None:
    """The root node of a text that nests sanely and has no aliases, by the quick parser where there is one.

    A text with a fault is parsed again by the one written in Python, whose messages people understand.
    """
    quick = getattr(yaml, "CSafeLoader", None)
    if quick is not None:
        try:
            _check_events(text, quick)
            return yaml.compose(text, Loader=quick)
        except yaml.YAMLError:
            pass
    _check_events(text, yaml.SafeLoader)
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _check_events(text: str, loader: Any) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = event.start_mark.line + 1 if event.start_mark else 1
        if depth > DEEPEST:
            raise _Broken(line, f"nested more than {DEEPEST} levels deep, which no source file needs")
        if isinstance(event, yaml.AliasEvent):
            raise _Broken(line, f"the alias *{event.anchor} is not read here; write the value out")


def _compose(text: str) -> yaml.MappingNode:
    if len(text) > LARGEST_FILE:
        raise _Broken(1, f"the file has {len(text):,} characters; a source file is under {LARGEST_FILE:,}")
    try:
        node = _node(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _Broken(mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _Broken(line, f"not YAML: the character {error.character!r} is not allowed") from None
    if node is None:
        raise _Broken(1, "the file is empty; it needs at least a name, a type, a country and a feed")
    if not isinstance(node, yaml.MappingNode):
        raise _Broken(_line(node), "expected `key: value` lines, one for each property of the source")
    return node


def read_document(text: str, file: str) -> Document:
    """Read one YAML mapping. Never raises for bad YAML: the problems say what is wrong and where."""
    try:
        node = _compose(text)
    except _Broken as broken:
        line, message = broken.args
        problem = Problem(file=file, line=line, key="", message=message)
        return Document(data={}, lines={}, problems=(problem,))
    reader = _Reader(file)
    data = reader.mapping(node, ())
    return Document(data=data, lines=reader.lines, problems=tuple(reader.problems))
