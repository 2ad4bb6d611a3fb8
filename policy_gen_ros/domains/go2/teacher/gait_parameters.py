# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Gait parameters: inputs of the teacher, which an actor has to carry in its weights."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES, GAIT_PHASES
from policy_gen_ros.domains.go2.robot.constants import COMMAND_LOWER, COMMAND_UPPER
from policy_gen_ros.domains.go2.robot.reach import legs_keep_up, shorten_commands

PARAMETER_NAMES = ('frequency_hz', 'duty_fl', 'duty_fr', 'duty_rl', 'duty_rr', 'phase_fr',
                   'phase_rl', 'phase_rr', 'swing_height_m', 'body_height_m', 'stance_width_m',
                   'pitch_rad')

# What walk-these-ways covers (Margolis and Agrawal 2022, table 1).
FREQUENCY_RANGE_HZ = (1.5, 4.0)
DUTY_RANGE = (0.35, 0.75)
SWING_HEIGHT_RANGE_M = (0.03, 0.15)
BODY_HEIGHT_RANGE_M = (0.20, 0.34)
STANCE_WIDTH_RANGE_M = (0.26, 0.42)
PITCH_RANGE_RAD = (-0.15, 0.15)
DUTY_OFFSET = 0.15
DUTY_LIMITS = (0.3, 0.88)
PHASE_JITTER = 0.05
BETWEEN_SHARE = 0.2
"""Share of gaits whose phases lie between two families."""


@dataclass(frozen=True)
class GaitParameters:
    """
    Parameters of a batch of gaits.

    :param duty: share of the cycle each foot is on the ground. Shape: (n, 4)
    :param phase: touch-down of FR, RL, RR after FL, cycles. Shape: (n, 3)
    :param pitch_rad: trunk pitch, positive with the nose down. Shape: (n,)
    """

    frequency_hz: np.ndarray
    duty: np.ndarray
    phase: np.ndarray
    swing_height_m: np.ndarray
    body_height_m: np.ndarray
    stance_width_m: np.ndarray
    pitch_rad: np.ndarray

    def __len__(self) -> int:
        return len(self.frequency_hz)

    def __getitem__(self, index: np.ndarray | slice) -> GaitParameters:
        return GaitParameters(*(getattr(self, f.name)[index] for f in fields(self)))

    @property
    def touch_down(self) -> np.ndarray:
        """Touch-down of all feet after FL, cycles. Shape: (n, 4)."""
        return np.concatenate([np.zeros((len(self), 1)), self.phase], axis=1)

    @classmethod
    def from_array(cls, values: np.ndarray) -> GaitParameters:
        """Inverse of :meth:`to_array`. Shape: (n, 12)."""
        swing, height, width, pitch = values[:, 8:].T
        return cls(values[:, 0], values[:, 1:5], values[:, 5:8] % 1.0, swing, height, width,
                   pitch)

    def to_array(self) -> np.ndarray:
        """Return the values in the order of :data:`PARAMETER_NAMES`. Shape: (n, 12)."""
        return np.concatenate([
            self.frequency_hz[:, None], self.duty, self.phase, self.swing_height_m[:, None],
            self.body_height_m[:, None], self.stance_width_m[:, None],
            self.pitch_rad[:, None]], axis=1)

    def features(self) -> np.ndarray:
        """
        Network inputs of the schedule and of the conditioned base: about unit scale.

        Phases as sine and cosine. Shape: (n, 15)
        """
        angle = 2 * np.pi * self.phase
        return np.concatenate([
            (self.frequency_hz[:, None] - 2.75) / 0.7, (self.duty - 0.55) / 0.12, np.sin(angle),
            np.cos(angle), (self.swing_height_m[:, None] - 0.085) / 0.03,
            (self.body_height_m[:, None] - 0.27) / 0.035,
            (self.stance_width_m[:, None] - 0.34) / 0.04,
            self.pitch_rad[:, None] / 0.08], axis=1)


def concatenate_gaits(batches: list[GaitParameters]) -> GaitParameters:
    """Join batches of gaits."""
    return GaitParameters(*(np.concatenate([getattr(gaits, f.name) for gaits in batches])
                            for f in fields(GaitParameters)))


def sample_gaits(count: int, rng: np.random.Generator,
                 families: np.ndarray | None = None) -> GaitParameters:
    """
    Draw gaits from the whole range of walk-these-ways, possible for the legs or not.

    :param families: indices into GAIT_FAMILIES; families take turns unless given. Shape: (n,)
    """
    family = np.arange(count) % len(GAIT_FAMILIES) if families is None else families
    # Half of the gaits are symmetric; the others give fore/hind, left/right or each its own duty.
    kind = rng.integers(0, 6, count)[:, None]
    sign = rng.uniform(-1, 1, (count, 1))
    offset = np.select(
        [kind == 3, kind == 4, kind == 5],
        [sign * [1, 1, -1, -1], sign * [1, -1, 1, -1], rng.uniform(-1, 1, (count, 4))], 0.0)
    duty = np.clip(rng.uniform(*DUTY_RANGE, count)[:, None] + DUTY_OFFSET * offset, *DUTY_LIMITS)
    templates = np.array([GAIT_PHASES[name] for name in GAIT_FAMILIES])
    other = templates[rng.integers(0, len(templates), count)]
    way = rng.uniform(0, 1, (count, 1)) * (rng.random((count, 1)) < BETWEEN_SHARE)
    between = (other - templates[family] + 0.5) % 1.0 - 0.5
    phase = templates[family] + way * between + PHASE_JITTER * rng.uniform(-1, 1, (count, 3))
    pitch = rng.uniform(*PITCH_RANGE_RAD, count) * (rng.random(count) < 0.5)
    return GaitParameters.from_array(np.concatenate([
        rng.uniform(*FREQUENCY_RANGE_HZ, (count, 1)), duty, phase,
        rng.uniform(*SWING_HEIGHT_RANGE_M, (count, 1)),
        rng.uniform(*BODY_HEIGHT_RANGE_M, (count, 1)),
        rng.uniform(*STANCE_WIDTH_RANGE_M, (count, 1)), pitch[:, None]], axis=1))


