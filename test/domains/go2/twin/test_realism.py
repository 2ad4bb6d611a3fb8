# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What makes the twin on the wire as unkind as a robot: each part, and all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from policy_gen_ros.deployment.twin.go2_twin import Go2Twin
from policy_gen_ros.deployment.twin.process import parse_options
from policy_gen_ros.deployment.wire.frames import LowCommand
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.heights import PERIOD_M
from policy_gen_ros.domains.go2.twin.perturbation import (
    NOMINAL,
    Perturbation,
    RANDOMISED,
    ROUGH,
)
from policy_gen_ros.domains.go2.twin.realism import perturbation_of, Wire, wire_of
import pytest


def asked(*arguments: str) -> tuple[Perturbation, Wire]:
    options = parse_options(list(arguments))
    return perturbation_of(options), wire_of(options)


def standing(perturbation: Perturbation, seconds: float = 1.0, seed: int = 0) -> Go2Twin:
    twin = Go2Twin(standing=True, perturbation=perturbation, seed=seed)
    for _ in range(round(seconds / go2.LOWCMD_DT_S)):
        twin.command(LowCommand.hold(go2.DEFAULT_POSE_RAD, go2.KP_STAND, go2.KD_STAND))
        twin.step()
    return twin


def test_everything_is_off_by_default() -> None:
    assert asked() == (NOMINAL, Wire())
    perturbation, wire = asked('--rehearsal')
    assert perturbation.friction == ROUGH.friction and perturbation.push_mps == ROUGH.push_mps
    assert perturbation.bumps_m > 0 and wire.loss > 0 and wire.jitter_s > 0


def test_single_parts_and_parts_beside_the_preset() -> None:
    perturbation, wire = asked('--payload-kg', '2', '--noise', '0.5', '--loss', '0.1')
    assert perturbation.payload_kg == (2.0, 2.0) and perturbation.friction == NOMINAL.friction
    assert perturbation.joint_pos_noise_rad == ROUGH.joint_pos_noise_rad / 2
    assert wire == Wire(loss=0.1)
    perturbation, wire = asked('--rehearsal', '--friction', '0.4', '--push', '0', '--loss', '0')
    assert perturbation.friction == (0.4, 0.4) and perturbation.push_mps == 0
    assert perturbation.payload_kg == ROUGH.payload_kg and wire.loss == 0


def test_grounds_by_name() -> None:
    perturbation, _ = asked('--perturb', 'slope 10 deg', '--friction', '0.5')
    assert perturbation.slope_deg == (10.0, 10.0) and perturbation.friction == (0.5, 0.5)
    assert asked('--perturb', 'randomised')[0] == RANDOMISED


@pytest.mark.parametrize(('arguments', 'says'), [
    (['--perturb', 'jelly'], "invalid choice: 'jelly'"),
    (['--payload-kg', '50'], '50 is not a number from 0 to 8'),
    (['--delay', 'soon'], 'soon is not a number'), (['--loss', 'nan'], 'nan is not a number'),
    (['--lockstep', '--loss', '0.1'], 'leave --lockstep away'),
    (['--lockstep', '--rehearsal'], 'leave --lockstep away')])
