# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Reinforcement learning of actors side by side: estimates, independence, resuming, reward."""

from dataclasses import astuple, replace
from itertools import pairwise

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building import runs
from policy_gen_ros.domains.go2.building.base_config import FinetuningConfig, RewardConfig
from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig
from policy_gen_ros.domains.go2.building.reward import REWARD_TERMS, reward_terms
from policy_gen_ros.domains.go2.building.runs import FinetuningTask, train_runs
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import joint_targets
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController, TeacherInput
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.training.ppo import advantages, divergence, Experience, Learner, RATE_LIMITS
from policy_gen_ros.training.ppo_config import PpoConfig
import pytest
import torch
from wide_latent import TWO_VALUE_ADAPTOR

ACTORS, PRIVILEGED = 3, 5
TINY = FinetuningConfig(stages=3, robots=2, iterations=1, horizon=10)
CHECKPOINTS = Go2ArchiveConfig().checkpoints
REWARD = np.array(astuple(RewardConfig()))


def random_layers(seed):
    rng, sizes = np.random.default_rng(seed), (49, 192, 192, 12)
    return tuple(((rng.standard_normal((b, a)) / np.sqrt(a)).astype(np.float32),
                  np.zeros(b, np.float32)) for a, b in pairwise(sizes))


@pytest.fixture(scope='module')
def task():
    """Give starts, gaits, nominal commands and the adaptor of three actors."""
    gaits, nominal = sample_walks(ACTORS, np.random.default_rng(0))
    adaptor = Adaptor.load(TWO_VALUE_ADAPTOR)
    return FinetuningTask([random_layers(i) for i in range(ACTORS)], gaits, nominal, adaptor)


def make_learner(seed=0, **settings):
    return Learner([random_layers(i) for i in range(ACTORS)], PRIVILEGED, PpoConfig(**settings),
                   seed)


def make_experience(learner, seed=0, samples=40):
    generator = torch.Generator().manual_seed(seed)
    observation, privileged, noise, advantage = (
        torch.randn(ACTORS, samples, size, generator=generator)
        for size in (49, PRIVILEGED, 12, 1))
    mean = learner.actors(observation).detach()
    action = mean + learner.noise() * noise
    return Experience(observation, privileged, action, learner.log_prob(action, mean).detach(),
                      advantage[..., 0], advantage[..., 0] + 1)


def learn(learner, experience, share=1.0, times=1):
    for i in range(times):
        learner.learn(experience, share, torch.Generator().manual_seed(i))


def values_of(batch):
    return [p.detach().clone() for p in batch.parameters]


def test_advantages_agree_with_a_hand_computation():
    reward, value = np.array([[1.0], [2.0], [3.0]]), np.array([[0.5], [0.4], [0.3], [0.2]])
    fell = np.array([[False], [True], [False]])
    gain = advantages(reward, value, fell, discount=0.5, gae_lambda=0.5)
    # Last: 3 + 0.5 * 0.2 - 0.3. Middle, a fall: 2 - 0.4. First: 1 + 0.5 * 0.4 - 0.5 + 0.25 * 1.6.
    assert np.allclose(gain[:, 0], [1.1, 1.6, 2.8])


def test_an_actor_learns_nothing_from_the_experience_of_another():
    results = []
    for factor in (1.0, 1000.0):
        learner = make_learner()
        experience = make_experience(learner)
        experience.observation[1] *= factor
        experience.privileged[1] *= factor
        experience.target[1] *= factor
        learn(learner, experience, times=2)
        results.append(values_of(learner.actors) + values_of(learner.critics))
    for one, other in zip(*results):
        assert torch.equal(one[[0, 2]], other[[0, 2]])
        assert not torch.equal(one[1], other[1])


def test_actions_with_an_advantage_become_likelier():
    learner = make_learner()
    experience = make_experience(learner)
    mean = learner.actors(experience.observation).detach()
    learn(learner, replace(experience, advantage=experience.action[..., 3] - mean[..., 3]),
          times=10)
    moved = (learner.actors(experience.observation) - mean).mean(dim=(0, 1))
    assert moved[3] > 0.02
    assert moved[3] > 2 * moved[np.arange(12) != 3].abs().max()


def test_actions_that_an_actor_would_never_do_leave_it_finite():
    learner = make_learner(epochs=4, learning_rate=1e-2, noise=0.1)
    experience = make_experience(learner)
    action, mean = experience.action + 50.0, learner.actors(experience.observation)
    learn(learner, replace(experience, action=action,
                           log_prob=learner.log_prob(action, mean).detach()))
    assert all(torch.isfinite(value).all() for value in learner.actors.parameters)


def test_the_divergence_is_that_of_torch():
    mean, new_mean, std, new_std = torch.rand(4, 5, 12) + 0.1
    normal = torch.distributions.Normal
    wanted = torch.distributions.kl_divergence(normal(mean, std), normal(new_mean, new_std))
    assert torch.allclose(divergence(mean, std, new_mean, new_std), wanted.sum(dim=-1), atol=1e-4)


def test_an_adaptive_rate_keeps_the_divergence_near_what_is_desired():
    moved = {}
    for desired in (0.002, 0.02):
        learner = make_learner(learning_rate=1e-5, desired_kl=desired, minibatches=1)
        for i in range(30):
            experience = make_experience(learner, i)
            old = learner.actors(experience.observation).detach()
            learn(learner, experience)
        std = torch.full((1,), learner.config.noise)
        moved[desired] = float(divergence(
            old, std, learner.actors(experience.observation).detach(), std).mean())
    # Of a whole iteration, of which each minibatch may move the policy by what is desired.
    assert 0.2 * 0.002 < moved[0.002] < 10 * 0.002
    assert 0.2 * 0.02 < moved[0.02] < 10 * 0.02


