# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Ground of boxes: as high as drawn, endless, and never around a foot."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
import mujoco
import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.heights import (
    CELL_M,
    CELLS,
    draw_heights,
    height_at,
    PERIOD_M,
)
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation
import pytest

STEPS = Perturbation(steps_m=(0.05, 0.05))


def stand(twin, ticks=60):
    for _ in range(ticks):
        twin.step(np.tile(go2.DEFAULT_POSE_RAD, (twin.count, 1)))
    return twin


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, 0.06), st.floats(0.0, 0.04), st.integers(0, 10**6),
       st.floats(-20, 20), st.floats(-20, 20))
def test_a_pattern_is_as_high_as_drawn_and_repeats(steps, cobbles, seed, x, y):
    heights = draw_heights(steps, cobbles, seed)
    assert heights.shape == (CELLS, CELLS)
    assert heights.min() >= 0 and heights.max() <= steps + cobbles
    point = np.round(np.array([[[x, y]]]), 3) + 1e-4
    there = height_at(heights[None], point)
    assert there == height_at(heights[None], point + np.array([PERIOD_M, -3 * PERIOD_M]))


def test_the_engine_stands_on_what_height_at_says():
    twin = BatchTwin(1, 3, Perturbation(steps_m=(0.05, 0.05), cobbles_m=(0.03, 0.03)))
    model = twin._models
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    rng = np.random.default_rng(0)
    points = rng.uniform(-1.9, 1.9, (200, 2))
    points = points[(np.abs(points / CELL_M % 1 - 0.5) < 0.48).all(axis=1)]
    hit = np.zeros(1, np.int32)
    mask = np.array([1, 0, 0, 0, 0, 0], np.uint8)
    for point in points:
        start = np.array([*point, 0.14])
        down = mujoco.mj_ray(model, data, start, np.array([0, 0, -1.0]), mask, 1,
                             model.body('base').id, hit)
        assert 0.14 - down == pytest.approx(
            float(height_at(twin._grounds, point[None, None])[0, 0]), abs=1e-6)


def test_nobody_starts_inside_a_platform_and_all_stand():
    twin = BatchTwin(48, 0, STEPS, kp=go2.KP_STAND, kd=go2.KD_STAND)
    start = twin.physics[:, 1:3].copy()
    assert len(np.unique(start)) == 96 and np.abs(start).max() <= PERIOD_M / 2
    lowest = min(stand(twin, 1).truth().foot_height.min() for _ in range(20))
    assert lowest > go2.FOOT_RADIUS_M - 0.01
    truth = stand(twin, 80).truth()
    assert not truth.fallen.any()
    assert truth.foot_height.min() > go2.FOOT_RADIUS_M - 0.01
    soles = twin._sensors[:, -1][:, twin.layout.foot_position[:, 2]]
    assert soles.max() > 0.06 and soles.min() < 0.03  # some up, some down
    assert np.abs(truth.height - 0.29).max() < 0.05


def test_where_nothing_is_drawn_the_ground_is_flat():
    some = replace(STEPS, chance=0.5)
    twin = stand(BatchTwin(16, 0, some, kp=go2.KP_STAND, kd=go2.KD_STAND), 100)
    flat = twin.drawn.steps_m == 0
    assert 3 < flat.sum() < 13
    truth = twin.truth()
    assert not truth.fallen.any()
    soles = twin._sensors[:, -1][:, twin.layout.foot_position[:, 2]] - go2.FOOT_RADIUS_M
    assert np.abs(soles[flat]).max() < 0.005 and soles[~flat].max() > 0.04


def test_the_ground_goes_on_where_a_period_ends():
    heights = {}
    for periods in (0, 1):
        twin = BatchTwin(4, 0, STEPS, kp=go2.KP_STAND, kd=go2.KD_STAND)
        twin.physics[:, 1:3] += PERIOD_M * periods
        stand(twin, 50)
        assert np.abs(twin.physics[:, 1:3]).max() <= PERIOD_M / 2 + 1e-9
        heights[periods] = twin.physics[:, 3]
    # The first control period was stepped beyond the boxes, in the air.
    assert np.allclose(heights[0], heights[1], atol=0.005)


def test_too_high_platforms_are_refused():
    with pytest.raises(ValueError, match=r'expected at most 0\.12 m'):
        BatchTwin(1, 0, Perturbation(steps_m=(0.2, 0.2)))
