# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Simulated robots against Gymnasium's own environments."""

import copy

import mujoco
import numpy as np
from policy_gen_ros.domains.ant.robot import ANT
from policy_gen_ros.domains.gymnasium_locomotion import simulation
from policy_gen_ros.domains.gymnasium_locomotion.simulation import MissingGymnasiumError, Robots
from policy_gen_ros.domains.halfcheetah.robot import HALF_CHEETAH
from policy_gen_ros.domains.humanoid.robot import HUMANOID
from policy_gen_ros.domains.walker2d.robot import WALKER2D
import pytest

gymnasium = pytest.importorskip('gymnasium', reason='the extra "gymnasium" is not installed')
pytest.importorskip('imageio', reason='Gymnasium does not start its environments without it')
pytestmark = pytest.mark.filterwarnings('ignore::UserWarning', 'ignore::DeprecationWarning')
NO_FORCES = {'include_cfrc_ext_in_observation': False, 'contact_cost_weight': 0.0}
ENVIRONMENTS = {
    HALF_CHEETAH: {'id': 'HalfCheetah-v5'}, WALKER2D: {'id': 'Walker2d-v5'},
    ANT: {'id': 'Ant-v5', **NO_FORCES}, HUMANOID: {'id': 'Humanoid-v5', **NO_FORCES}}
EACH = pytest.mark.parametrize('robot', ENVIRONMENTS, ids=lambda robot: robot.name)
SEEDS = (3, 2**31)


def actions(robot, steps):
    """Random ones that are held for a while, some beyond what motors can do."""
    rng = np.random.default_rng(0)
    size = (steps // 5, len(SEEDS), robot.action_dim)
    return rng.uniform(-1.1, 1.1, size).repeat(5, axis=0)


def as_gymnasium(robots, robot):
    """Observations before they were scaled."""
    return robots.observe() * np.array(robot.observation_spread) + np.array(robot.observation_mean)


def settled(env):
    """Return the simulation with forward kinematics of the state, not of a stage before it."""
    data = copy.copy(env.data)
    mujoco.mj_fwdPosition(env.model, data)
    mujoco.mj_fwdVelocity(env.model, data)
    return data


def shown(env):
    """Return Gymnasium's observation of the state itself."""
    env.data, kept = settled(env), env.data
    seen = env._get_obs()
    env.data = kept
    return seen


def place(env, robot):
    """Where it is along x."""
    data = settled(env)
    return data.subtree_com[0, 0] if robot.sees_bodies else data.qpos[0]


@EACH
def test_observations_rewards_and_ends_are_those_of_gymnasium(robot):
    ours = Robots(robot, SEEDS)
    envs = [gymnasium.make(**ENVIRONMENTS[robot]).unwrapped for _ in SEEDS]
    seen = np.stack([env.reset(seed=seed)[0] for env, seed in zip(envs, SEEDS)])
    ended, apart = 0, np.zeros(len(SEEDS))
    for action in actions(robot, 200):
        assert np.allclose(as_gymnasium(ours, robot), seen, atol=1e-4)
        before = np.array([place(env, robot) for env in envs])
        reward, _, speed = ours.step(action)
        # Gymnasium charges what a policy asks for; here actions are clipped before.
        steps = [env.step(robot.control_limit * np.clip(a, -1, 1))
                 for env, a in zip(envs, action)]
        way = np.array([place(env, robot) for env in envs]) - before
        assert np.allclose(speed, way / robot.control_dt_s, atol=1e-4)
        late = np.array([step[4]['x_velocity'] for step in steps])
        weight = robot.speed_reward
        assert np.allclose(reward - weight * speed, [step[1] for step in steps] - weight * late,
                           atol=1e-4)
        apart += speed - late
        # Gymnasium's Ant and Humanoid measure their speed at positions of the integrator's last
        # stage. What these are off does not add up: a return is off by as much as a step is.
        assert np.allclose(apart, 0.0, atol={ANT: 0.1, HUMANOID: 0.01}.get(robot, 1e-3))
        assert ours.failed.tolist() == [step[2] for step in steps]
        ended += ours.failed.sum()
        apart[ours.failed] = 0.0
        ours.reset(ours.failed)
        seen = np.stack([env.reset()[0] if step[2] else shown(env)
                         for env, step in zip(envs, steps)])
    assert (ended > 1) == (robot.healthy is not None)


@EACH
def test_contacts_are_those_before_each_physics_step(robot):
    ours = Robots(robot, SEEDS[:1])
    env = gymnasium.make(**ENVIRONMENTS[robot], frame_skip=1).unwrapped
    env.reset(seed=SEEDS[0])
    floor, *feet = (env.model.geom(name).id
                    for name in ('floor', *(foot.geom for foot in robot.feet)))
    touched = np.zeros(len(robot.feet))
    for action in actions(robot, 200)[:, 0]:
        _, contact, _ = ours.step(action[None])
        expected = np.zeros(len(robot.feet))
        for _ in range(robot.substeps):
            mujoco.mj_fwdPosition(env.model, env.data)  # of this state, not of an RK4 stage
            pairs = {frozenset(pair) for pair in env.data.contact.geom.tolist()}
            expected += [frozenset((floor, foot)) in pairs for foot in feet]
            env.step(robot.control_limit * np.clip(action, -1, 1))
        assert np.allclose(contact[0], expected / robot.substeps)
        touched += contact[0]
        if ours.failed[0]:
            ours.reset(ours.failed)
            env.reset()
    assert (touched > 5).all() and (touched < 190).all()


@EACH
def test_a_robot_does_not_depend_on_those_beside_it(robot):
    alone, together = Robots(robot, SEEDS[1:]), Robots(robot, SEEDS)
    for action in actions(robot, 20):
        alone.step(action[1:])
        together.step(action)
    assert np.array_equal(alone.observe()[0], together.observe()[1])


@EACH
def test_a_robot_whose_simulation_diverges_has_failed_and_stands_still(robot):
    robots = Robots(robot, SEEDS)
    robots._physics[0, -1] = np.inf
    for action in actions(robot, 10):
        reward, contact, speed = robots.step(action)
        assert np.isfinite(reward).all() and np.isfinite(robots.observe()).all()
        assert reward[0] == speed[0] == contact[0].sum() == 0
    assert robots.failed.tolist() == [True, False]


def test_without_gymnasium_the_cure_is_named(monkeypatch):
    monkeypatch.setattr(simulation, 'find_spec', lambda name: None)
    with pytest.raises(MissingGymnasiumError, match=r'halfcheetah needs.*make gymnasium'):
        simulation.model_file(HALF_CHEETAH)
