# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The domains that there are: those of the package, and those of installed plug-ins."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from policy_gen_ros.utils.naming import suggest

if TYPE_CHECKING:
    from policy_gen_ros.domains.domain import Domain

ENTRY_POINTS = 'policy_gen_ros.domains'
"""Group of entry points in which another package names its domains, each a subclass of Domain."""
DEFAULT = 'go2'
_OWN = {'go2': 'policy_gen_ros.domains.go2.domain:Go2',
        'halfcheetah': 'policy_gen_ros.domains.halfcheetah.domain:HalfCheetah',
        'walker2d': 'policy_gen_ros.domains.walker2d.domain:Walker2d',
        'ant': 'policy_gen_ros.domains.ant.domain:Ant',
        'humanoid': 'policy_gen_ros.domains.humanoid.domain:Humanoid',
        'metaworld': 'policy_gen_ros.domains.metaworld.domain:MetaWorld'}


class DomainError(ValueError):
    """A domain that is not known, or whose packages are not installed."""


def domain_names() -> tuple[str, ...]:
    """Return the names of all domains."""
    return (*_OWN, *(point.name for point in _plugins()))


@lru_cache(maxsize=None)  # noqa: UP033 - Python 3.8 of Isaac Gym has no cache
def find_domain(name: str = DEFAULT) -> Domain:
    """
    Return a domain by its name.

    :raises DomainError: there is none of that name
    """
    if name in _OWN:
        module, _, cls = _OWN[name].partition(':')
        made: Domain = getattr(import_module(module), cls)()
        return made
    for point in _plugins():
        if point.name == name:
            found: Domain = point.load()()
            return found
    raise DomainError(f'unknown domain {name!r}{suggest(name, domain_names())}')


def _plugins():
    found = entry_points()
    if hasattr(found, 'select'):
        return tuple(found.select(group=ENTRY_POINTS))
    return tuple(found.get(ENTRY_POINTS, ()))  # Python 3.8 and 3.9
