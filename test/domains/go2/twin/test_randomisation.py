# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What is drawn: within its ranges, half of it nominal, never what is set aside, and it acts."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.conditions import CONDITIONS, SPARED
from policy_gen_ros.domains.go2.twin.drawn import draw, Drawn, MODEL_FIELDS
from policy_gen_ros.domains.go2.twin.perturbation import (
    NOMINAL,
    Perturbation,
    RANDOMISED,
    TRAINING,
)
from policy_gen_ros.domains.go2.twin.variant import CONTACT_MODELS
import pytest

RANGED = ('restitution', 'payload_kg', 'motor_strength', 'joint_damping', 'joint_friction_nm',
          'armature_scale', 'mass_scale', 'inertia_scale', 'foot_radius_m', 'contact_time_s',
          'slope_deg', 'steps_m', 'cobbles_m', 'friction', 'delay_s')


def drawn_by(ranges: Perturbation, count: int, seed: int = 0) -> Drawn:
    return draw(ranges, count, np.random.default_rng(seed), np.random.default_rng([seed, 2]))


def inside(region: dict[str, tuple[float, float]], values: Drawn) -> np.ndarray:
    return np.logical_and.reduce([
        (getattr(values, name) >= low) & (getattr(values, name) <= high)
        for name, (low, high) in region.items()])


def stood(perturbation: Perturbation, count: int = 2, ticks: int = 60, **more) -> BatchTwin:
    # As stiff as a robot stands: the gains of walking let it tip over on a slope.
    twin = BatchTwin(count, 0, perturbation, kp=go2.KP_STAND, kd=go2.KD_STAND, **more)
    for _ in range(ticks):
        twin.step(np.tile(go2.DEFAULT_POSE_RAD, (count, 1)))
    return twin


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0, 8, 64]))
def test_everything_is_within_its_range_and_nothing_set_aside_is_drawn(seed, variants):
    values = drawn_by(replace(RANDOMISED, variants=variants), 400, seed)
    for name in RANGED:
        low, high = getattr(RANDOMISED, name)
        nominal = {'friction': np.nan, 'joint_damping': np.nan, 'joint_friction_nm': np.nan,
                   'foot_radius_m': np.nan, 'contact_time_s': np.nan}.get(name, 1.0 if name in (
                       'motor_strength', 'armature_scale', 'mass_scale', 'inertia_scale') else 0.0)
        value = getattr(values, name)
        left = np.isnan(value) if np.isnan(nominal) else value == nominal
        assert (left | ((value >= low) & (value <= high))).all(), name
    assert not any(inside(region, values).any() for region in SPARED)
    assert np.allclose(np.linalg.norm(values.down, axis=1), 1.0)


def test_half_of_everything_stays_nominal():
    values = drawn_by(replace(RANDOMISED, variants=0), 4000)
    for name in RANGED:
        value = getattr(values, name)
        value = value if value.ndim == 1 else value[:, 0]
        if name == 'contact_time_s':  # feet that bounce have softer contacts
            value = value[values.restitution == 0]
        untouched = np.isnan(value) | np.isin(value, [0.0, 1.0])
        assert 0.45 < untouched.mean() < 0.6, name
    assert 0.45 < (values.contact_model < 0).mean() < 0.55
    assert 0.45 < values.pushed.mean() < 0.55 and 0.45 < values.noisy.mean() < 0.55


def test_every_region_that_is_set_aside_could_be_drawn_and_has_a_condition():
    free = drawn_by(replace(RANDOMISED, spares=False, chance=1.0, variants=0), 4000)
    for region in SPARED:
        assert inside(region, free).any(), 'else sparing it means nothing'
        assert any(inside(region, drawn_by(condition.ground, 1)).all()
                   for condition in CONDITIONS.values() if condition.set_aside), region


def test_what_was_drawn_before_there_was_more_is_drawn_still():
    values, rng = drawn_by(TRAINING, 50, 3), np.random.default_rng(3)
    for name in ('friction', 'restitution', 'payload_kg', 'motor_strength', 'delay_s'):
        assert np.array_equal(getattr(values, name), rng.uniform(*getattr(TRAINING, name), 50))
    assert np.isnan(values.joint_damping).all() and (values.mass_scale == 1).all()


def test_models_are_shared():
    values = drawn_by(replace(RANDOMISED, variants=8), 20)
    for name in MODEL_FIELDS:
        value = getattr(values, name)
        assert np.array_equal(value[:8], value[8:16], equal_nan=value.dtype.kind == 'f'), name
    assert not np.array_equal(values.delay_s[:8], values.delay_s[8:16])
    twin = BatchTwin(20, 0, replace(RANDOMISED, variants=8))
    assert len({id(model) for model in twin._models}) == 8


def test_parts_of_a_batch_meet_the_same_and_the_seed_says_what():
    ranges = replace(RANDOMISED, push_every_s=0.2)
    twin = stood(ranges, 6, 20, copies=2)
    assert np.array_equal(twin.physics[:3], twin.physics[3:])
    assert not np.allclose(twin.physics[0], twin.physics[1])
    assert np.array_equal(twin.physics, stood(ranges, 6, 20, copies=2).physics)