def test_a_rate_that_is_too_high_falls_at_once():
    learner = make_learner(learning_rate=1e-3, desired_kl=1e-4)
    learn(learner, make_experience(learner), times=3)
    assert learner.state()['rate'] == RATE_LIMITS[0]


def test_exploration_grows_where_far_actions_are_better_and_shrinks_where_near_ones_are():
    noise = {}
    for sign in (1, -1):
        learner = make_learner(learned_noise=True, learning_rate=1e-3)
        for i in range(5):
            experience = make_experience(learner, i)
            away = (experience.action - learner.actors(experience.observation).detach())[..., 3]
            learn(learner, replace(experience, advantage=sign * away.abs()))
        noise[sign] = learner.noise()[:, 0, 3]
    begin = PpoConfig().noise
    assert (noise[1] > begin).all()
    assert (noise[-1] < begin).all()
    copy = make_learner(learned_noise=True)
    copy.load_state(learner.state())
    assert torch.equal(copy.noise(), learner.noise())


def test_entropy_widens_learned_exploration():
    learner = make_learner(learned_noise=True, entropy=1.0, learning_rate=1e-3)
    experience = make_experience(learner)
    learn(learner, replace(experience, advantage=torch.zeros_like(experience.advantage)))
    assert (learner.noise() > PpoConfig().noise).all()


def test_critics_warm_up_without_the_actors():
    learner = make_learner()
    actors, critics = values_of(learner.actors), values_of(learner.critics)
    learn(learner, make_experience(learner), share=0.0)
    assert all(torch.equal(a, b) for a, b in zip(actors, values_of(learner.actors)))
    assert not any(torch.equal(a, b) for a, b in zip(critics, values_of(learner.critics)))


def test_an_interrupted_run_goes_on_bit_for_bit(task, tmp_path, monkeypatch):
    whole = train_runs(task, TINY, 0, CHECKPOINTS)
    assert whole.weights.shape == (9, ACTORS, 48_972)
    assert whole.reward.shape == whole.falls_per_s.shape == (4, ACTORS)
    starts = [np.concatenate([p.ravel() for layer in s for p in layer]) for s in task.starts]
    assert np.array_equal(whole.weights[0], starts)  # the warm-up is over, the actors are as given
    assert (np.abs(whole.weights[-1] - whole.weights[0]).max(axis=1) > 0).all()

    genuine, file = runs._run_stage, tmp_path / 'run.pt'

    def dies_in_the_third_stage(*args):
        if args[-1] == 2:
            raise KeyboardInterrupt
        return genuine(*args)

    monkeypatch.setattr(runs, '_run_stage', dies_in_the_third_stage)
    with pytest.raises(KeyboardInterrupt):
        train_runs(task, TINY, 0, CHECKPOINTS, file)
    monkeypatch.setattr(runs, '_run_stage', genuine)
    resumed = train_runs(task, TINY, 0, CHECKPOINTS, file)
    for name in ('weights', 'reward', 'falls_per_s'):
        assert np.array_equal(getattr(resumed, name), getattr(whole, name)), name
    with pytest.raises(ValueError, match='other starts, gaits, settings or seed'):
        train_runs(task, TINY, 1, CHECKPOINTS, file)


def test_a_config_of_nothing_is_refused():
    with pytest.raises(ValueError, match='greater than or equal to 1'):
        FinetuningConfig(horizon=0)


def walk_or_stand(gaits, command, walks, ticks=150):
    """Mean terms of the reward, under this gait and under one with its feet swapped."""
    twin, teacher = BatchTwin(len(gaits)), GaitController()
    phase, last = np.zeros(len(gaits)), np.zeros((len(gaits), go2.NUM_JOINTS))
    shift = np.array([0.5, 0.5, 0.0])
    other = replace(gaits, phase=(gaits.phase + shift) % 1.0)
    terms = np.zeros((2, len(gaits), len(REWARD_TERMS)))
    for _ in range(ticks):
        truth = twin.truth()
        seen = TeacherInput(twin.sense(), truth.base_velocity, truth.height, phase, command)
        action = teacher.actions(seen, gaits) if walks else np.zeros_like(last)
        twin.step(joint_targets(action))
        gravity = go2.gravity_in_body(twin.quaternion)
        for i, wanted in enumerate((gaits, other)):
            terms[i] += REWARD * reward_terms(twin.truth(), gravity, phase, command, action, last,
                                              wanted)
        phase, last = (phase + gaits.frequency_hz * go2.CONTROL_DT_S) % 1.0, action
    assert not twin.fallen.any()
    return terms / ticks


def test_the_reward_prefers_the_wanted_gait():
    gaits, _ = sample_walks(2, np.random.default_rng(3), families=np.array([1, 1]))
    gaits = replace(gaits, frequency_hz=np.full(2, 2.5), duty=np.full((2, 4), 0.55),
                    swing_height_m=np.full(2, 0.08), body_height_m=np.full(2, 0.29),
                    pitch_rad=np.zeros(2))
    command = np.array([[0.5, 0.0, 0.0], [-0.3, 0.0, 0.0]])
    walking, misjudged = walk_or_stand(gaits, command, walks=True)
    standing, _ = walk_or_stand(gaits, command, walks=False)
    assert (walking.sum(axis=1) > standing.sum(axis=1) + 0.1).all()
    assert (walking.sum(axis=1) <= 1).all()
    for name in ('linear', 'contact', 'swing'):
        term = REWARD_TERMS.index(name)
        assert (walking[:, term] > standing[:, term]).all(), name
    for name, factor in (('contact', 1.5), ('swing', 1.2)):
        term = REWARD_TERMS.index(name)
        assert (walking[:, term] > factor * misjudged[:, term]).all(), name
