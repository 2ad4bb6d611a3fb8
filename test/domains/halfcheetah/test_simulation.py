# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The simulated HalfCheetah against Gymnasium's own environment."""

import numpy as np
from policy_gen_ros.domains.halfcheetah import simulation
from policy_gen_ros.domains.halfcheetah.constants import (
    FEET,
    OBSERVATION_MEAN,
    OBSERVATION_SPREAD,
    SUBSTEPS,
)
from policy_gen_ros.domains.halfcheetah.simulation import Cheetahs, MissingGymnasiumError
import pytest

gymnasium = pytest.importorskip('gymnasium', reason='the extra "halfcheetah" is not installed')
pytest.importorskip('imageio', reason='Gymnasium does not start its environments without it')
pytestmark = pytest.mark.filterwarnings('ignore::UserWarning', 'ignore::DeprecationWarning')
SEEDS = (3, 2**31)


def actions(steps):
    """Random ones that are held for a while, some beyond what motors can do."""
    rng = np.random.default_rng(0)
    return rng.uniform(-1.1, 1.1, (steps // 5, len(SEEDS), 6)).repeat(5, axis=0)


def test_rewards_and_observations_are_those_of_gymnasium():
    ours, wanted = Cheetahs(SEEDS), actions(100)
    envs = [gymnasium.make('HalfCheetah-v5').unwrapped for _ in SEEDS]
    seen = np.stack([env.reset(seed=seed)[0] for env, seed in zip(envs, SEEDS)])
    for action in wanted:
        assert np.allclose(ours.observe() * OBSERVATION_SPREAD + OBSERVATION_MEAN, seen, atol=1e-4)
        reward, _, speed = ours.step(action)
        # Gymnasium charges what a policy asks for; here actions are clipped before.
        steps = [env.step(np.clip(a, -1, 1)) for env, a in zip(envs, action)]
        seen = np.stack([step[0] for step in steps])
        assert np.allclose(reward, [step[1] for step in steps], atol=1e-4)
        assert np.allclose(speed, [step[4]['x_velocity'] for step in steps], atol=1e-4)


def test_contacts_are_those_of_each_physics_step():
    ours = Cheetahs(SEEDS[:1])
    env = gymnasium.make('HalfCheetah-v5', frame_skip=1).unwrapped
    env.reset(seed=SEEDS[0])
    feet = [env.model.geom(name).id for name in FEET]
    touched = np.zeros(2)
    for action in actions(100)[:, 0]:
        _, contact, _ = ours.step(action[None])
        expected = np.zeros(2)
        for _ in range(SUBSTEPS):
            env.step(np.clip(action, -1, 1))
            geoms = {geom for pair in env.data.contact.geom for geom in pair}
            expected += [foot in geoms for foot in feet]
        assert np.allclose(contact[0], expected / SUBSTEPS)
        touched += contact[0]
    assert (touched > 5).all() and (touched < 95).all()


def test_a_robot_does_not_depend_on_those_beside_it():
    alone, together = Cheetahs(SEEDS[1:]), Cheetahs(SEEDS)
    for action in actions(20):
        alone.step(action[1:])
        together.step(action)
    assert np.array_equal(alone.observe()[0], together.observe()[1])


def test_a_robot_whose_simulation_diverges_has_failed_and_stands_still():
    robots = Cheetahs(SEEDS)
    robots._physics[0, -1] = np.inf
    for action in actions(10):
        reward, _, speed = robots.step(action)
        assert np.isfinite(reward).all() and np.isfinite(robots.observe()).all()
        assert speed[0] == 0
    assert robots.failed.tolist() == [True, False]


def test_without_gymnasium_the_cure_is_named(monkeypatch):
    monkeypatch.setattr(simulation, 'find_spec', lambda name: None)
    with pytest.raises(MissingGymnasiumError, match='make halfcheetah'):
        simulation.model_file()
