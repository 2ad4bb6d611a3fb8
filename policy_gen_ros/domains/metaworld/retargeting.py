# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
States around demonstrations, and what to do there, for a policy to be cloned from one prompt.

As in MimicGen (Mandlekar et al. 2023), a demonstration moves along with what the hand moves about:
object and goal stand elsewhere, the hand begins where it did and meets them where they are now.
As in DART (Laskey et al. 2017), the hand is put beside its way, and its action leads back. Neither
needs a simulator: both are arithmetic on one trajectory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from policy_gen_ros.domains.metaworld.constants import scaled
from policy_gen_ros.domains.metaworld.demonstration import read_demonstration, STEP_M
from policy_gen_ros.utils.config import configuration, NotNegative, NotNegativeCount, Share
from pydantic import Field
import torch
from torch import Tensor

_LARGEST_SPEED = 0.012
"""Of hand and object (m in a control period); where they jump, they were placed."""
_OPENING_NOISE = 0.05


@configuration(frozen=True)
class RetargetingConfig:
    """
    How far from a demonstration states are drawn. Lengths in metres.

    :param reach: largest shift of object and goal along x and y
    :param lift: along z, of tasks in which the object moves
    :param lowest_goal, highest_goal: shift of the goal along z where the object does not move
    :param apart: share of states in which the goal is shifted otherwise than the object
    :param near, far: standard deviations of the hand's place beside its way
    :param near_share, far_share: of states with either; in all others the hand is on its way
    :param gain: of the motion back, in actions per metre
    :param speed_noise: of the hand's motion in the last control period
    :param lag: rows by which the object lags behind the hand, at most, where contact was inferred.
        Without it, policies stop where the hand should have met the object and has not
    """

    reach: NotNegative = 0.1
    lift: NotNegative = 0.02
    lowest_goal: Annotated[float, Field(le=0)] = -0.05
    highest_goal: NotNegative = 0.2
    apart: Share = 0.3
    near: NotNegative = 0.02
    far: NotNegative = 0.06
    near_share: Share = 0.5
    far_share: Share = 0.3
    gain: NotNegative = 15.0
    speed_noise: NotNegative = 0.004
    lag: NotNegativeCount = 8


class Retargeting:
    """
    Draws states and actions around the demonstrations of several prompts.

    :param trajectories: one for each policy that is to be cloned. Shape: (n, 63, 43)
    """

    def __init__(self, trajectories: Sequence[np.ndarray] | np.ndarray,
                 config: RetargetingConfig | None = None) -> None:
        self._config = config or RetargetingConfig()
        columns = [_columns(rows, self._config.lag) for rows in trajectories]
        longest = max(len(each['hand']) for each in columns)
        self._columns = {name: torch.from_numpy(np.stack([np.pad(
            each[name], ((0, longest - len(each[name])), (0, 0)), mode='edge')
            for each in columns])).float() for name in columns[0]}
        self._there = torch.tensor([[float(row < len(each['hand'])) for row in range(longest)]
                                    for each in columns])

    def draw(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """
        Draw states of each demonstration, and what its policy is to do in them.

        :return: as policies see them and act. Shapes: (n, count, 39), (n, count, 4)
        """
        config, shape = self._config, (len(self._there), count)

        def uniform(size: int, low: float = 0.0, high: float = 1.0) -> Tensor:
            return low + (high - low) * torch.rand(*shape, size, generator=generator)

        def normal(size: int) -> Tensor:
            return torch.randn(*shape, size, generator=generator)

        row = torch.multinomial(self._there, count, replacement=True, generator=generator)
        at = self._take(row)
        late = self._take(row - ((at['lag'] + 1) * uniform(1)).floor().long()[..., 0])
        moves = at['moves_object'] > 0

        def shift() -> Tensor:
            along = uniform(2, -config.reach, config.reach)
            low, free = uniform(1, -config.lift, config.lift), uniform(
                1, config.lowest_goal, config.highest_goal)
            return torch.cat([along, torch.where(moves, low, free)], dim=-1)

        of_object, of_goal = shift(), shift()
        of_goal = torch.where((uniform(1) < config.apart) | ~moves, of_goal, of_object)
        of_object = torch.where(moves, of_object, of_object * torch.tensor([1.0, 1.0, 0.0]))
        # What the hand moves about: first the object, and with it the goal.
        anchor = torch.lerp(of_object, of_goal, at['progress'])
        kind = uniform(1)
        spread = torch.where(kind > 1 - config.far_share, config.far, torch.where(
            kind > 1 - config.far_share - config.near_share, config.near, 0.0))
        aside = spread * normal(3)
        hand = at['hand'] + at['approach'] * anchor + aside
        motion = at['actions'][..., :3] + at['turning'] * anchor / STEP_M - config.gain * aside
        motion = motion / motion.abs().amax(-1, keepdim=True).clamp(min=1.0)
        # A policy must not tell its action from how the hand moves already.
        speed = torch.lerp(at['speed'], STEP_M * motion, uniform(1)) \
            + config.speed_noise * normal(3)
        carried = torch.where(moves, torch.lerp(of_object, of_goal, late['progress']), of_object)
        lies = late['object'] + carried
        opening = at['opening'] + _OPENING_NOISE * normal(1)
        rest = torch.cat([late['quaternion'], torch.zeros(*shape, 7)], dim=-1)
        state = torch.cat([hand, opening, lies, rest,
                           hand - speed, opening, lies - late['object_speed'], rest,
                           at['goal'] + of_goal], dim=-1)
        seen = torch.from_numpy(scaled(state.numpy()))
        return seen, torch.cat([motion, at['actions'][..., 3:]], dim=-1)

    def _take(self, row: Tensor) -> dict[str, Tensor]:
        return {name: values.gather(1, row[..., None].expand(-1, -1, values.shape[2]))
                for name, values in self._columns.items()}


def _columns(trajectory: np.ndarray, lag: int) -> dict[str, np.ndarray]:
    """Return what draws need of each row of a demonstration. Shapes: (time, any)."""
    shown = read_demonstration(trajectory)
    states, approach = shown.states, shown.approach
    row, lies = np.arange(len(states)), states.object
    return {
        'hand': states.hand, 'opening': states.opening, 'object': lies,
        'quaternion': states.quaternion, 'actions': states.actions,
        'speed': _speed(states.hand), 'object_speed': _speed(lies),
        'approach': approach[:, None], 'turning': np.gradient(approach)[:, None],
        'progress': shown.progress[:, None], 'lag': np.clip(row - shown.guessed, 0, lag)[:, None],
        'moves_object': np.full((len(states), 1), float(shown.moves_object)),
        'goal': np.repeat(shown.goal[None], len(states), axis=0)}


def _speed(places: np.ndarray) -> np.ndarray:
    return np.clip(np.diff(places, axis=0, prepend=places[:1]), -_LARGEST_SPEED, _LARGEST_SPEED)
