# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Joint velocities where a recording has none: filtered differences of the positions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros.deployment.recording.resample import Track
from policy_gen_ros.domains.go2.robot import constants as go2

_SPAN_S = 0.02
"""
Positions so far apart are subtracted: the mean velocity of that time. It lets pass what is slower
than 22 Hz (-3 dB); at 50 messages a second, where it reaches from the one before to the one
behind, than 11 Hz.
"""
_MIN_MOTION_RAD = 0.02
"""A joint that moved by so much did not have velocity zero all the time."""
_N = go2.NUM_JOINTS


def with_velocities(joints: Track) -> tuple[Track, tuple[str, ...]]:
    """
    Fill in the velocities that a track lacks, or that are all zero though the joint moves.

    :param joints: positions rad, velocities rad/s or NaN. Shape of the values: (n, 24)
    :return: a track without NaN, and a remark if any were filled in
    """
    position, velocity = joints.values[:, :_N], joints.values[:, _N:]
    missing = np.isnan(velocity)
    zero = (velocity == 0).all(axis=0) & (np.ptp(position, axis=0) > _MIN_MOTION_RAD)
    if not (missing.any() or zero.any()):
        return joints, ()
    filled = np.where(missing | zero, _differences(joints), velocity)
    why = 'are all zero though the joints move' if not missing.any() else \
        'are missing' if missing.all() else 'are partly missing'
    remark = f'{joints.topic}: velocities {why}: differences of positions over ' \
        f'{_SPAN_S * 1e3:.0f} ms are taken (they pass what is below ' \
        f'{_cut_off_hz(joints):.0f} Hz)'
    return replace(joints, values=np.hstack([position, filled])), (remark,)


def _differences(joints: Track) -> np.ndarray:
    """Mean velocities around each sample, without reaching across gaps. Shape: (n, 12)."""
    velocity = np.zeros((len(joints.stamps_s), _N))
    for stretch in joints.stretches():
        inside = slice(*np.searchsorted(joints.stamps_s, [stretch.start_s, stretch.end_s + 1e-9]))
        times = joints.stamps_s[inside]
        before = np.maximum(times - _SPAN_S / 2, stretch.start_s)
        after = np.minimum(times + _SPAN_S / 2, stretch.end_s)
        if stretch.seconds:
            change = joints.at(after) - joints.at(before)
            velocity[inside] = change[:, :_N] / (after - before)[:, None]
    return velocity


def _cut_off_hz(joints: Track) -> float:
    """Where the mean over the time between the positions has half the power."""
    step_s = float(np.median(np.diff(joints.stamps_s))) if len(joints.stamps_s) > 1 else 0.0
    return 0.443 / max(_SPAN_S, 2 * step_s)
