# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Base policies for drawn robots: the expert, its imitation, what is estimated, fine-tuning."""

from dataclasses import replace
import shutil

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building import base_policies, robust_finetuning, robust_imitation
from policy_gen_ros.domains.go2.building.base_config import (
    BaseWeightsTraining,
    PoolConfig,
    RobustConfig,
    RobustImitationConfig,
)
from policy_gen_ros.domains.go2.building.base_policies import prepare_base_policies
from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig
from policy_gen_ros.domains.go2.building.expert import Expert
from policy_gen_ros.domains.go2.building.hidden import ESTIMATED, HiddenReader
from policy_gen_ros.domains.go2.building.latent_learning import AdaptorLearner, LATENT, widened
from policy_gen_ros.domains.go2.building.robust_finetuning import (
    eased,
    RandomisedCollector,
    reinforce_robust_base,
)
from policy_gen_ros.domains.go2.building.robust_imitation import imitate_expert, take_lesson
from policy_gen_ros.domains.go2.building.screen import walk_base
from policy_gen_ros.domains.go2.building.search import Elites, encode
from policy_gen_ros.domains.go2.building.symmetric import SymmetricPolicy
from policy_gen_ros.domains.go2.robot.observation import build_observation
from policy_gen_ros.domains.go2.shipped import NOMINAL_FOLDER, SHIPPED_FOUNDATION
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.closed_loop import run_loop
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation, RANDOMISED
import pytest
import torch

LESSONS = RobustImitationConfig(rounds=3, robots=16, ticks=24, steps=4, batch=32, kept_rounds=2)
ROBUST = RobustConfig(
    imitation=LESSONS, finetuning=replace(RobustConfig().finetuning, stages=2, robots=8,
                                          iterations=2, horizon=8),
    ramp_stages=2, keep_every=3, adaptor_batch=8, base_weights=BaseWeightsTraining(steps=2),
    pool=PoolConfig(rounds=1, robots=8, ticks=20, states=12))
NOMINAL_POLICY = SHIPPED_FOUNDATION / NOMINAL_FOLDER


@pytest.fixture(scope='module')
def base():
    return SymmetricPolicy.load(NOMINAL_POLICY / 'base-0.safetensors')


@pytest.fixture(scope='module')
def adaptor():
    return Adaptor.load(NOMINAL_POLICY / 'adaptor.safetensors')


@pytest.fixture(scope='module')
def wide(base, adaptor):
    return widened(base), AdaptorLearner(adaptor, 1e-3, 0).adaptor()


def values_of(policy, adaptor):
    return [*policy.state_dict().values(), *(torch.from_numpy(value) for layer in adaptor.layers
                                             for value in layer)]


def test_hidden_values_are_those_that_were_drawn():
    twin = BatchTwin(4, 0, Perturbation(
        joint_damping=(1.0, 1.0), joint_friction_nm=(0.85, 0.85), motor_strength=(0.9, 0.9),
        payload_kg=(2.0, 2.0), delay_s=(0.05, 0.05), friction=(1.0, 1.0), steps_m=(0.03, 0.03),
        cobbles_m=(0.01, 0.01)))
    value = dict(zip(ESTIMATED, HiddenReader(twin).estimated().T))
    for name, wanted in (('friction', 1.0), ('restitution', -1.0), ('joint_damping', 1.0),
                         ('joint_friction_nm', 1.0), ('motor_strength', -1.0), ('load_kg', 1.0),
                         ('delay_s', 2.0), ('slope_x', 0.0), ('vx_mps', 0.0), ('rise_m', 1.0)):
        assert np.allclose(value[name], wanted, atol=1e-5), name


def test_what_is_not_drawn_is_nominal():
    twin = BatchTwin(3, 0, NOMINAL)
    hidden = HiddenReader(twin).hidden()
    assert np.allclose(hidden.joint_damping, twin.model.dof_damping[twin.layout.qvel[0]])
    assert np.allclose(hidden.joint_friction_nm, twin.model.dof_frictionloss[twin.layout.qvel[0]])
    assert not hidden.load_kg.any()
    assert not hidden.load_moment_kg_m.any()
    shifted = HiddenReader(BatchTwin(3, 0, Perturbation(com_shift_m=0.05)))
    trunk_kg = twin.model.body('base').mass[0]
    assert np.allclose(shifted.hidden().load_moment_kg_m,
                       trunk_kg * shifted._twin.drawn.com_shift_m[:, :2])


def test_the_slope_is_estimated_in_the_frame_of_the_trunk():
    twin = BatchTwin(4, 0, Perturbation(slope_deg=(8.0, 8.0)))
    estimate = HiddenReader(twin).estimated()[:, [ESTIMATED.index('slope_x'),
                                                  ESTIMATED.index('slope_y')]]
    # A robot that was just put there looks along x, and downhill is in its azimuth.
    downhill = np.stack([np.cos(twin.drawn.azimuth_rad), np.sin(twin.drawn.azimuth_rad)], axis=1)
    assert np.allclose(estimate, np.tan(np.radians(8)) / 0.1 * downhill, atol=1e-3)


