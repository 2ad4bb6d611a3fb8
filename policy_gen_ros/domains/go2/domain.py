# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The Go2 as a domain: gaits of actors that follow a velocity command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TYPE_CHECKING

import numpy as np
from policy_gen_ros.domains.domain import (
    ArchiveField,
    CaptionModel,
    Domain,
    Episode,
    Rollout,
)
from policy_gen_ros.domains.extras import Control
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.gait.measures import (
    BETWEEN_FAMILIES_CYCLES,
    COMMAND_NAMES,
    family_distances,
    GAIT_FAMILIES,
    MEASURES,
    nearest_families,
    nearest_family,
    PHASE_NAMES,
)
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY
from policy_gen_ros.domains.go2.shipped import (
    ADAPTOR_FILE,
    ARCHIVE_ADAPTOR_FILE,
    SHIPPED_BUNDLE,
    SHIPPED_INDEX,
)
from policy_gen_ros.domains.go2.spec import ActorSpec, MAX_CLOCK_HZ, MIN_CLOCK_HZ, NETWORK
from policy_gen_ros.domains.go2.steering import limit_command
from policy_gen_ros.domains.trajectory import TrajectoryReading
from policy_gen_ros.policies.weights import ActorWeights, layer_sizes, Layers
from policy_gen_ros.utils.tensors import save_tensors

if TYPE_CHECKING:
    from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig

CLOCK_RANGE_HZ = (1.2, 4.4)
"""Clock rates that actors get: those of the shipped archive (1.5 to 4), and a little beyond."""
MAX_SPEED_ERROR_MPS, MAX_YAW_ERROR_RPS = 0.25, 0.4
_ROUNDING = 1e-6
_VELOCITY = [MEASURES.index(name) for name in COMMAND_NAMES]


