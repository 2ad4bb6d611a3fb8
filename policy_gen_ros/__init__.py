# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
policy_gen_ros: a diffusion model generates the weights of locomotion policies for a Unitree Go2.

The names below are the public Python interface; they load on first use, so that importing the
package needs neither torch nor a simulator.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, TYPE_CHECKING

from policy_gen_ros.utils import caches  # noqa: F401 - before any library that has caches

if TYPE_CHECKING:
    from policy_gen_ros.domains.go2.twin.rollout import rollout
    from policy_gen_ros.generation.generator import PolicyGenerator
    from policy_gen_ros.goals.goal import Goal
    from policy_gen_ros.policies.weights import ActorWeights

__version__ = '0.1.0'
__all__ = ['ActorWeights', 'Goal', 'PolicyGenerator', 'rollout']

_HOMES = {'ActorWeights': 'policies.weights', 'Goal': 'goals.goal',
          'PolicyGenerator': 'generation.generator', 'rollout': 'domains.go2.twin.rollout'}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f'policy_gen_ros.{_HOMES[name]}'), name)
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
