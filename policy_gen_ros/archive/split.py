# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What is set aside before any training: regions of behaviour, whole runs, caption templates.

A region is a combination of a group, such as a gait family, and ranges of some measures. A
behaviour lies in one by what was *measured*. An actor is held out when its nominal behaviour lies
in a region or when its run is held out. Behaviours of other actors that lie in a region, and
captions from a held-out template, are not trained on either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.utils.naming import suggest
from policy_gen_ros.utils.paths import share_file

Bounds = tuple[float, float]
_KEYS = ('regions', 'runs', 'caption_templates')


@dataclass(frozen=True)
class Region:
    """
    Behaviours of a group between bounds: lower included, upper not, infinite where open.

    :param group: None for all groups
    :param bounds: of the domain's ``held_out_measures``, in that order
    """

    group: str | None
    bounds: tuple[Bounds, ...]


@dataclass(frozen=True)
class HeldOut:
    """Contents of a domain's file of what is held out, such as ``config/held_out.json``."""

    domain: Domain = field(repr=False, compare=False)
    regions: tuple[Region, ...] = ()
    runs: tuple[str, ...] = ()
    caption_templates: tuple[str, ...] = ()

    @classmethod
    def load(cls, domain: Domain, path: Path | None = None) -> HeldOut:
        """
        Read the file that the package ships for a domain, or another.

        :raises ArchiveError: malformed; the message names the place
        """
        path = path or share_file(domain.held_out_file)
        try:
            return cls.from_json(path.read_text(), domain)
        except ArchiveError as error:
            raise ArchiveError(f'{path}: {error}') from error

    @classmethod
    def from_json(cls, text: str, domain: Domain) -> HeldOut:
        """
        Parse and check.

        :raises ArchiveError: not JSON, unknown keys, an unknown group, or bad bounds
        """
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ArchiveError(f'not JSON: {error}') from error
        _check_keys(raw, _KEYS, '')
        regions = raw.get('regions', [])
        if not isinstance(regions, list):
            raise ArchiveError('regions: expected a list')
        return cls(domain,
                   tuple(_region(item, domain, f'regions[{i}]')
                         for i, item in enumerate(regions)),
                   _names(raw, 'runs'), _names(raw, 'caption_templates'))

    @property
    def sha256(self) -> str:
        """Hash of what is held out; layout and order of keys in the file do not matter."""
        keys = (self.domain.group_word, *self.domain.held_out_measures)
        regions = ', '.join('Region(' + ', '.join(
            f'{key}={value!r}' for key, value in zip(keys, (region.group, *region.bounds))) + ')'
            for region in self.regions)
        comma = ',' if len(self.regions) == 1 else ''
        text = (f'HeldOut(regions=({regions}{comma}), runs={self.runs!r}, '
                f'caption_templates={self.caption_templates!r})')
        return hashlib.sha256(text.encode()).hexdigest()

    def region_of(self, group: np.ndarray, measures: np.ndarray) -> np.ndarray:
        """
        Index of the region that each behaviour lies in, -1 where it lies in none.

        :param group: measured groups. Shape: (...)
        :param measures: Shape: (..., measures)
        :return: Shape: (...)
        """
        index = np.full(group.shape, -1)
        for i, region in enumerate(self.regions):
            inside = np.full(group.shape, True) if region.group is None else group == region.group
            for name, (low, high) in zip(self.domain.held_out_measures, region.bounds):
                value = measures[..., self.domain.measures.index(name)]
                inside = inside & (value >= low) & (value < high)
            index[inside] = i
        return index


def _check_keys(raw: object, known: tuple[str, ...], where: str) -> None:
    if not isinstance(raw, Mapping):
        raise ArchiveError(f'{where or "held-out file"}: expected an object with {list(known)}')
    for key in raw:
        if key not in known:
            place = f'{where}{"." if where else ""}{key}'
            raise ArchiveError(f'{place}: unknown key{suggest(key, known)}')


def _names(raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = raw.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ArchiveError(f'{key}: expected a list of names')
    return tuple(names)


def _region(raw: Any, domain: Domain, where: str) -> Region:
    word = domain.group_word
    keys = (word, *domain.held_out_measures)
    _check_keys(raw, keys, where)
    if len(domain.groups) == 1:  # which need not be said
        raw = {word: domain.groups[0], **raw}
    missing = [key for key in keys if key not in raw]
    if missing:
        raise ArchiveError(f'{where}: missing {", ".join(missing)}')
    if raw[word] not in (None, *domain.groups):
        raise ArchiveError(f'{where}.{word} is {raw[word]!r}, expected one of '
                           + ', '.join(domain.groups))
    return Region(raw[word], tuple(_bounds(raw[name], f'{where}.{name}')
                                   for name in domain.held_out_measures))


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