def test_the_expert_keeps_the_speed_of_damped_joints_that_its_base_loses(base, adaptor):
    gaits, command = sample_walks(20, np.random.default_rng(5))
    ground = Perturbation(joint_damping=(2.0, 2.0))
    expert, readers = Expert(base, GaitController()), []

    def act(_, state, loop):
        readers[:] = readers or [HiddenReader(loop.twin)]
        return expert.actions(state, loop, command, gaits, readers[0])

    def speed(results):
        velocity = np.array([r.mean_velocity[:2] for r in results])
        square = (command[:, :2]**2).sum(axis=1)
        fast = square > 0.3**2
        return np.median((velocity * command[:, :2]).sum(axis=1)[fast] / square[fast])

    told = speed(run_loop(act, gaits.frequency_hz, command, 4.0, 0, adaptor, ground))
    blind = speed(walk_base(base, gaits.features(), gaits.frequency_hz, command, adaptor, 4.0, 0,
                            ground))
    assert blind < 0.5
    assert told > 0.7


def test_a_widened_policy_does_as_before(base, adaptor, wide):
    student, _ = wide
    twin = BatchTwin(5, 0, RANDOMISED)
    rng = np.random.default_rng(0)
    state, latent = twin.sense(), rng.standard_normal((5, len(ESTIMATED)))
    rest = (rng.standard_normal((5, 12)), rng.standard_normal((5, 3)))
    told = torch.randn(5, 15)
    narrow = build_observation(state, *rest, latent[:, :2], rng.random(5) * 0)
    broad = build_observation(state, *rest, latent, rng.random(5) * 0)
    assert np.array_equal(broad[:, LATENT], latent.astype(np.float32))
    assert np.allclose(student.act(broad, told), base.act(narrow, told), atol=1e-5)


def test_an_adaptor_learns_what_is_hidden_from_histories(adaptor):
    learner = AdaptorLearner(adaptor, 1e-3, 0)
    history = torch.randn(64, 2100, generator=torch.Generator().manual_seed(0))
    wanted = history[:, :len(ESTIMATED)] + history[:, 70:70 + len(ESTIMATED)]
    first = (learner.learn(history, wanted) - wanted).abs().mean()
    for _ in range(40):
        latent = learner.learn(history, wanted)
    assert (latent - wanted).abs().mean() < 0.3 * first
    assert np.allclose(learner.adaptor().latent(history.numpy()),
                       learner.network(history).detach(), atol=1e-4)


def test_lessons_hold_what_was_met_and_what_the_expert_would_do(base, wide):
    lesson = take_lesson(*wide, Expert(base, GaitController()), LESSONS, [0, 0], by_expert=False)
    kept = 16 * 24 // LESSONS.keep_every
    assert [tuple(part.shape) for part in (lesson.history, lesson.observation, lesson.condition,
                                           lesson.action, lesson.estimated)] == [
        (kept, 2100), (kept, 60), (kept, 15), (kept, 12), (kept, 13)]
    # The newest row of a history is of the same tick as the observation.
    assert torch.allclose(lesson.history[:, -70:-67].float(), lesson.observation[:, :3], atol=2e-3)
    assert torch.allclose(lesson.observation[:, LATENT], torch.from_numpy(
        wide[1].latent(lesson.history.float().numpy())), atol=0.05)
    other = take_lesson(*wide, Expert(base, GaitController()), LESSONS, [0, 0], by_expert=True)
    assert not torch.equal(other.observation, lesson.observation)


