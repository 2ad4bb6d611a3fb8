# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What is read from trajectories, against what the twin measured while they were walked."""

from hypothesis import given, settings
from hypothesis import strategies as st
import mujoco
import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.gait.body_motion import body_motion
from policy_gen_ros.domains.go2.gait.measures import COMMAND_NAMES, MEASURES, nearest_family
from policy_gen_ros.domains.go2.gait.reading import family_confidence, read_gait
from policy_gen_ros.domains.go2.gait.text_reading import read_text
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.kinematics import calf_rotation
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
from policy_gen_ros.domains.go2.twin.model import layout_of, load_model
from policy_gen_ros.generation.coverage import Coverage
from policy_gen_ros.generation.goal_validation import GoalValidation
from policy_gen_ros.generation.understanding import EmbeddedText
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import Intent, Understood
import pytest

VELOCITY = [MEASURES.index(name) for name in COMMAND_NAMES]
ANGLES = st.lists(st.floats(-0.5, 0.5), min_size=12, max_size=12).map(np.array)


@pytest.fixture(scope='module')
def walks():
    """Trajectories of stored behaviours that keep a rhythm, and their measures."""
    archive = Archive(SHIPPED_INDEX)
    stored = np.flatnonzero(archive.weights.stored)
    rows, measures = (part[stored][:, 0].astype(float)
                      for part in (archive.trajectory, archive.measures))
    whole = np.isfinite(measures).all(axis=1) & np.isfinite(rows).all(axis=(1, 2))
    return rows[whole], measures[whole]


@given(angle=ANGLES, speed=ANGLES)
@settings(max_examples=20, deadline=None)
def test_calves_turn_as_mujoco_has_them(angle, speed):
    model = load_model()
    data, layout = mujoco.MjData(model), layout_of(model)
    data.qpos[layout.qpos] = go2.DEFAULT_POSE_RAD + angle
    data.qvel[layout.qvel] = 10 * speed
    mujoco.mj_forward(model, data)
    for leg, expected in zip(go2.LEGS, calf_rotation(go2.DEFAULT_POSE_RAD + angle, 10 * speed)):
        found = np.zeros(6)
        mujoco.mj_objectVelocity(model, data, mujoco.mjtObj.mjOBJ_BODY,
                                 data.body(f'{leg}_calf').id, found, 0)
        assert found[:3] == pytest.approx(expected, abs=1e-9)


def test_velocities_are_those_of_the_body(walks):
    rows, measures = walks
    read = np.array([body_motion(part).velocity for part in rows])
    error = np.abs(read - measures[:, VELOCITY])
    assert (error.mean(axis=0) < [0.04, 0.03, 0.04]).all()
    fast = np.abs(measures[:, VELOCITY]) > 0.15
    assert (np.sign(read) == np.sign(measures[:, VELOCITY]))[fast].mean() > 0.99


def test_rhythm_and_height_are_those_of_the_body(walks):
    rows, measures = walks
    read = [read_gait(part).measures for part in rows]
    found = np.array([MEASURES.array(one) for one in read])
    families = [nearest_family(row[5:8]) for row in measures]
    assert np.mean([nearest_family(row[5:8]) == family
                    for row, family in zip(found, families)]) > 0.9
    assert np.nanmean(np.abs(found[:, 4] - measures[:, 4]) < 0.3) > 0.95
    height = [body_motion(part).height_m for part in rows]
    assert np.abs(height - measures[:, MEASURES.index('body_height_m')]).mean() < 0.01


def test_targets_are_not_looked_at(walks):
    rows = walks[0][0].copy()
    blind = rows.copy()
    blind[:, 30:] = np.nan
    assert read_gait(blind) == read_gait(rows)


@pytest.mark.parametrize(('change', 'said'), [
    (lambda rows: np.repeat(rows[:1], len(rows), axis=0), 'no rhythm'),
    (lambda rows: rows * np.where(np.arange(42) == 2, -1, 1), 'upside down'),
    (lambda rows: np.where(np.arange(42) == 2, -1, 0.01 * rows), 'no rhythm')],
    ids=['frozen', 'upside down', 'standing'])
