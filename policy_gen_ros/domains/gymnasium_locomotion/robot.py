# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What a robot of Gymnasium's locomotion benchmark is. Needs no simulator.

Each domain of this family is one :class:`Robot`, its words, and what it ships.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from policy_gen_ros.domains.measures import Measure, Measures

EPISODE_STEPS = 1000
"""Length of the benchmark's episodes, whose sum of rewards is the return."""
TRAJECTORY_ROWS = 200
"""Stored of each policy."""
ACTION_LIMIT = 1.0
HIDDEN, ACTIVATION = (128, 128), 'tanh'
USED = 0.25
"""Share of time on the ground from which on a foot is used."""
GRID_BINS = {2: 50, 4: 10}
"""Cells of a grid along each contact, by the number of feet: as in the archives of PPGA (Batra et
al. 2024), which Policy Diffusion distils."""
_CONTACT: dict[str, Any] = {
    'unit': 'share of time', 'low': 0.0, 'high': 1.0, 'centre': 0.5, 'spread': 0.25,
    'noise': 0.02, 'tolerance': 0.05, 'weight': 1.0, 'grid': True, 'bounded': True}

OfState = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Of MuJoCo's positions and velocities of robots. Shapes: (n, nq), (n, nv) -> (n, ...)."""


@dataclass(frozen=True)
class Foot:
    """A foot by the name that measures and gaits have, and the geom of the model that it is."""

    name: str
    geom: str


@dataclass(frozen=True)
class Gait:
    """
    A gait by the feet that it uses.

    :param used: sets of feet, each of which makes this gait: a character for each of the robot's
        feet, 1 where it is used and 0 where not
    """

    name: str
    used: tuple[str, ...]


def two_footed(first: str, second: str) -> tuple[Gait, ...]:
    """Return the gaits of a robot with two feet of these names."""
    return (Gait('both feet', ('11',)), Gait(f'{first} foot', ('10',)),
            Gait(f'{second} foot', ('01',)), Gait('neither foot', ('00',)))


@dataclass(frozen=True)
class Mirror:
    """
    Symmetry of a robot whose sides are the same: where each value of the mirrored robot is.

    :param feet, observation, action: places of the values, in the order of the mirrored robot
    :param negated_observation, negated_action: places in the mirrored robot of the values that
        have the other sign there
    """

    feet: tuple[int, ...]
    observation: tuple[int, ...]
    action: tuple[int, ...]
    negated_observation: tuple[int, ...] = ()
    negated_action: tuple[int, ...] = ()


@dataclass(frozen=True)
class Robot:
    """
    A robot with feet, and its environment in Gymnasium, of which it has all constants.

    Policies see observations of about unit scale. One pair of constants brings them there, in
    training, in rollouts and in stored trajectories.

    :param name: of the domain
    :param model: file among Gymnasium's models
    :param feet: in the order of the contact measures
    :param gaits: one for each set of feet
    :param substeps: physics steps of a control period
    :param speed: the measure of the forward speed
    :param observe: Gymnasium's observation
    :param sees_bodies: whether what :class:`.bodies.Bodies` says follows in an observation; the
        forward speed is then the centre of mass's, as in Gymnasium, not that of the first body
    :param observation_mean, observation_spread: mean and standard deviation of what a policy meets
        while PPO trains it for the benchmark's reward
    :param reset_noise: of first states; that of velocities is uniform or normal
    :param healthy: whether the episode goes on; None where nothing ends it
    :param healthy_reward, speed_reward, control_cost: weights in the benchmark's reward, of a
        control step, 1 m/s, and the sum of squared actions
    :param control_limit: the model's control where an action is 1
    :param mirror: of a robot whose sides are the same
    :param settle_steps: after which behaviour is measured: before, the robot gathers speed
    :param training_steps: length of the episodes that training a bundle runs
    :param good_reward: a control step, of a good policy: it makes rewards and contacts comparable
    """

    name: str
    model: str
    feet: tuple[Foot, ...]
    gaits: tuple[Gait, ...]
    control_dt_s: float
    substeps: int
    action_dim: int
    speed: Measure
    observe: OfState
    observation_mean: tuple[float, ...]
    observation_spread: tuple[float, ...]
    reset_noise: float
    reset_velocity: Literal['uniform', 'normal']
    control_cost: float
    healthy: OfState | None = None
    healthy_reward: float = 0.0
    speed_reward: float = 1.0
    control_limit: float = 1.0
    sees_bodies: bool = False
    mirror: Mirror | None = None
    settle_steps: int = 50
    training_steps: int = 500
    good_reward: float = 4.0

    @property
    def observation_dim(self) -> int:
        """Size of an observation."""
        return len(self.observation_mean)

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units of each layer of a policy, the input's first."""
        return (self.observation_dim, *HIDDEN, self.action_dim)

    @property
    def contact_names(self) -> tuple[str, ...]:
        """Names of the contact measures."""
        return tuple(f'contact_{foot.name}' for foot in self.feet)

    @cached_property
    def measures(self) -> Measures:
        """Contact of each foot, then the forward speed."""
        return Measures(*(Measure(name, **_CONTACT) for name in self.contact_names), self.speed)

    @property
    def grid_bins(self) -> int:
        """Cells of a grid along each contact."""
        return GRID_BINS[len(self.feet)]

    @property
    def gait_names(self) -> tuple[str, ...]:
        """Names of the gaits."""
        return tuple(gait.name for gait in self.gaits)

    def gait_of(self, measures: np.ndarray) -> np.ndarray:
        """
        Return the gait of each behaviour, ``none`` without any.

        Shape: (..., measures) -> (...)
        """
        contact = measures[..., :len(self.feet)]
        used = (contact >= USED) @ (1 << np.arange(len(self.feet))[::-1])
        return np.where(np.isfinite(contact).all(axis=-1), self._gait_by_feet[used], 'none')

    @cached_property
    def _gait_by_feet(self) -> np.ndarray:
        """Name of the gait of each set of feet, which are the digits of a binary number."""
        names = {int(feet, 2): gait.name for gait in self.gaits for feet in gait.used}
        return np.array([names[feet] for feet in range(2 ** len(self.feet))])
