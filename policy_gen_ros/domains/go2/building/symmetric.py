# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Policies that do in a mirrored state the mirror image of what they do in the state.

A Go2 is symmetric: left and right may be exchanged in all that a policy sees and does. These
policies are the mean of a network in a state and of the image of the same network in the state's
image, so they are symmetric whatever the weights are, and learn from each state for both (compared
with other ways by Mittal et al. 2024, Symmetry Considerations for Learning Task Symmetric Robot
Policies).

The clock of a gait begins with the touch-down of the left front foot. In the mirror image that is
the right one's, so phases turn with it.
"""

from __future__ import annotations

from collections.abc import Mapping

from policy_gen_ros.domains.go2.building.hidden import ESTIMATED
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.domains.go2.robot.observation import (
    latent_dim_of,
    observation_dim,
    observation_fields,
)
from policy_gen_ros.training.actor_batch import ActorBatch
import torch

_OTHER_LEG = [1, 0, 3, 2]
_OTHER_JOINT = [3 * leg + joint for leg in _OTHER_LEG for joint in range(3)]
_JOINT_SIGN = torch.tensor([-1.0, 1.0, 1.0] * 4)
_VECTOR, _AXIAL = torch.tensor([1.0, -1.0, 1.0]), torch.tensor([-1.0, 1.0, -1.0])
_COMMAND = torch.tensor([1.0, -1.0, -1.0])
_ESTIMATED = torch.tensor([-1.0 if name in ('slope_y', 'vy_mps') else 1.0 for name in ESTIMATED])
_GAITS = {'frequency': 1, 'duty': 4, 'sin': 3, 'cos': 3, 'rest': 4}
"""Features of gait parameters, see :meth:`GaitParameters.features`."""


class SymmetricPolicy(ConditionedPolicy):
    """A base policy that is symmetric. It reads a latent of the first few of :data:`ESTIMATED`."""

    def forward(self, observation: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Actions. Shapes: (n, any), (n, condition) -> (n, 12)."""
        image = super().forward(*mirrored_seen(observation, condition))
        return 0.5 * (super().forward(observation, condition) + mirrored_joints(image))


class SymmetricActors(ActorBatch):
    """Weights of :class:`SymmetricPolicy` side by side, which read a latent of ESTIMATED."""

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Actions. Shape: (actors, states, observation and condition) -> (actors, states, 12)."""
        observed = observation_dim(len(ESTIMATED))
        image = torch.cat(mirrored_seen(x[..., :observed], x[..., observed:]), dim=-1)
        return 0.5 * (super().__call__(x) + mirrored_joints(super().__call__(image)))


def mirrored_joints(values: torch.Tensor) -> torch.Tensor:
    """Mirror values of joints, such as actions. Shape: (..., 12)."""
    return values[..., _OTHER_JOINT] * _JOINT_SIGN


def mirrored_seen(observation: torch.Tensor,
                  condition: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Mirror what a base policy sees.

    :param observation: with a latent of the first few of :data:`ESTIMATED`. Shape: (..., any)
    :param condition: features of gait parameters. Shape: (..., 15)
    """
    latent = latent_dim_of(observation.shape[-1])
    seen = _split(observation, dict(observation_fields(latent)))
    gaits = _split(condition, _GAITS)
    turn = torch.complex(gaits['cos'], gaits['sin'])
    back = turn[..., :1].conj()
    turn = torch.cat([back, turn[..., 2:] * back, turn[..., 1:2] * back], dim=-1)
    clock = torch.complex(seen['clock'][..., 1], seen['clock'][..., 0]) * back[..., 0]
    seen |= {name: mirrored_joints(seen[name]) for name in (
        'joint_pos', 'joint_vel', 'last_action')}
    seen |= {'gravity': seen['gravity'] * _VECTOR, 'ang_vel': seen['ang_vel'] * _AXIAL,
             'command': seen['command'] * _COMMAND,
             'latent': seen['latent'] * _ESTIMATED[:latent],
             'clock': torch.stack([clock.imag, clock.real], dim=-1)}
    gaits |= {'duty': gaits['duty'][..., _OTHER_LEG], 'sin': turn.imag, 'cos': turn.real}
    return torch.cat(list(seen.values()), dim=-1), torch.cat(list(gaits.values()), dim=-1)


def _split(values: torch.Tensor, sizes: Mapping[str, int]) -> dict[str, torch.Tensor]:
    return dict(zip(sizes, values.split(list(sizes.values()), dim=-1), strict=True))