def test_the_models_are_what_was_drawn():
    ranges = Perturbation(
        joint_damping=(1.5, 1.5), joint_friction_nm=(0.1, 0.1), armature_scale=(2.0, 2.0),
        mass_scale=(1.2, 1.2), inertia_scale=(0.5, 0.5), com_shift_m=0.05, payload_kg=(2.0, 2.0),
        foot_radius_m=(0.027, 0.027), contact_time_s=(0.03, 0.03), friction=(0.3, 0.3),
        slope_deg=(10.0, 10.0), gain_scale=(1.1, 1.1), motor_strength=(0.8, 0.8))
    twin, plain = BatchTwin(1, 0, ranges), BatchTwin(1).model
    model, legs = twin._models, twin.layout.qvel
    assert (model.dof_damping[legs] == 1.5).all() and (model.dof_frictionloss[legs] == 0.1).all()
    assert np.allclose(model.dof_armature[legs], 2 * plain.dof_armature[legs])
    assert np.allclose(model.body_mass[2:], 1.2 * plain.body_mass[2:])
    assert model.body('base').mass[0] == pytest.approx(1.2 * plain.body('base').mass[0] + 2)
    assert np.allclose(model.body_inertia, 0.6 * plain.body_inertia)
    shift = model.body_ipos[1] - plain.body_ipos[1]
    assert 0 < np.abs(shift).max() <= 0.05
    assert np.array_equal(model.body_ipos[2:], plain.body_ipos[2:])
    foot = model.geom('RR_foot')
    assert foot.size[0] == 0.027 and foot.friction[0] == 0.3
    assert model.geom_solref[foot.id, 0] == 0.03
    assert np.degrees(np.arccos(-model.opt.gravity[2] / 9.81)) == pytest.approx(10.0)
    assert model.actuator('FL_calf').biasprm[1] == pytest.approx(-20 * 0.8 * 1.1)


def test_a_condition_with_a_contact_model_is_all_of_it():
    model = BatchTwin(1, 0, CONDITIONS['menagerie'].ground)._models
    wanted, foot = CONTACT_MODELS['menagerie'], model.geom('FL_foot').id
    assert (model.opt.cone, model.opt.impratio) == (wanted.cone, wanted.impratio)
    assert model.geom_condim[foot] == 6 and tuple(model.geom_solimp[foot, :3]) == wanted.solimp
    assert 'menagerie' not in RANDOMISED.contact_models


@pytest.mark.parametrize('name', [name for name in CONDITIONS if name != 'bouncing 0.4'])
def test_a_standing_dog_bears_every_condition(name):
    # 'bouncing 0.4' throws a dog that drops a few centimetres.
    twin = stood(CONDITIONS[name].ground, 4)
    truth = twin.truth()
    assert not truth.fallen.any() and np.isfinite(twin.physics).all()
    assert truth.height.min() > 0.2


def test_on_a_slope_gravity_is_felt_and_the_feet_hold():
    twin = stood(Perturbation(slope_deg=(10.0, 10.0)), 8, 100)
    gravity = twin.sense().gravity
    tilt = np.degrees(np.arccos(-gravity[:, 2]))
    assert np.allclose(np.linalg.norm(gravity, axis=1), 1.0)
    assert np.abs(tilt - 10).max() < 3  # legs give a little
    downhill = twin.drawn.down[:, :2] / np.linalg.norm(twin.drawn.down[:, :2], axis=1)[:, None]
    assert (gravity[:, :2] * downhill).sum(axis=1).min() > 0.12
    assert np.abs(twin.truth().base_velocity).max() < 0.1


def test_motors_follow_encoders_that_are_off():
    twin = stood(Perturbation(joint_offset_rad=0.1), 1, 150)
    true = twin.physics[0, 1 + twin.layout.qpos]
    read = twin.sense().joint_pos[0]
    assert np.allclose(read - true, twin.drawn.joint_offset_rad[0])
    nominal = stood(NOMINAL, 1, 150)
    sag = nominal.physics[0, 1 + nominal.layout.qpos] - go2.DEFAULT_POSE_RAD
    # What is read is near the target, but for the sag under the weight.
    assert np.abs(read - go2.DEFAULT_POSE_RAD - sag).max() < 0.05


def test_sensors_have_a_constant_error():
    ranges = Perturbation(gyro_bias_rad_s=0.03, imu_tilt_rad=0.05)
    twin = stood(ranges, 3, 100)
    again = twin.sense()
    assert np.array_equal(again.ang_vel, twin.sense().ang_vel)
    assert np.abs(again.ang_vel - twin.drawn.gyro_bias_rad_s).max() < 0.02
    level = go2.gravity_in_body(twin.quaternion)
    apart = np.linalg.norm(again.gravity - level, axis=1)
    assert (apart > 1e-4).all() and apart.max() < 0.09


def test_impulses_and_kicks_give_the_same_momentum():
    speed = {}
    for name, ranges in {'kick': Perturbation(push_mps=1.0, push_every_s=0.4),
                         'impulse': Perturbation(impulse_ns=15.0, push_every_s=0.4)}.items():
        twin = BatchTwin(16, 0, replace(ranges, friction=(0.0, 0.0)))
        for _ in range(26):
            twin.step(np.tile(go2.DEFAULT_POSE_RAD, (16, 1)))
        speed[name] = np.linalg.norm(twin.physics[:, 20:22], axis=1).mean()
    assert speed['kick'] == pytest.approx(speed['impulse'], rel=0.25)
    assert speed['kick'] > 0.5


def test_pushes_differ_in_size_and_kind():
    twin = stood(Perturbation(push_mps=1.0, impulse_ns=15.0, push_range=(0.0, 1.0),
                              push_every_s=0.2), 64, 10)
    before = twin.physics[:, 20:22].copy()
    twin.step(np.tile(go2.DEFAULT_POSE_RAD, (64, 1)))
    jump = np.linalg.norm(twin.physics[:, 20:22] - before, axis=1)
    assert jump.std() > 0.15 and jump.max() < 1.3


def test_a_standing_dog_bears_whatever_is_drawn():
    twin = stood(replace(RANDOMISED, push_mps=0.0, impulse_ns=0.0, variants=0), 96)
    truth = twin.truth()
    assert not truth.fallen.any()
    assert truth.foot_height.min() > -0.01 and np.ptp(truth.height) < 0.08
