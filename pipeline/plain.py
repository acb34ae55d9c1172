"""Values to JSON and back, for the spool: explicit, by a list of known classes, never pickle."""

import base64
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum

from core import dates, event, report, source
from db.visits import Visit
from pipeline import items

_CLASSES: dict[str, type] = {
    cls.__name__: cls
    for module in (dates, event, report, source, items)
    for cls in vars(module).values()
    if isinstance(cls, type) and cls.__module__ == module.__name__
} | {"Visit": Visit}


def to_plain(value: object) -> object:  # noqa: PLR0911 - one line a kind of value
    """A value as JSON can hold it. Raises TypeError for a class that is not of the vocabulary."""
    if isinstance(value, Enum):
        return {"$enum": _name(value), "value": value.value}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, tuple | list):
        return [to_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {"$map": {str(key): to_plain(one) for key, one in value.items()}}
    if is_dataclass(value):
        parts = {one.name: to_plain(getattr(value, one.name)) for one in fields(value)}
        return {"$is": _name(value)} | parts
    raise TypeError(f"{type(value).__name__} cannot be spooled")


def from_plain(plain: object) -> object:  # noqa: PLR0911 - one line a kind of value
    """The value again; every list becomes a tuple. Raises ValueError for what is not one."""
    if isinstance(plain, list):
        return tuple(from_plain(one) for one in plain)
    if not isinstance(plain, dict):
        return plain
    match plain:
        case {"$time": str(written)}:
            return datetime.fromisoformat(written)
        case {"$date": str(written)}:
            return date.fromisoformat(written)
        case {"$bytes": str(written)}:
            return base64.b64decode(written)
        case {"$map": dict(inner)}:
            return {str(key): from_plain(one) for key, one in inner.items()}
        case {"$enum": str(name), "value": chosen}:
            return _class(name)(chosen)
        case {"$is": str(name)}:
            parts = {key: from_plain(one) for key, one in plain.items() if key != "$is"}
            return _class(name)(**parts)
        case _:
            raise ValueError(f"not a spooled value: {str(plain)[:80]}")


def _name(value: object) -> str:
    name = type(value).__name__
    if _CLASSES.get(name) is not type(value):
        raise TypeError(f"{name} cannot be spooled")
    return name


def _class(name: str) -> type:
    if name not in _CLASSES:
        raise ValueError(f"{name} is not a class of a spooled value")
    return _CLASSES[name]


def item_from_plain(plain: object) -> items.WriteItem:
    """A write item again. Raises ValueError when the value is another thing."""
    value = from_plain(plain)
    if not isinstance(value, items.WriteItem):
        raise ValueError(f"{type(value).__name__} is no item to store")
    return value