def test_imitation_goes_on_bit_for_bit_where_it_was_killed(base, adaptor, tmp_path, monkeypatch):
    whole = values_of(*imitate_expert(base, adaptor, LESSONS, 0, tmp_path / 'whole.pt'))
    genuine, file = robust_imitation.take_lesson, tmp_path / 'killed.pt'

    def dies_in_the_third_round(*args, **kwargs):
        if args[-1] == [0, 2]:
            raise KeyboardInterrupt
        return genuine(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(robust_imitation, 'take_lesson', dies_in_the_third_round)
        with pytest.raises(KeyboardInterrupt):
            imitate_expert(base, adaptor, LESSONS, 0, file)
    resumed = values_of(*imitate_expert(base, adaptor, LESSONS, 0, file))
    assert all(torch.equal(a, b) for a, b in zip(whole, resumed, strict=True))


def test_imitation_brings_the_student_nearer_to_the_expert(base, adaptor, tmp_path):
    config = replace(LESSONS, rounds=2, robots=64, ticks=80, keep_every=2, steps=100, batch=256,
                     learning_rate=3e-4)
    student, learned = imitate_expert(base, adaptor, config, 0, tmp_path / 'state.pt')
    fresh = take_lesson(student, learned, Expert(base, GaitController()), config, [9], False)

    def error(policy, used):
        seen = fresh.observation.clone()
        seen[:, LATENT] = torch.from_numpy(used.latent(fresh.history.float().numpy()))
        with torch.no_grad():
            return float((policy(seen, fresh.condition) - fresh.action).square().mean())

    assert error(student, learned) < 0.95 * error(
        widened(base), AdaptorLearner(adaptor, 1e-3, 0).adaptor())


def test_a_curriculum_ends_at_the_whole_of_what_is_drawn():
    assert eased(RANDOMISED, 1.0) == RANDOMISED
    easy = eased(RANDOMISED, 0.0)
    assert easy.push_mps == pytest.approx(RANDOMISED.push_mps / 3)
    assert easy.slope_deg[1] == 0.5 * RANDOMISED.slope_deg[1]
    assert easy.joint_damping == RANDOMISED.joint_damping
    assert eased(NOMINAL, 0.0) == NOMINAL


def test_the_critic_is_told_what_was_drawn_and_the_policy_is_not(wide):
    learner = robust_finetuning.new_learner(*wide, ROBUST, 0)
    gaits, nominal = sample_walks(8, np.random.default_rng(0))
    collector = RandomisedCollector(learner, gaits, nominal, wide[1], ROBUST.finetuning, [0, 0], 3)
    experience = collector.gather(6)
    assert experience.observation.shape == (1, 48, 60 + 15)
    assert torch.equal(experience.privileged[..., :75], experience.observation)
    told = experience.privileged[0, :8, -len(ESTIMATED):]  # of the first tick
    damping = ESTIMATED.index('joint_damping')
    drawn = np.nan_to_num(collector.twin.drawn.joint_damping, nan=0.2)
    assert np.allclose(told[:, damping], (drawn - 0.2) / 0.8, atol=1e-5)
    estimator = AdaptorLearner(wide[1], 1e-3, 0)
    collector.teach(estimator, 8)
    assert np.array_equal(collector.loop.adaptor.layers[0][0], estimator.adaptor().layers[0][0])
    assert not np.array_equal(estimator.adaptor().layers[0][0], wide[1].layers[0][0])


def test_fine_tuning_goes_on_bit_for_bit_where_it_was_killed(wide, tmp_path, monkeypatch):
    whole = values_of(*reinforce_robust_base(*wide, ROBUST, 0, tmp_path / 'whole.pt'))
    start = values_of(*wide)
    assert not any(torch.equal(a, b) for a, b in zip(whole, start, strict=True))
    genuine, file = robust_finetuning.RandomisedCollector, tmp_path / 'killed.pt'

    def dies_in_the_third_stage(*args):
        if args[5] == [0, 2]:
            raise KeyboardInterrupt
        return genuine(*args)

    with monkeypatch.context() as patch:
        patch.setattr(robust_finetuning, 'RandomisedCollector', dies_in_the_third_stage)
        with pytest.raises(KeyboardInterrupt):
            reinforce_robust_base(*wide, ROBUST, 0, file)
    resumed = values_of(*reinforce_robust_base(*wide, ROBUST, 0, file))
    assert all(torch.equal(a, b) for a, b in zip(whole, resumed, strict=True))


def test_a_base_policy_is_made_from_the_nominal_one(tmp_path, monkeypatch):
    shutil.copytree(NOMINAL_POLICY, tmp_path / NOMINAL_FOLDER)
    config = replace(Go2ArchiveConfig(), specialists=4, robust=ROBUST)
    asked = []

    def search(path, walk, config, screening, seed):
        asked.append((config, screening))
        gaits, command = sample_walks(3, np.random.default_rng(0))
        walks = walk(gaits, command, 0.2, 0, NOMINAL)
        return Elites(encode(gaits, command[:, 0]), np.array([walk.reward for walk in walks]),
                      np.zeros((3, 6)))

    monkeypatch.setattr(base_policies, 'search_specialists', search)
    made = prepare_base_policies(tmp_path, config)
    assert isinstance(made.shared.base, SymmetricPolicy)
    assert made.shared.adaptor.latent_dim == len(ESTIMATED)
    assert made.shared.pool.observations().shape == (12, 60)
    assert made.shared.base_weights[0][0].shape[1] == 60
    assert not list(tmp_path.glob('*.pt'))
    assert asked == [(config.search, config.screening)]
    again = prepare_base_policies(tmp_path, config)
    assert len(asked) == 1 and np.array_equal(again.elites.solution, made.elites.solution)
    assert torch.equal(again.shared.base.network[0].weight, made.shared.base.network[0].weight)