class Go2(Domain):
    """
    Gaits of the Unitree Go2.

    Beside the weights of an actor, its clock and its nominal command are generated. The command
    deviates from the target velocity: what an actor falls short by hangs on the actor.
    """

    name, version = 'go2', 1
    network = NETWORK
    measures = MEASURES
    controls = (
        Control('clock_hz', 'Hz', 0.6, centre=2.7, is_measure='frequency_hz'),
        Control('command_vx_mps', 'm/s', 0.15, measure='vx_mps'),
        Control('command_vy_mps', 'm/s', 0.1, measure='vy_mps'),
        Control('command_yaw_rate_rps', 'rad/s', 0.2, measure='yaw_rate_rps'))
    trajectory = TRAJECTORY
    groups, group_word = GAIT_FAMILIES, 'family'
    behaviors = 4
    sources = ('clone', 'specialist', 'reinforced', 'imported')
    # 'style' are the gait parameters: stored files keep the names that they have always had.
    archive_fields = (
        ArchiveField('clock_hz', ('actor',), 'float32', 'Hz', 'rate of the neutral clock the '
                     'actor sees; NaN where a foreign policy has none'),
        ArchiveField('style', ('actor', 'style'), 'float32', '', 'style the actor was meant to '
                     'have; NaN where there was none'),
        ArchiveField('command', ('actor', 'behavior', 'velocity'), 'float32',
                     'm/s, m/s, rad/s', 'velocity command vx, vy, yaw rate; the first behaviour '
                     'has the nominal one'))
    axis_sizes = (('velocity', 3),)
    may_be_nan = ('style',)
    index_files = (ARCHIVE_ADAPTOR_FILE,)
    grid_bins = 5
    essential = frozenset({'frequency_hz', *PHASE_NAMES, *COMMAND_NAMES})
    rests = True
    bundle, archive_index = SHIPPED_BUNDLE, SHIPPED_INDEX
    held_out_file = 'config/held_out.json'
    held_out_measures = ('frequency_hz', 'vx_mps', 'body_height_m')

    @cached_property
    def captions(self) -> CaptionModel:
        """Captions of gaits."""
        from policy_gen_ros.domains.go2.gait.language import GaitLanguage

        return GaitLanguage()

    def archive_config(self) -> Go2ArchiveConfig:
        """Return the settings of the archive whose index the package has."""
        from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig

        return Go2ArchiveConfig()

    def build_archive(self, path: Path, config: Go2ArchiveConfig, command: str,
                      ray_address: str | None = None) -> None:
        """Clone, search, reinforce and evaluate actors."""
        from policy_gen_ros.domains.go2.building.build import build_archive

        build_archive(path, config, command, ray_address)

    def rollout(self, source: Path) -> Rollout:
        """
        Walk actors under the adaptor of an archive or a bundle, for some seconds.

        Half of the time on nominal ground, half on that which the archive's actors learned on.
        """
        from policy_gen_ros.domains.go2.building.training_rollouts import (
            collect_rollouts,
            ground_of_clones,
        )

        adaptor, ground = _adaptor(source), ground_of_clones(source)
        return lambda policies, seed: collect_rollouts(policies, adaptor, seed, ground)

    def episode(self, policy: ActorWeights, seconds: float, command: Sequence[float] | None,
                seed: int, bundle: Path | None) -> Episode:
        """Walk an actor in the twin."""
        from policy_gen_ros.domains.go2.twin.rollout import rollout

        return rollout(policy, seconds, command, seed, bundle)

    def add_to_bundle(self, source: Path, bundle: Path) -> None:
        """Write the adaptor, as the actors know no other."""
        save_tensors({name: value.astype(np.float16)
                      for name, value in _adaptor(source).tensors().items()},
                     bundle / ADAPTOR_FILE)

    def finish_bundle(self, bundle: Path) -> None:
        """Generate the actor with which a walk ends."""
        from policy_gen_ros.domains.go2.calm import save_calm_actor

        save_calm_actor(bundle)

    def archive_header(self) -> dict[str, Any]:
        """Return what the columns of gaits mean."""
        from policy_gen_ros.domains.go2.teacher.gait_parameters import PARAMETER_NAMES

        return {'style': PARAMETER_NAMES}

    def label(self, measures: np.ndarray) -> np.ndarray:
        """Gait family whose touch-down phases lie nearest. Shape: (..., 13) -> (...)."""
        flat = measures.reshape(-1, measures.shape[-1])
        return np.array(nearest_families(flat), dtype=str).reshape(measures.shape[:-1])

    def clearly(self, measures: np.ndarray) -> dict[str, np.ndarray]:
        """Which behaviours are nearer to a family than what lies between two."""
        return {family: apart < BETWEEN_FAMILIES_CYCLES for family, apart in
                family_distances(measures[..., MEASURES.circular]).items()}

    def succeeded(self, measures: np.ndarray, controls: np.ndarray,
                  survived: np.ndarray) -> np.ndarray:
        """Behaviours that always walk, keep a rhythm with every foot, follow their command."""
        return (survived == 1) & follows(measures[..., _VELOCITY], controls[..., 1:]) \
            & np.isfinite(measures).all(axis=-1)

    def read_trajectory(self, trajectory: np.ndarray) -> TrajectoryReading:
        """Measure velocities, height and rhythm by the kinematics of the legs."""
        from policy_gen_ros.domains.go2.gait.reading import read_gait

        return read_gait(trajectory)

    def make_policy(self, layers: Layers, controls: np.ndarray, measures: Mapping[str, float],
                    goal: str = '', bundle: str = '',
                    warnings: tuple[str, ...] = ()) -> ActorWeights:
        """Make an actor with its clock and its nominal command."""
        clock, vx, vy, yaw = (float(value) for value in controls)
        clock = float(np.clip(clock, MIN_CLOCK_HZ, MAX_CLOCK_HZ))
        return ActorWeights(ActorSpec.of_layers(clock, layer_sizes(layers)), layers, (vx, vy, yaw),
                            goal, measures, bundle, warnings)

    def finish_policy(self, layers: Layers, controls: np.ndarray, measures: Mapping[str, float],
                      goal: str, bundle: str, warnings: tuple[str, ...]) -> ActorWeights:
        """Make a generated actor, with a command that legs can follow in its gait."""
        limited = self.limit_controls(controls, measures)
        if np.abs(limited - controls)[1:].max() > _ROUNDING:
            warnings = (*warnings,
                        f'nominal command limited to {np.round(limited[1:], 2).tolist()}')
        rounded = [float(limited[0]), *(round(float(value), 4) for value in limited[1:])]
        return self.make_policy(layers, np.array(rounded), measures, goal, bundle, warnings)

    def limit_controls(self, controls: np.ndarray, measures: Mapping[str, float]) -> np.ndarray:
        """Limit the clock to its range, and the command to what legs can do in the gait."""
        rate = float(np.clip(controls[0], *CLOCK_RANGE_HZ))
        return np.array([rate, *limit_command(controls[1:], rate, measures)])

    def read_spec(self, raw: Mapping[str, Any]) -> ActorSpec:
        """Check a stored spec; raises SpecError."""
        return ActorSpec.from_raw(raw)

    def stored_controls(self, read: Callable[[str], np.ndarray]) -> np.ndarray:
        """Clock and command of stored behaviours. Shape: (actors, behaviours, 4)."""
        command = read('command')
        clock = np.broadcast_to(read('clock_hz')[:, None, None], (*command.shape[:2], 1))
        return np.concatenate([clock, command], axis=-1)

    def intended_groups(self, read: Callable[[str], np.ndarray]) -> np.ndarray:
        """Families of the gaits that actors were meant to have, ``none`` without one."""
        from policy_gen_ros.domains.go2.teacher.gait_parameters import PARAMETER_NAMES

        columns = [PARAMETER_NAMES.index(name) for name in PHASE_NAMES]
        return np.array([nearest_family(row) for row in read('style')[:, columns]])


def _adaptor(source: Path) -> Adaptor:
    own = source / ARCHIVE_ADAPTOR_FILE
    return Adaptor.load(own if own.is_file() else source / ADAPTOR_FILE)


def follows(velocity: np.ndarray, command: np.ndarray) -> np.ndarray:
    """
    Whether mean velocities are about those commanded.

    :param velocity, command: vx, vy m/s, yaw rate rad/s. Shapes: (..., 3)
    :return: Shape: (...), bool; never of what is not finite
    """
    error = velocity - command
    return (np.hypot(error[..., 0], error[..., 1]) < MAX_SPEED_ERROR_MPS) \
        & (np.abs(error[..., 2]) < MAX_YAW_ERROR_RPS)
