"""Frozen values to JSON and back by their own fields: the details of an entry have many, of a few plain kinds."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


class WrongValue(ValueError):  # noqa: N818 - names what the value is
    """Raised when a JSON value does not fit its field: the path of the field and what is expected there."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: {expected}")
        self.path = path
        self.expected = expected


def to_json(value: object) -> Any:
    """Return a frozen value as JSON values, without the fields that are empty."""
    if is_dataclass(value):
        written = {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
        return {name: inner for name, inner in written.items() if inner is not None and inner != []}
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value


def from_json(kind: type[T], value: object, path: str) -> T:
    """Return the value of a frozen class that a JSON object describes; raise WrongValue with the path of the wrong field."""
    if not isinstance(value, Mapping):
        raise WrongValue(path, "not_an_object")
    hints = _hints(kind)  # type: ignore[arg-type]
    for key in value:
        if key not in hints:
            raise WrongValue(f"{path}.{key}", "unknown_key")
    found = {name: _read(hints[name], inner, f"{path}.{name}") for name, inner in value.items()}
    try:
        return kind(**found)
    except TypeError:
        missing = next(name for name in hints if name not in found)
        raise WrongValue(f"{path}.{missing}", "missing") from None


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(hint: Any, value: object, path: str) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        inner = next(option for option in get_args(hint) if option is not type(None))
        return None if value is None else _read(inner, value, path)
    if get_origin(hint) is tuple:
        if not isinstance(value, (list, tuple)):
            raise WrongValue(path, "not_a_list")
        return tuple(_read(get_args(hint)[0], item, f"{path}[{rank}]") for rank, item in enumerate(value))
    if is_dataclass(hint):
        return from_json(hint, value, path)  # type: ignore[arg-type]
    return _plain(hint, value, path)


def _plain(hint: Any, value: object, path: str) -> Any:
    if hint is bool or hint is int:
        if type(value) is not hint:
            raise WrongValue(path, "not_a_boolean" if hint is bool else "not_a_number")
        return value
    if not isinstance(value, str):
        raise WrongValue(path, "not_text")
    if hint is str:
        return value
    try:
        return date.fromisoformat(value) if hint is date else hint(value)
    except ValueError:
        raise WrongValue(path, "not_a_date" if hint is date else "unknown_value") from None