def test_impossible_options(arguments: Sequence[str], says: str,
                            capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_options(list(arguments))
    assert says in capsys.readouterr().err


def test_a_payload_weighs_on_the_feet() -> None:
    weight = standing(Perturbation(payload_kg=(3.0, 3.0))).state().foot_force.sum()
    assert weight == pytest.approx((go2.MASS_KG + 3) * 9.81, rel=0.05)


def test_motors_follow_late() -> None:
    moved = []
    for delay_s in (0.0, 0.04):
        twin = standing(Perturbation(delay_s=(delay_s, delay_s)))
        before = twin.state().joint_pos
        lower = go2.DEFAULT_POSE_RAD + np.tile([0.0, 0.3, -0.3], 4)
        for step in range(40):
            twin.command(LowCommand.hold(lower, go2.KP_STAND, go2.KD_STAND))
            twin.step()
            if np.abs(twin.state().joint_pos - before).max() > 0.01:
                moved.append(step * go2.LOWCMD_DT_S)
                break
    assert moved[1] - moved[0] == pytest.approx(0.04, abs=0.003)


def test_weak_motors_give_less_torque() -> None:
    sag = [np.abs(standing(Perturbation(motor_strength=(strength, strength))).state().joint_pos
                  - go2.DEFAULT_POSE_RAD).max() for strength in (1.0, 0.5)]
    assert sag[1] > 1.5 * sag[0]


def test_sensors_are_noisy() -> None:
    noise = Perturbation(joint_pos_noise_rad=0.05, joint_vel_noise_rad_s=0.5, gravity_noise=0.03,
                         ang_vel_noise_rad_s=0.2)
    twin = standing(noise)
    states = [twin.state() for _ in range(400)]
    for name, size in (('joint_pos', 0.05), ('joint_vel', 0.5), ('gyro', 0.2)):
        assert np.std([getattr(state, name) for state in states], axis=0) == pytest.approx(
            size, rel=0.2)
    gravity = np.array([go2.gravity_in_body(state.quaternion) for state in states])
    assert gravity[:, :2].std(axis=0) == pytest.approx(0.03, rel=0.2)
    assert np.linalg.norm([state.quaternion for state in states], axis=1) == pytest.approx(1)


def test_pushes_come_when_due_and_differ_by_seed() -> None:
    kicks = []
    for seed in (0, 1):
        twin = Go2Twin(perturbation=Perturbation(push_mps=0.5, push_every_s=0.1), seed=seed)
        while twin.time_s < 0.099:
            twin.step()
        before = twin.data.qvel[:2].copy()
        twin.step()
        twin.step()
        kicks.append(twin.data.qvel[:2] - before)
    assert [np.linalg.norm(kick) for kick in kicks] == pytest.approx([0.5, 0.5], abs=0.15)
    assert np.abs(kicks[0] - kicks[1]).max() > 0.1


def test_the_wire_loses_its_share() -> None:
    rng, wire = np.random.default_rng(0), Wire(loss=0.2, jitter_s=0.004)
    assert np.mean([wire.loses(rng) for _ in range(5000)]) == pytest.approx(0.2, abs=0.02)
    late = [wire.late_s(rng) for _ in range(1000)]
    assert min(late) >= 0 and max(late) < 0.004 and np.mean(late) == pytest.approx(0.002, abs=3e-4)
    assert not any(Wire().loses(rng) for _ in range(100)) and Wire().late_s(rng) == 0


def test_the_twin_on_the_wire_is_what_the_batch_is() -> None:
    """On a slope, with a mounting and encoders that are off, and with other gains."""
    ranges = Perturbation(slope_deg=(8.0, 8.0), imu_tilt_rad=0.03, joint_offset_rad=0.05,
                          gain_scale=(1.1, 1.1), joint_damping=(1.0, 1.0))
    twin = standing(ranges, 2.0)
    state, drawn = twin.state(), twin.drawn
    felt = go2.gravity_in_body(state.quaternion)
    body = twin.data.qpos[3:7]
    true = go2.rotate_to_body(body, drawn.down[0])
    assert np.allclose(felt, true - np.cross(drawn.imu_tilt_rad[0], true), atol=2e-3)
    assert np.degrees(np.arccos(-true[2])) == pytest.approx(8.0, abs=2.0)
    assert np.allclose(state.joint_pos - twin.data.qpos[twin.layout.qpos],
                       drawn.joint_offset_rad[0])
    # At rest the accelerometer feels what holds the robot up, against gravity.
    accelerometer = state.accelerometer / np.linalg.norm(state.accelerometer)
    assert np.allclose(accelerometer, -true, atol=0.02)
    # Motors hold what encoders say.
    assert np.abs(state.joint_pos - go2.DEFAULT_POSE_RAD).max() < 0.12
    assert (twin.model.dof_damping[6:] == 1.0).all()
    assert -twin.model.actuator('FL_hip').biasprm[1] == pytest.approx(1.1 * go2.KP_STAND)


def test_on_platforms_it_walks_on_without_end() -> None:
    twin = standing(Perturbation(steps_m=(0.05, 0.05)), 0.5)
    twin.data.qpos[0] += 0.9 * PERIOD_M
    position = twin.body().position.copy()
    for _ in range(50):
        twin.step()
    assert abs(twin.data.qpos[0]) <= PERIOD_M / 2
    assert twin.body().position[0] == pytest.approx(position[0], abs=0.2)
    assert twin.pose()[0] == twin.body().position[0]


def test_an_impulse_pushes_for_a_while() -> None:
    twin = standing(Perturbation(impulse_ns=15.0, push_every_s=0.4), 0.396)
    speeds = []
    for _ in range(60):
        twin.step()
        speeds.append(np.linalg.norm(twin.data.qvel[:2]))
    assert max(speeds[:3]) < 0.3 < max(speeds)
    assert int(np.argmax(speeds)) > 10
