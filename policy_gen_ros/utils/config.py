# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Configurations: frozen, typed dataclasses that reject unknown keys, read and written as YAML.

A configuration is declared with :func:`configuration`; pydantic checks its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, TYPE_CHECKING, TypeVar

from policy_gen_ros.utils.naming import suggest
from policy_gen_ros.utils.yaml_files import read_yaml_file
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as _dataclass
import yaml

_Config = TypeVar('_Config')

Count = Annotated[int, Field(ge=1)]
NotNegativeCount = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]

if TYPE_CHECKING:
    from dataclasses import dataclass as configuration
else:
    def configuration(frozen: bool = True):
        """Declare a configuration: a dataclass whose values are checked."""
        return _dataclass(frozen=frozen, config=ConfigDict(extra='forbid'))


class ConfigError(ValueError):
    """A setting that there is not, or a value that it cannot have. The message names it."""


class UnknownKeyError(ConfigError):
    """Settings of another version, or of something else."""


def to_dict(config: Any) -> dict[str, Any]:
    """All settings by name, nested as the configurations are; only what JSON and YAML know."""
    plain: dict[str, Any] = TypeAdapter(type(config)).dump_python(config, mode='json')
    return plain


def to_yaml(config: Any) -> str:
    """Return what :func:`read_yaml` reads."""
    return yaml.safe_dump(to_dict(config), sort_keys=False)


def read_yaml(path: Path, base: _Config) -> _Config:
    """
    Read settings from a file; those that it leaves out are as in another configuration.

    :raises ConfigError: no YAML, an unknown setting, or a value that it cannot have
    """
    try:
        raw = read_yaml_file(path)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    if raw is not None and not isinstance(raw, Mapping):
        raise ConfigError(f'{path}: expected settings by name')
    try:
        return updated(base, raw or {})
    except ConfigError as error:
        raise ConfigError(f'{path}: {error}') from error


def override(base: _Config, settings: Mapping[str, str]) -> _Config:
    """
    Change settings that are given as text.

    :param settings: name -> value as YAML; parts of a nested name are joined by dots
    :raises ConfigError: an unknown setting, or a value that it cannot have
    """
    nested: dict[str, Any] = {}
    for name, value in settings.items():
        *outer, last = name.split('.')
        place = nested
        for part in outer:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise ConfigError(f'{name}: {part} is set as a whole, too')
        try:
            place[last] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise ConfigError(f'{name}: {value!r:.80} is not a value') from None
    return updated(base, nested)


def updated(base: _Config, changes: Mapping[str, Any]) -> _Config:
    """
    Return a configuration with other values.

    :param changes: by name, nested as the configurations are
    :raises ConfigError: an unknown setting, or a value that it cannot have
    """
    return checked(type(base), _merged(base, changes, ''))


def checked(kind: type[_Config], raw: object, inside: str = '') -> _Config:
    """
    Return a configuration made of plain data, such as the header of a file.

    :param raw: values by name, nested as the configurations are
    :param inside: place of the values, with a dot at its end, for messages
    :raises UnknownKeyError: it has keys that the configuration has not
    :raises ConfigError: a value is missing, or is one that it cannot have
    """
    try:
        return TypeAdapter(kind).validate_python(raw)
    except ValidationError as error:
        wrong = error.errors()
    unknown = sorted(inside + '.'.join(map(str, each['loc'])) for each in wrong
                     if each['type'] == 'unexpected_keyword_argument')
    if unknown:
        raise UnknownKeyError(f'unknown keys {unknown}')
    first = wrong[0]
    name = (inside + '.'.join(map(str, first['loc']))).removesuffix('.') or 'settings'
    message = first['msg'].removeprefix('Value error, ')
    given = '' if first['type'] == 'missing' or not first['loc'] else f' is {first["input"]!r:.80}'
    raise ConfigError(f'{name}{given}: {message}')


def _merged(base: Any, changes: Mapping[str, Any], inside: str) -> dict[str, Any]:
    known = [field.name for field in fields(base)]
    result = {name: getattr(base, name) for name in known}
    for name, value in changes.items():
        if name not in known:
            raise ConfigError(f'unknown setting {inside}{name}{suggest(name, known)}')
        if is_dataclass(result[name]):
            if not isinstance(value, Mapping):
                raise ConfigError(f'{inside}{name} has settings of its own, such as '
                                  f'{inside}{name}.{fields(result[name])[0].name}')
            result[name] = _merged(result[name], value, f'{inside}{name}.')
        else:
            result[name] = value
    return {name: asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
            for name, value in result.items()}
