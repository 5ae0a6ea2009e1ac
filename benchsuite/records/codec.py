"""Frozen dataclasses to plain JSON data and back, checked against their types; nothing is ever unpickled."""

from __future__ import annotations

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")
_LARGE = 1e6
_LARGEST = 10**300  # what is to be divided must be a float


def to_data(value: Any) -> Any:
    """Plain data of a dataclass. Empty fields are left out; floats keep nine significant digits or more."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((f, getattr(value, f.name)) for f in dataclasses.fields(value))
        return {f.name: to_data(item) for f, item in fields if not _is_empty(f, item)}
    if isinstance(value, Mapping):
        return {str(k): to_data(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [to_data(v) for v in value]
    if isinstance(value, float):
        return _number(value)
    return value


def _number(value: float) -> float | str:
    """JSON has no infinities. Times of day and bytes need every digit; samples do not."""
    if not math.isfinite(value):
        return str(value)
    return value if abs(value) >= _LARGE else float(f"{value:.9g}")


def from_data(kind: type[T], data: Any) -> T:
    """The dataclass `kind` of plain data. Unknown fields are passed over. Raises ValueError naming what is amiss."""
    reader: Callable[[Any, str], T] = _reader(typing.cast("Any", kind))
    return reader(data, kind.__name__)


def _is_empty(f: dataclasses.Field[Any], item: Any) -> bool:
    """Whether `item` says nothing and is what a reader assumes. Other defaults are stored: they may change."""
    if f.default_factory is not dataclasses.MISSING:
        return not item
    return f.default in (None, "", ()) and item == f.default


@functools.cache
def _reader(kind: Any) -> Callable[[Any, str], Any]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return _dataclass_reader(kind)
    if origin in (typing.Union, types.UnionType):
        return _union_reader(arguments)
    if origin is typing.Literal:
        return lambda data, where: data if data in arguments else _misfit(data, f"one of {arguments}", where)
    if origin is not None:
        return _container_reader(origin, arguments)
    if kind is float:
        return _float
    assert isinstance(kind, type), kind
    return lambda data, where: _expect(data, kind, where)


def _dataclass_reader(kind: Any) -> Callable[[Any, str], Any]:
    hints = typing.get_type_hints(kind)
    fields = [(f, _reader(hints[f.name])) for f in dataclasses.fields(kind)]

    def read(data: Any, where: str) -> Any:
        _expect(data, dict, where)
        values = {}
        for f, reader in fields:
            if f.name in data:
                values[f.name] = reader(data[f.name], f"{where}.{f.name}")
            elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
                raise ValueError(f"{where} lacks {f.name!r}")
        return kind(**values)

    return read


def _container_reader(origin: type, arguments: tuple[Any, ...]) -> Callable[[Any, str], Any]:
    if issubclass(origin, Mapping):
        value = _reader(arguments[1])
        return lambda data, where: {k: value(v, f"{where}.{k}") for k, v in _expect(data, dict, where).items()}
    assert origin is tuple, origin
    item = _reader(arguments[0])
    return lambda data, where: tuple(item(v, where) for v in _expect(data, list, where))


def _union_reader(arguments: tuple[Any, ...]) -> Callable[[Any, str], Any]:
    readers = [_reader(a) for a in arguments if a is not types.NoneType]
    optional = types.NoneType in arguments

    def read(data: Any, where: str) -> Any:
        if data is None and optional:
            return None
        for reader in readers[:-1]:
            try:
                return reader(data, where)
            except ValueError:
                continue
        return readers[-1](data, where)

    return read


def _float(data: Any, where: str) -> float:
    if data in ("nan", "inf", "-inf"):
        return float(data)
    if isinstance(data, bool) or not isinstance(data, int | float):
        _misfit(data, "a number", where)
    try:
        return float(data)
    except OverflowError:
        _misfit(data, "a number below 1e308", where)


def _expect(data: Any, kind: type, where: str) -> Any:
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        _misfit(data, kind.__name__, where)
    if isinstance(data, int) and abs(data) > _LARGEST:
        _misfit(data, "a number below 1e300", where)
    return data


def _misfit(data: Any, wanted: str, where: str) -> typing.NoReturn:
    raise ValueError(f"{where} should be {wanted}, not {str(data)[:60]!r}")