def test_what_does_not_walk_is_said(walks, change, said):
    for rows in walks[0][::20]:
        assert any(said in remark for remark in read_gait(change(rows[:100])).remarks)


def reordered(rows, order):
    """Rows of a driver that fills in the joints in another order."""
    changed = rows.copy()
    changed[:, 6:18] = (rows[:, 6:18] + go2.DEFAULT_POSE_RAD)[:, order] - go2.DEFAULT_POSE_RAD
    changed[:, 18:30] = rows[:, 18:30][:, order]
    return changed


@pytest.mark.parametrize('change', [
    lambda rows: rows + 0.5 * np.random.default_rng(0).standard_normal(rows.shape),
    lambda rows: reordered(rows, np.arange(12).reshape(4, 3)[:, ::-1].ravel()),
    lambda rows: reordered(rows, np.arange(12).reshape(3, 4).T.ravel())],
    ids=['noise', 'calf first', 'by segment'])
def test_noise_and_joints_in_another_order_are_said(walks, change):
    assert np.mean([bool(read_gait(change(rows)).remarks) for rows in walks[0]]) > 0.9


def test_the_shortest_clips_are_read_too(walks):
    rows, measures = walks
    read = [read_gait(part[60:100]) for part in rows]
    assert np.mean([bool(one.remarks) for one in read]) < 0.1
    assert np.mean([nearest_family(MEASURES.array(one.measures)[5:8]) == nearest_family(row[5:8])
                    for one, row in zip(read, measures)]) > 0.75


def test_confidence_tells_between_families_from_clear_ones():
    clear, between = np.array([0.5, 0.5, 0.0]), np.array([0.5, 0.25, 0.25])
    assert nearest_family(clear) == 'trot'
    assert family_confidence(clear, 1.0) > 0.97
    assert family_confidence(between, 1.0) < 0.7
    assert family_confidence(clear, 0.45) < 0.85


def test_what_no_measure_allows_is_asked_for_as_far_as_it_goes(walks):
    domain = find_domain('go2')
    rows = walks[0][0].copy()
    rows[:, 5] += 6.0  # spins faster than any measure
    goal, *_ = GoalValidation(domain, None).admit(Goal(trajectory=rows), None)
    assert goal.measures['yaw_rate_rps'] == 2.5


def test_what_a_clip_shows_is_asked_for_unless_the_goal_says_otherwise(walks):
    domain = find_domain('go2')
    rows, measures = walks
    coverage = Coverage(domain, measures, np.full(13, 0.5), np.array([1.0, -0.5]),
                        np.zeros((0, 90)), np.array([1.0]))
    screen = GoalValidation(domain, coverage)
    shown = read_gait(rows[0]).measures
    goal, remarks, described, *_ = screen.admit(Goal(trajectory=rows[0]), None)
    assert goal.measures == pytest.approx(shown, rel=1e-4) and not remarks
    assert f'{shown["vx_mps"]:.2f}' in described
    goal, *_ = screen.admit(Goal(trajectory=rows[0], measures={'vx_mps': 0.1}), None)
    assert goal.measures['vx_mps'] == 0.1
    assert goal.measures['yaw_rate_rps'] == pytest.approx(shown['yaw_rate_rps'], rel=1e-4)
    way = 'backward' if shown['vx_mps'] > 0 else 'forward'
    text = f'trot {way} fast'
    goal, *_ = screen.admit(Goal(trajectory=rows[0], text=text), EmbeddedText(
        read_text(text), Understood(Intent.WALK), None))
    assert goal.measures is None


def test_the_nearest_is_asked_for_where_a_clip_shows_what_no_actor_does(walks):
    domain = find_domain('go2')
    rows, measures = walks
    slow = measures[np.abs(measures[:, 10]) < 0.2]
    coverage = Coverage(domain, slow, np.full(13, 0.3), np.array([1.0, -0.5]),
                        np.zeros((0, 90)), np.array([1.0]))
    fast = int(np.argmax(measures[:, 10]))
    goal, remarks, *_ = GoalValidation(domain, coverage).admit(Goal(trajectory=rows[fast]), None)
    assert len(remarks) == 1 and 'vx_mps' in remarks[0] and 'nearest' in remarks[0]
    assert goal.measures['vx_mps'] <= 0.2
