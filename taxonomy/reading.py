"""Reading one taxonomy file: every value is checked, every complaint names file, entry and key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from core.errors import TaxonomyError


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a value stands: file, entry (a tag or gate id), key."""

    file: str
    entry: str = ""
    key: str = ""

    def complain(self, problem: str) -> TaxonomyError:
        """The error for a value at this place."""
        return TaxonomyError(": ".join(part for part in (self.file, self.entry, self.key, problem) if part))

    def at(self, key: str) -> "Place":
        """The place of a key below this one."""
        return Place(file=self.file, entry=self.entry, key=f"{self.key}.{key}" if self.key else key)

    def of(self, entry: str) -> "Place":
        """The place of an entry of this file."""
        return Place(file=self.file, entry=entry)


def load_yaml(path: Path) -> tuple[Any, bytes]:
    """The parsed file and its bytes. Raises TaxonomyError naming file and line."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise TaxonomyError(f"{path.name}: cannot be read ({error.strerror})") from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(raw, Loader=loader), raw  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise TaxonomyError(f"{path.name}{where}: not YAML ({getattr(error, 'problem', error)})") from None


@dataclass(slots=True)
class Fields:
    """The keys of one mapping; `finish` complains about keys nobody asked for."""

    value: Mapping[str, Any]
    place: Place
    used: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, value: object, place: Place) -> "Fields":
        """Fields of a value that must be a mapping."""
        if not isinstance(value, Mapping):
            raise place.complain("expected a mapping")
        return cls(value, place)

    def get(self, key: str) -> Any:
        """The raw value of a key, or None."""
        self.used.add(key)
        return self.value.get(key)

    def text(self, key: str, *, required: bool = False) -> str:
        """A text; numbers are not silently turned into one."""
        value = self.get(key)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or not value.strip():
            raise self.place.at(key).complain("expected a text")
        return value

    def flag(self, key: str) -> bool:
        """A true or false, false when absent."""
        value = self.get(key)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise self.place.at(key).complain("expected true or false")
        return value

    def number(self, key: str, default: int) -> int:
        """A whole number of zero or more."""
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.place.at(key).complain("expected a whole number")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty when absent."""
        value = self.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.place.at(key).complain("expected a list")
        for item in value:
            if not isinstance(item, str) or not item.strip():
                raise self.place.at(key).complain(f"expected texts, found {item!r} (quote it)")
        return tuple(value)

    def entries(self, key: str) -> list[Any]:
        """A list of anything, empty when absent."""
        value = self.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.place.at(key).complain("expected a list")
        return value

    def labels(self, key: str) -> dict[str, str]:
        """A mapping of language to text, with both languages."""
        value = self.get(key)
        if not isinstance(value, Mapping) or not all(
            isinstance(value.get(code), str) for code in ("en", "es")
        ):
            raise self.place.at(key).complain("expected a text for en and for es")
        return {str(code): str(text) for code, text in value.items()}

    def finish(self, *ignored: str) -> None:
        """Complain about unknown keys: a misspelt key must not be lost silently."""
        unknown = sorted(map(str, set(self.value) - self.used - set(ignored)))
        if unknown:
            raise self.place.at(unknown[0]).complain("unknown key")
