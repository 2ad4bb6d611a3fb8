# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A trajectory in measures: what any controller's robot can be seen to do."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.go2.gait.body_motion import body_motion
from policy_gen_ros.domains.go2.gait.measures import (
    COMMAND_NAMES,
    family_distances,
    measure_rhythm,
    nearest_family,
    PHASE_NAMES,
)
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.trajectory import TrajectoryReading

SLIP_LIMIT_MPS = 0.35
"""Standing feet that disagree more than that about the velocity are not those of one Go2."""
UPRIGHT_GRAVITY_Z = -0.5
RANGE_MARGIN_RAD = 0.3
UNLIKE_SPEEDS = 1.0
"""
Difference between joint velocities and those that the angles tell, over the velocities. Clips
with the noise of :data:`policy_gen_ros.domains.go2.twin.perturbation.ROUGH` have at most 0.7.
"""
FREQUENCIES_HZ = np.arange(1.0, 5.0, 0.02)
RHYTHM_STRENGTH = 0.4
"""Share of a regular stride's first harmonic that each foot has at least."""


def read_gait(rows: np.ndarray) -> TrajectoryReading:
    """
    Read velocities and, where the clip keeps one, rhythm.

    The rest, such as contacts and heights, is left to the embedding: asked for beside a foreign
    gait's rhythm, they made actors miss its velocity more often.

    :param rows: a trajectory at 50 Hz. Shape: (t, 42)
    """
    if rows[:, 2].mean() > UPRIGHT_GRAVITY_Z:
        return TrajectoryReading({}, 'not upright', (
            'the robot lies or is upside down in the trajectory: it is not read, only embedded',))
    motion = body_motion(rows)
    if not np.isfinite(motion.velocity).all():
        return TrajectoryReading({}, 'no foot is seen to stand', (
            'no foot stands in the trajectory: what it shows is not read, only embedded',))
    measures = dict(zip(COMMAND_NAMES, motion.velocity.tolist()))
    frequency, phases, strength = stride(motion.stands)
    remarks, gait = [], 'no rhythm'
    if strength < RHYTHM_STRENGTH:
        remarks.append('the feet keep no rhythm in the trajectory: its gait is guessed')
    else:
        measures.update(zip(PHASE_NAMES, phases.tolist()))
        measures['frequency_hz'] = frequency
        sure = family_confidence(phases, strength)
        gait = f'{nearest_family(phases)} (confidence {sure:.2f}) at {frequency:.1f} Hz'
    if motion.slip_mps > SLIP_LIMIT_MPS or _out_of_range(rows):
        remarks.append('the legs contradict each other or the ranges of the joints: the '
                       'trajectory is of another robot, or its joints are in another order')
    if _unlike_speeds(rows) > UNLIKE_SPEEDS:
        remarks.append('the joint velocities of the trajectory are not those of its angles')
    vx, vy, yaw = motion.velocity
    return TrajectoryReading(measures, f'{gait}, {vx:.2f} and {vy:.2f} m/s, {yaw:.2f} rad/s, body '
                             f'at {motion.height_m:.2f} m', tuple(remarks))


def family_confidence(phases: np.ndarray, strength: float) -> float:
    """
    Share of clips like this one whose gait family is read right.

    Fitted to 1,236 clips of 1.2 s and 4 s, of base policies and of a foreign one, on flat and on
    rough ground: 0.75 are right where two families are about equally near, 0.95 a seventh of a
    cycle off that, and 0.85 where the rhythm is weak.

    :param phases: touch-down of FR, RL, RR after FL, cycles. Shape: (3,)
    :param strength: of the rhythm, see :func:`stride`
    """
    nearest, second, *_ = sorted(family_distances(phases).values())
    return float((1 - 0.5 * np.exp(-(second - nearest) / 0.07)) * min(1.0, strength + 0.35))


def stride(stands: np.ndarray) -> tuple[float, np.ndarray, float]:
    """
    Find the rhythm of the feet by the first harmonic of their contacts.

    Touch-downs alone, of which a clip of some seconds has few, show it less well.

    :param stands: probability of contact at 50 Hz. Shape: (t, 4)
    :return: frequency in Hz; touch-down of FR, RL, RR after FL in cycles, Shape: (3,); strength of
        the weakest foot's harmonic, 1 where it steps regularly
    """
    window = np.hanning(len(stands))
    time = np.arange(len(stands)) * go2.CONTROL_DT_S
    share = stands.mean(axis=0)
    waves = np.exp(-2j * np.pi * FREQUENCIES_HZ[:, None] * time) * window
    spectrum = np.einsum('ft,tl->fl', waves, stands - share)
    best = int((np.abs(spectrum)**2).sum(axis=1).argmax())
    # The middle of the stance is half of it after the touch-down.
    touch_down = -np.angle(spectrum[best]) / (2 * np.pi) - share / 2
    regular = window.sum() * np.sin(np.pi * share.clip(0.05, 0.95)) / np.pi
    strength = float((np.abs(spectrum[best]) / regular).min())
    measured, _ = measure_rhythm(stands > 0.5, go2.CONTROL_DT_S)
    frequency = measured if np.isfinite(measured) else FREQUENCIES_HZ[best]
    return float(frequency), (touch_down[1:] - touch_down[0]) % 1.0, strength


def _out_of_range(rows: np.ndarray) -> bool:
    middle = np.median(rows[:, 6:18], axis=0) + go2.DEFAULT_POSE_RAD
    outside = np.maximum(go2.JOINT_LOWER_RAD - middle, middle - go2.JOINT_UPPER_RAD)
    return bool((outside > RANGE_MARGIN_RAD).any())


def _unlike_speeds(rows: np.ndarray) -> float:
    differences = np.diff(rows[:, 6:18], axis=0) / go2.CONTROL_DT_S
    measured = (rows[1:, 18:30] + rows[:-1, 18:30]) / 2
    return float(np.sqrt(((differences - measured)**2).mean() / max((measured**2).mean(), 0.1)))
