"""Gait styles: what the teacher is told and an actor must carry in its weights."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from policy_gen_ros.goal.measures import GAIT_FAMILIES, GAIT_PHASES
from policy_gen_ros.robot import go2

STYLE_NAMES = ('frequency_hz', 'duty_fl', 'duty_fr', 'duty_rl', 'duty_rr', 'phase_fr', 'phase_rl',
               'phase_rr', 'swing_height_m', 'body_height_m', 'stance_width_m')


@dataclass(frozen=True)
class FamilyRange:
    """Ranges a family's styles are drawn from: what the teacher walks reliably."""

    frequency_hz: tuple[float, float]
    duty: tuple[float, float]
    vx_mps: tuple[float, float]


FAMILY_RANGES = {
    'walk': FamilyRange((1.6, 3.0), (0.58, 0.72), (-0.3, 0.6)),
    'trot': FamilyRange((1.7, 3.6), (0.42, 0.65), (-0.5, 0.9)),
    'pace': FamilyRange((2.3, 3.6), (0.45, 0.62), (-0.4, 0.7)),
    'bound': FamilyRange((2.0, 3.6), (0.40, 0.60), (-0.4, 0.8)),
    'pronk': FamilyRange((2.0, 3.4), (0.40, 0.60), (-0.3, 0.6))}
SWING_HEIGHT_RANGE_M = (0.04, 0.11)
BODY_HEIGHT_RANGE_M = (0.23, 0.33)
STANCE_WIDTH_RANGE_M = (0.28, 0.40)
DUTY_OFFSET = 0.10
PHASE_JITTER = 0.05


@dataclass(frozen=True)
class GaitStyle:
    """
    A batch of styles.

    :param family: index into :data:`GAIT_FAMILIES`, only to pick the teacher's gains. Shape: (n,)
    :param duty: share of the cycle each foot is on the ground. Shape: (n, 4)
    :param phase: touch-down of FR, RL, RR after FL, cycles. Shape: (n, 3)
    """

    family: np.ndarray
    frequency_hz: np.ndarray
    duty: np.ndarray
    phase: np.ndarray
    swing_height_m: np.ndarray
    body_height_m: np.ndarray
    stance_width_m: np.ndarray

    def __len__(self) -> int:
        return len(self.frequency_hz)

    def __getitem__(self, index: np.ndarray | slice) -> GaitStyle:
        return GaitStyle(*(getattr(self, f.name)[index] for f in fields(self)))

    def to_array(self) -> np.ndarray:
        """Style values in the order of :data:`STYLE_NAMES`. Shape: (n, 11)."""
        return np.concatenate([
            self.frequency_hz[:, None], self.duty, self.phase, self.swing_height_m[:, None],
            self.body_height_m[:, None], self.stance_width_m[:, None]], axis=1)

    def features(self) -> np.ndarray:
        """
        Network inputs of the conditioned base: about unit scale, phases as sine and cosine.

        Shape: (n, 14)
        """
        angle = 2 * np.pi * self.phase
        return np.concatenate([
            (self.frequency_hz[:, None] - 2.6) / 0.5, (self.duty - 0.55) / 0.1, np.sin(angle),
            np.cos(angle), (self.swing_height_m[:, None] - 0.075) / 0.02,
            (self.body_height_m[:, None] - 0.28) / 0.03,
            (self.stance_width_m[:, None] - 0.34) / 0.035], axis=1)


def sample_styles(count: int, rng: np.random.Generator,
                  families: np.ndarray | None = None) -> GaitStyle:
    """Draw styles; families take turns unless given."""
    family = np.arange(count) % len(GAIT_FAMILIES) if families is None else families
    ranges = [FAMILY_RANGES[GAIT_FAMILIES[i]] for i in family]
    low_f, high_f = np.array([r.frequency_hz for r in ranges]).T
    low_d, high_d = np.array([r.duty for r in ranges]).T
    # Half of the styles are symmetric; the others give fore/hind or each foot its own duty.
    kind = rng.integers(0, 4, count)[:, None]
    fore_hind = rng.uniform(-1, 1, (count, 1)) * np.array([1, 1, -1, -1])
    each = rng.uniform(-1, 1, (count, 4))
    offset = DUTY_OFFSET * np.where(kind < 2, 0.0, np.where(kind == 2, fore_hind, each))
    duty = np.clip(rng.uniform(low_d, high_d)[:, None] + offset, 0.35, 0.8)
    template = np.array([GAIT_PHASES[GAIT_FAMILIES[i]] for i in family])
    phase = (template + PHASE_JITTER * rng.uniform(-1, 1, (count, 3))) % 1.0
    return GaitStyle(
        family, rng.uniform(low_f, high_f), duty, phase,
        rng.uniform(*SWING_HEIGHT_RANGE_M, count), rng.uniform(*BODY_HEIGHT_RANGE_M, count),
        rng.uniform(*STANCE_WIDTH_RANGE_M, count))


def sample_commands(style: GaitStyle, rng: np.random.Generator) -> np.ndarray:
    """
    Velocity commands that fit each style's family, often straight ahead or on the spot.

    :return: vx, vy m/s, yaw rate rad/s. Shape: (n, 3)
    """
    n = len(style)
    vx_range = np.array([FAMILY_RANGES[GAIT_FAMILIES[i]].vx_mps for i in style.family]).T
    low, high = go2.COMMAND_LOWER, go2.COMMAND_UPPER
    command = np.stack([rng.uniform(*vx_range), rng.uniform(low[1], high[1], n),
                        rng.uniform(low[2], high[2], n)], axis=1)
    kind = rng.random(n)
    command[kind < 0.5, 1:] = 0.0
    command[(kind >= 0.5) & (kind < 0.65), 1] = 0.0
    command[(kind >= 0.65) & (kind < 0.75), 2] = 0.0
    command[(kind >= 0.75) & (kind < 0.80)] = 0.0
    return command
