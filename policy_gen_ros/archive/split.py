# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What is set aside before any training: regions of behaviour, whole runs, caption templates.

A region is a combination of gait family, stepping frequency, forward speed and body height. A
behaviour lies in one by what was *measured*. An actor is held out when its nominal behaviour lies
in a region or when its run is held out. Behaviours of other actors that lie in a region, and
captions from a held-out template, are not trained on either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES, MEASURE_NAMES
from policy_gen_ros.utils.naming import near
from policy_gen_ros.utils.paths import share_file

HELD_OUT_FILE = 'config/held_out.json'
Bounds = tuple[float, float]


@dataclass(frozen=True)
class Region:
    """Behaviours of one family between bounds: lower included, upper not, infinite where open."""

    family: str
    frequency_hz: Bounds
    vx_mps: Bounds
    body_height_m: Bounds

    def contains(self, family: np.ndarray, measures: np.ndarray) -> np.ndarray:
        """
        Which behaviours lie in the region.

        :param family: measured gait families. Shape: (...)
        :param measures: in the order of MEASURE_NAMES. Shape: (..., 13)
        :return: Shape: (...), bool
        """
        inside = family == self.family
        for name in ('frequency_hz', 'vx_mps', 'body_height_m'):
            low, high = getattr(self, name)
            value = measures[..., MEASURE_NAMES.index(name)]
            inside = inside & (value >= low) & (value < high)
        return inside


@dataclass(frozen=True)
class HeldOut:
    """Contents of ``config/held_out.json``."""

    regions: tuple[Region, ...] = ()
    runs: tuple[str, ...] = ()
    caption_templates: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path | None = None) -> HeldOut:
        """
        Read the file that the package ships, or another.

        :raises ArchiveError: malformed; the message names the place
        """
        path = path or share_file(HELD_OUT_FILE)
        try:
            return cls.from_json(path.read_text())
        except ArchiveError as error:
            raise ArchiveError(f'{path}: {error}') from error

    @classmethod
    def from_json(cls, text: str) -> HeldOut:
        """
        Parse and check.

        :raises ArchiveError: not JSON, unknown keys, an unknown family, or bad bounds
        """
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ArchiveError(f'not JSON: {error}') from error
        _check_keys(raw, cls, '')
        regions = raw.get('regions', [])
        if not isinstance(regions, list):
            raise ArchiveError('regions: expected a list')
        return cls(tuple(_region(item, f'regions[{i}]') for i, item in enumerate(regions)),
                   _names(raw, 'runs'), _names(raw, 'caption_templates'))

    @property
    def sha256(self) -> str:
        """Hash of what is held out; layout and order of keys in the file do not matter."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def region_of(self, family: np.ndarray, measures: np.ndarray) -> np.ndarray:
        """
        Index of the region that each behaviour lies in, -1 where it lies in none.

        Shapes: (...), (..., 13) -> (...)
        """
        index = np.full(family.shape, -1)
        for i, region in enumerate(self.regions):
            index[region.contains(family, measures)] = i
        return index


def _check_keys(raw: object, cls: type, where: str) -> None:
    known = [f.name for f in fields(cls)]
    if not isinstance(raw, Mapping):
        raise ArchiveError(f'{where or "held-out file"}: expected an object with {known}')
    for key in raw:
        if key not in known:
            place = f'{where}{"." if where else ""}{key}'
            raise ArchiveError(f'{place}: unknown key{near(key, known)}')


def _names(raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = raw.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ArchiveError(f'{key}: expected a list of names')
    return tuple(names)


def _region(raw: Any, where: str) -> Region:
    _check_keys(raw, Region, where)
    missing = [f.name for f in fields(Region) if f.name not in raw]
    if missing:
        raise ArchiveError(f'{where}: missing {", ".join(missing)}')
    if raw['family'] not in GAIT_FAMILIES:
        raise ArchiveError(f'{where}.family is {raw["family"]!r}, expected one of '
                           + ', '.join(GAIT_FAMILIES))
    bounds = {name: _bounds(raw[name], f'{where}.{name}')
              for name in ('frequency_hz', 'vx_mps', 'body_height_m')}
    return Region(raw['family'], **bounds)


def _bounds(raw: Any, where: str) -> Bounds:
    fits = isinstance(raw, list) and len(raw) == 2 and all(
        value is None or (isinstance(value, (int, float)) and -1e6 < value < 1e6)
        for value in raw)
    if not fits:
        raise ArchiveError(f'{where} is {raw!r:.60}, expected [low, high], null where open')
    low = -math.inf if raw[0] is None else float(raw[0])
    high = math.inf if raw[1] is None else float(raw[1])
    if not low < high:
        raise ArchiveError(f'{where}: the lower bound {low:g} is not below {high:g}')
    return low, high
