# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Reading JSON objects strictly into dataclasses: every message names the place and the cure.

Users write these specs by hand. pydantic, which checks our own configurations, says neither which
key is nearest to a misspelt one nor what a term of an observation may have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, MISSING
from typing import Any

from policy_gen_ros.utils.naming import suggest

Convert = Callable[[object, str], Any]
"""A JSON value and the name of its place -> the checked value."""
MAX_TEXT = 500


class ForeignSpecError(ValueError):
    """A spec that is malformed, or that the twin cannot honour. The message says where."""


def build(cls: type, raw: object, where: str, converters: Mapping[str, Convert]) -> Any:
    """
    Make a dataclass of a JSON object, field by field.

    :param where: place of the object, with a dot at its end; empty for the file itself
    :raises ForeignSpecError: unknown or missing keys, or a value that its converter refuses
    """
    if not isinstance(raw, dict):
        raise ForeignSpecError(f'{where or "spec"}: expected an object, got {raw!r:.40}')
    known = tuple(f.name for f in fields(cls))
    for key in raw:
        if key not in known:
            raise ForeignSpecError(f'{where}unknown key {key!r:.40}{suggest(key, known)}')
    missing = [f.name for f in fields(cls) if f.default is MISSING and f.name not in raw]
    if missing:
        raise ForeignSpecError(f'{where}missing: {", ".join(missing)}')
    return cls(**{key: converters[key](value, f'{where}{key}') for key, value in raw.items()})


def number(low: float, high: float) -> Convert:
    """Return a converter of numbers in a range; NaN is in none."""
    def convert(value: object, where: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) \
                or not low <= value <= high:
            raise ForeignSpecError(f'{where} is {value!r:.40}, expected a number from {low:g} to '
                                   f'{high:g}')
        return float(value)
    return convert


def whole(low: int, high: int) -> Convert:
    """Return a converter of whole numbers in a range."""
    def convert(value: object, where: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ForeignSpecError(f'{where} is {value!r:.40}, expected a whole number from {low} '
                                   f'to {high}')
        return value
    return convert


def text(value: object, where: str) -> str:
    """Convert a string."""
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise ForeignSpecError(f'{where} is {value!r:.40}, expected a text')
    return value


def choice(*options: str) -> Convert:
    """Return a converter of names from a closed list."""
    def convert(value: object, where: str) -> str:
        if value not in options:
            raise ForeignSpecError(f'{where}: unknown {value!r:.40}{suggest(value, options)}')
        return str(value)
    return convert


def listed(item: Convert, low: int, high: int) -> Convert:
    """Return a converter of lists of ``low`` to ``high`` items."""
    def convert(value: object, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list) or not low <= len(value) <= high:
            count = f'{low}' if low == high else f'{low} to {high}'
            raise ForeignSpecError(f'{where} is {value!r:.40}, expected a list of {count}')
        return tuple(item(part, f'{where}[{i}]') for i, part in enumerate(value))
    return convert


def repeated(item: Convert, count: int) -> Convert:
    """Return a converter of one value for all, or of a list with one for each of ``count``."""
    def convert(value: object, where: str) -> tuple[Any, ...]:
        values = value if isinstance(value, list) else [value] * count
        return listed(item, count, count)(values, where)  # type: ignore[no-any-return]
    return convert


def optional(item: Convert) -> Convert:
    """Return a converter that lets null be None."""
    return lambda value, where: None if value is None else item(value, where)