def sample_commands(count: int, rng: np.random.Generator) -> np.ndarray:
    """
    Velocity commands, often straight ahead or on the spot.

    :return: vx, vy m/s, yaw rate rad/s. Shape: (n, 3)
    """
    command = rng.uniform(COMMAND_LOWER, COMMAND_UPPER, (count, 3))
    kind = rng.random(count)
    command[kind < 0.4, 1:] = 0.0
    command[(kind >= 0.4) & (kind < 0.6), 1] = 0.0
    command[(kind >= 0.6) & (kind < 0.7), 2] = 0.0
    command[(kind >= 0.7) & (kind < 0.75)] = 0.0
    command[(kind >= 0.75) & (kind < 0.8), :2] = 0.0
    return command


def sample_walks(count: int, rng: np.random.Generator,
                 families: np.ndarray | None = None) -> tuple[GaitParameters, np.ndarray]:
    """
    Draw gaits and commands that the legs can do together (see :func:`feasible`).

    :return: gaits, and commands of Shape: (n, 3)
    """
    family = np.arange(count) % len(GAIT_FAMILIES) if families is None else families
    gaits, command = sample_gaits(count, rng, family), sample_commands(count, rng)
    while True:
        again = np.flatnonzero(~feasible(gaits, command))
        if not len(again):
            return gaits, command
        fresh = sample_gaits(len(again), rng, family[again])
        for f in fields(gaits):
            getattr(gaits, f.name)[again] = getattr(fresh, f.name)
        command[again] = sample_commands(len(again), rng)


LIFT_SPEED_MPS = 2.6
"""How fast a leg at kp 20 can be led up."""
FLIGHT_S, ONE_SIDED_S = 0.19, 0.20
"""
Longest time without any foot on the ground (a jump of 4 cm), and with feet of one side or one end
only. A trunk at 0.3 m tips over with a time constant of sqrt(h/g) = 0.17 s.
"""
SUPPORT_SAMPLES = 60


def feasible(gaits: GaitParameters, command: np.ndarray) -> np.ndarray:
    """
    Whether legs of this length, speed and stiffness can do a gait at a velocity at all.

    :param command: Shape: (n, 3)
    :return: Shape: (n,), bool
    """
    return _support_ok(gaits) & _lift_ok(gaits) & legs_keep_up(
        command, gaits.frequency_hz, gaits.duty, gaits.body_height_m, gaits.stance_width_m)


def _support_ok(gaits: GaitParameters) -> np.ndarray:
    t = np.arange(2 * SUPPORT_SAMPLES)[None, :, None] / SUPPORT_SAMPLES
    down = (t - gaits.touch_down[:, None]) % 1.0 < gaits.duty[:, None]
    sample_s = 1.0 / (gaits.frequency_hz * SUPPORT_SAMPLES)
    left, right = down[..., [0, 2]].any(axis=-1), down[..., [1, 3]].any(axis=-1)
    front, rear = down[..., :2].any(axis=-1), down[..., 2:].any(axis=-1)
    flight = _longest_run(~(left | right)) * sample_s
    one_sided = np.max([_longest_run(~missing & other) for missing, other in (
        (left, right), (right, left), (front, rear), (rear, front))], axis=0) * sample_s
    return (flight <= FLIGHT_S) & (one_sided <= ONE_SIDED_S)


def _longest_run(flags: np.ndarray) -> np.ndarray:
    """Longest run of True along axis 1. Shape: (n, t) -> (n,)."""
    best = run = np.zeros(len(flags), int)
    for column in flags.T:
        run = np.where(column, run + 1, 0)
        best = np.maximum(best, run)
    return best


def _lift_ok(gaits: GaitParameters) -> np.ndarray:
    lift_speed = np.pi * gaits.swing_height_m[:, None] * gaits.frequency_hz[:, None] \
        / (1 - gaits.duty)
    return (lift_speed <= LIFT_SPEED_MPS).all(axis=1)


def limit_commands(gaits: GaitParameters, command: np.ndarray) -> np.ndarray:
    """Shorten commands that the legs cannot keep up with, direction kept. Shape: (n, 3)."""
    return shorten_commands(command, gaits.frequency_hz, gaits.duty, gaits.body_height_m,
                            gaits.stance_width_m)
