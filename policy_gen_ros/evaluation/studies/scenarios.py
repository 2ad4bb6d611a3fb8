# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Make-An-Agent's tasks for a real Go2, as scenarios in the twin.

The paper (Liang et al. 2024, appendix B.3) shows generated actors on video: stable in fast turns
and walking backwards fast, and on uneven ground (mats). It gives no numbers but the turn's, so
those here are ours: turning left at 1.5 rad/s in a curve of 0.3 m/s, backwards at 0.8 m/s, and
0.4 m/s ahead over ground with bumps of up to 4 cm, a seventh of the height of the body.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.domain import follows
from policy_gen_ros.domains.go2.gait.measures import COMMAND_NAMES
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.domains.go2.twin.episode import EPISODE_S
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.evaluation.metrics.intervals import wilson_interval
from policy_gen_ros.policies.weights import ActorWeights


@dataclass(frozen=True)
class Scenario:
    """
    A task: a velocity to follow, and the ground to follow it on.

    :param command: vx m/s, vy m/s, yaw rate rad/s. It is given as it stands, not limited to what
        an actor's gait can keep up with, as the controller would do
    """

    name: str
    command: tuple[float, float, float]
    ground: Perturbation = field(default=NOMINAL)

    @property
    def measures(self) -> dict[str, float]:
        """Return the velocity as measures of a goal, for actors generated for the task."""
        return dict(zip(COMMAND_NAMES, self.command))


SCENARIOS = (
    Scenario('fast turn', (0.3, 0.0, 1.5)),
    Scenario('fast backwards', (-0.8, 0.0, 0.0)),
    Scenario('uneven mat', (0.4, 0.0, 0.0), Perturbation(bumps_m=0.04)))


@dataclass(frozen=True)
class ScenarioScore:
    """
    How actors did in a scenario.

    :param upright: share that stays up to the end, with its 95 % Wilson interval
    :param follows: share that also keeps the velocity as qualified actors of an archive must;
        staying up is easy for whoever stands still
    :param mean_velocity: of those that stay up: vx, vy m/s, yaw rate rad/s; NaN without any
    """

    name: str
    count: int
    upright: float
    upright_interval: tuple[float, float]
    follows: float
    mean_velocity: tuple[float, ...]

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def walk_scenario(scenario: Scenario, actors: Sequence[ActorWeights], adaptor: Adaptor,
                  seed: int = 0, seconds: float = EPISODE_S) -> ScenarioScore:
    """
    Walk every actor through one scenario.

    :raises ValueError: no actors
    """
    if not actors:
        raise ValueError(f'no actors to walk the scenario {scenario.name!r}')
    commands = np.tile(scenario.command, (len(actors), 1))
    results = rollout_actors(actors, adaptor, seconds, commands, seed, scenario.ground)
    survived = np.array([result.survived for result in results])
    velocity = np.array([result.mean_velocity for result in results])
    upright = float(survived.mean())
    mean = velocity[survived].mean(axis=0) if survived.any() else np.full(3, np.nan)
    return ScenarioScore(
        scenario.name, len(results), upright, wilson_interval(upright, len(results)),
        float((survived & follows(velocity, commands)).mean()), tuple(mean.tolist()))
