# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Sizes of a HalfCheetah archive, and its search: resumable, and the same from the same seed."""

import copy
from dataclasses import fields

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.domains.ant.robot import ANT
from policy_gen_ros.domains.gymnasium_locomotion.building.config import LocomotionArchiveConfig
from policy_gen_ros.domains.halfcheetah.robot import HALF_CHEETAH
from policy_gen_ros.domains.humanoid.robot import HUMANOID
from policy_gen_ros.domains.walker2d.robot import WALKER2D
from policy_gen_ros.policies.spec import parameter_count
from policy_gen_ros.training.ppo import new_network
from policy_gen_ros.utils.config import override, to_dict, updated
import pytest

PARAMETERS = parameter_count(HALF_CHEETAH.layer_sizes)
TINY = LocomotionArchiveConfig(
    base_robots=4, base_iterations=2, waves=1, branch_jobs=1, branches=2, branch_robots=2,
    branch_iterations=2, keep_every=1, horizon=8, stage_iterations=2, rounds=1, islands=2,
    generations=1, children=12, chunk_size=4, iso_sigma=0.3, repeatable=1, depth=2, tries=2)


def test_options_are_read_as_text():
    config = override(LocomotionArchiveConfig(), {'rounds': '3', 'iso_sigma': '0.02'})
    assert (config.rounds, config.iso_sigma) == (3, 0.02)
    assert override(LocomotionArchiveConfig(), {}) == LocomotionArchiveConfig()
    assert updated(LocomotionArchiveConfig(), to_dict(TINY)) == TINY


@pytest.mark.parametrize(('options', 'message'), [
    ({'round': '3'}, "unknown setting round; did you mean 'rounds'"),
    ({'rounds': 'many'}, "rounds is 'many': Input should be a valid integer"),
    ({'rounds': '1.5'}, 'rounds is 1.5: Input should be a valid integer'),
    ({'branches': '0'}, 'branches is 0: Input should be greater than or equal to 1'),
    ({'episode_steps': '100'}, 'episode_steps is 100: Input should be greater'),
    ({'iso_sigma': '.nan'}, 'iso_sigma is nan: Input should be a finite number'),
    ({'line_sigma': '-1'}, 'line_sigma is -1: Input should be greater than or equal to 0'),
    ({'aimed': '1.5'}, 'aimed is 1.5: Input should be less than or equal to 1'),
    ({'tries': '1'}, 'tries is 1: Input should be greater than or equal to 2')])
def test_what_is_no_size_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        override(LocomotionArchiveConfig(), options)


@pytest.fixture(scope='module')
def searched(tmp_path_factory):
    """Give a folder with the files of a tiny search, its base and its elites."""
    pytest.importorskip('gymnasium', reason='the extra "gymnasium" is not installed')
    from policy_gen_ros.domains.gymnasium_locomotion.building.search import prepare_base, search

    folder = tmp_path_factory.mktemp('search')
    base = prepare_base(folder / 'start.safetensors', HALF_CHEETAH, TINY)
    return folder, base, search(folder, HALF_CHEETAH, TINY, base)


def test_a_search_that_was_killed_goes_on_with_the_same_result(searched):
    from policy_gen_ros.domains.gymnasium_locomotion.building.search import plan, search

    folder, base, elites = searched
    files = sorted(folder.glob('run-*.npz'))
    assert len(files) == sum(map(len, plan(TINY))) == 3
    for file in files[2:]:  # what was not yet written when it was killed
        file.unlink()
    again = search(folder, HALF_CHEETAH, TINY, base)
    for field in fields(elites):
        assert np.array_equal(getattr(again, field.name), getattr(elites, field.name))


def test_a_conditioned_base_gives_policies_that_differ(tmp_path):
    pytest.importorskip('gymnasium', reason='the extra "gymnasium" is not installed')
    from policy_gen_ros.domains.gymnasium_locomotion.building.search import (
        base_weights,
        plan,
        prepare_base,
        run_name,
        search,
    )

    config = updated(TINY, {'conditions': 6, 'waves': 1, 'rounds': 0, 'depth': 9})
    base = prepare_base(tmp_path / 'base.safetensors', HALF_CHEETAH, config)
    assert base[0][0].shape == (128, 20)
    assert base_weights(base, HALF_CHEETAH, config)[0][0].shape == (128, 17)
    elites = search(tmp_path, HALF_CHEETAH, config, base)
    assert [run_name(job.run, config)[0] for jobs in plan(config) for job in jobs] \
        == ['reinforced'] * 2
    assert (elites.run == 1).sum() > 1 and (elites.run == 2).any()


def test_a_policy_of_one_condition_does_as_the_conditioned_one_does():
    pytest.importorskip('gymnasium', reason='the extra "gymnasium" is not installed')
    from policy_gen_ros.domains.gymnasium_locomotion.building.conditioned import folded
    from policy_gen_ros.training.actor_batch import ActorBatch

    layers, rng = new_network((20, 128, 128, 6), 0), np.random.default_rng(0)
    seen, condition = rng.standard_normal((9, 17)), np.array([0.5, -1.0, 0.3])
    told = np.concatenate([seen, np.tile(condition, (9, 1))], axis=1).astype(np.float32)
    alone = ActorBatch.stack([folded(layers, condition)], 'tanh')
    assert np.allclose(alone.act(seen.astype(np.float32), 9, 1.0),
                       ActorBatch.stack([layers], 'tanh').act(told, 9, 1.0), atol=1e-5)


@pytest.fixture
def same_sides(monkeypatch):
    """Give the Humanoid's left leg the inertia and the spring of the right: two joints differ."""
    pytest.importorskip('gymnasium', reason='the extra "gymnasium" is not installed')
    import mujoco
    from policy_gen_ros.domains.gymnasium_locomotion import simulation

    def load(robot, load_model=simulation.load_model):
        model = copy.copy(load_model(robot))
        if robot is HUMANOID:
            for joint in ('hip_y', 'knee'):
                left, right = (model.joint(f'{side}_{joint}') for side in ('left', 'right'))
                left.armature[:], left.stiffness[:] = right.armature, right.stiffness
            mujoco.mj_setConst(model, mujoco.MjData(model))
        return model

    monkeypatch.setattr(simulation, 'load_model', load)


# Mirrored positions and velocities: where they come from, and the places that change their sign.
_LEGS = [3, 2, 1, 0]
WALKER_STATE = (([0, 1, 2, 6, 7, 8, 3, 4, 5], []),) * 2
ANT_STATE = (([*range(7), *(7 + 2 * leg + joint for leg in _LEGS for joint in (0, 1))],
              [1, 4, 6, 7, 9, 11, 13]),
             ([*range(6), *(6 + 2 * leg + joint for leg in _LEGS for joint in (0, 1))],
              [1, 3, 5, 6, 8, 10, 12]))


# The places of the joints in the mirror, and those that change their sign there.
_JOINTS = [0, 1, 2, 7, 8, 9, 10, 3, 4, 5, 6, 14, 15, 16, 11, 12, 13]
_TURNED = [0, 2, 11, 12, 14, 15]
HUMANOID_STATE = (([*range(7), *(7 + joint for joint in _JOINTS)],
                   [1, 4, 6, *(7 + joint for joint in _TURNED)]),
                  ([*range(6), *(6 + joint for joint in _JOINTS)],
                   [1, 3, 5, *(6 + joint for joint in _TURNED)]))


@pytest.mark.parametrize(('robot', 'state', 'spread', 'steps'), [
    (WALKER2D, WALKER_STATE, 0.1, 40), (ANT, ANT_STATE, 0.1, 24),
    (HUMANOID, HUMANOID_STATE, 0.06, 30)],  # later, what was rounded has grown
    ids=['walker2d', 'ant', 'humanoid'])
def test_a_mirrored_policy_does_with_feet_of_one_side_what_the_others_did(
        robot, state, spread, steps, same_sides):
    from policy_gen_ros.domains.gymnasium_locomotion.building.elites import ElitePolicies
    from policy_gen_ros.domains.gymnasium_locomotion.simulation import Robots
    from policy_gen_ros.training.actor_batch import ActorBatch

    parameters, feet = parameter_count(robot.layer_sizes), list(robot.mirror.feet)
    weights = np.random.default_rng(0).normal(0, spread, (1, parameters)).astype(np.float16)
    contact = np.linspace(0.2, 0.7, len(feet))[None]
    one = ElitePolicies(weights, np.zeros(1), contact, np.zeros(1, np.int32), np.ones(1))
    other = one.mirrored(robot)
    assert other.contact.tolist() == contact[:, feet].tolist()
    assert np.array_equal(other.mirrored(robot).weights, weights)
    robots = Robots(robot, [5, 5])
    for part, (order, negated) in zip((robots._position, robots._velocity), state):
        robots._physics[1, part] = robots._physics[0, part][order]
        robots._physics[1, np.arange(robots._physics.shape[1])[part][negated]] *= -1
    robots._look(np.arange(2))
    actors = ActorBatch.stack(one.layers(robot.layer_sizes) + other.layers(robot.layer_sizes),
                              'tanh')
    touched = np.zeros((2, len(feet)))
    for _ in range(steps):
        reward, contact, _ = robots.step(actors.act(robots.observe(), 1, 1.0))
        assert reward[0] == pytest.approx(reward[1], abs=1e-3)
        touched += contact
    assert np.allclose(touched[0], touched[1, feet], atol=1) and not np.allclose(
        touched[0], touched[1], atol=2)


def test_a_search_whose_policies_all_fall_says_so(tmp_path):
    pytest.importorskip('gymnasium', reason='the extra "gymnasium" is not installed')
    from policy_gen_ros.domains.gymnasium_locomotion.building.search import search

    with pytest.raises(ArchiveError, match='no policy completes its episodes yet'):
        search(tmp_path, WALKER2D, TINY, new_network(WALKER2D.layer_sizes, 0))


def made_up(contact: np.ndarray, reward: np.ndarray):
    """Elites whose first weights are their contacts."""
    from policy_gen_ros.domains.gymnasium_locomotion.building.elites import ElitePolicies

    count = len(contact)
    weights = np.zeros((count, PARAMETERS), np.float16)
    weights[:, :contact.shape[1]] = contact
    return ElitePolicies(weights, reward, contact, np.full(count, 7, np.int32), np.ones(count))


def test_the_best_of_each_cell_are_kept():
    pytest.importorskip('gymnasium', reason='the extra "gymnasium" is not installed')
    from policy_gen_ros.domains.gymnasium_locomotion.building.elites import ElitePolicies

    cell, other = [0.51, 0.31], [0.51, 0.33]
    some = made_up(np.array([cell, cell, other, cell]), np.array([1.0, 3.0, -5.0, 2.0]))
    assert some.cell.tolist() == [25 * 50 + 15] * 2 + [25 * 50 + 16, 25 * 50 + 15]
    assert ElitePolicies.none(HALF_CHEETAH).merged(some, 2).reward.tolist() == [3.0, -5.0, 2.0]
    assert some[np.array([0, 2])].merged(some[np.array([1, 3])], 1).reward.tolist() == [-5.0, 3.0]
    assert some.merged(some, 9).counts[25 * 50 + 15] == 6
    assert some.coverage == 2 / 2500
    edges = made_up(np.array([[0.0, 1.0], [1.0, 0.0]]), np.zeros(2))
    assert edges.cell.tolist() == [49, 49 * 50]
    four_feet = made_up(np.array([[0.0, 0.31, 0.99, 1.0]]), np.zeros(1))
    assert four_feet.cell.tolist() == [399] and len(four_feet.counts) == 10_000


def test_a_search_keeps_as_many_as_it_is_told(searched):
    elites = searched[2]
    assert len(elites) > 2 and set(elites.run.tolist()) <= {0, 1, 2, 3}
    assert elites.counts.max() <= TINY.depth


def test_children_are_aimed_at_cells_that_have_few(searched):
    from policy_gen_ros.domains.gymnasium_locomotion.building.crossing import aim
    from policy_gen_ros.domains.gymnasium_locomotion.building.elites import ElitePolicies

    rng = np.random.default_rng(0)
    contact = rng.uniform(0.0, 1.0, (600, 2))
    contact = contact[np.linalg.norm(contact - 0.5, axis=1) > 0.15]  # a hole in the middle
    elites = ElitePolicies.none(HALF_CHEETAH).merged(made_up(contact, rng.random(len(contact))), 1)
    config = updated(TINY, {'iso_sigma': 0.0, 'depth': 1})
    # Contacts of these policies are linear in their weights: each child lies where it is aimed.
    children = aim(elites, 200, config, rng)[:, :2]
    in_hole = np.linalg.norm(children - 0.5, axis=1) < 0.15
    cells = np.floor(children * 50).clip(0, 49).astype(int)
    reached = elites.counts[cells[:, 0] * 50 + cells[:, 1]] == 0
    assert in_hole.mean() > 0.04  # a twentieth of what is empty lies there, no elite does
    assert reached.mean() > 0.8


def test_a_damaged_file_of_the_search_is_named(searched, tmp_path):
    from policy_gen_ros.domains.gymnasium_locomotion.building.search import search

    (tmp_path / 'run-01.npz').write_bytes(b'nothing')
    with pytest.raises(ArchiveError, match=r'run-01\.npz is damaged'):
        search(tmp_path, HALF_CHEETAH,
               LocomotionArchiveConfig(waves=1, branch_jobs=1, rounds=0), searched[1])


def test_branches_start_far_from_each_other(searched):
    from policy_gen_ros.domains.gymnasium_locomotion.building.search import _spread

    elites = searched[2]
    chosen = _spread(elites, len(elites), 0).contact
    assert len(np.unique(chosen, axis=0)) == len(np.unique(elites.contact, axis=0))
    assert len(_spread(elites, len(elites) + 2, 0)) == len(elites) + 2


def test_what_does_something_else_every_time_is_not_kept(searched):
    from dataclasses import replace

    from policy_gen_ros.domains.gymnasium_locomotion.building.elites import try_out

    vectors = np.random.default_rng(0).normal(0, 0.3, (12, searched[2].weights.shape[1]))
    every = try_out(vectors, HALF_CHEETAH, TINY, [1], 5, 1.0)
    same = try_out(vectors, HALF_CHEETAH, replace(TINY, repeatable=0.02), [1], 5, 1.0)
    assert len(every) == 12 and 0 < len(same) < 12


def test_branches_earn_what_they_are_told():
    pytest.importorskip('gymnasium', reason='the extra "gymnasium" is not installed')
    from policy_gen_ros.domains.gymnasium_locomotion.building.branches import mixtures

    drawn = mixtures(ANT, 500, np.random.default_rng(0))
    assert drawn.shape == (500, 5)
    assert (drawn[:, 0] >= 0).all()
    assert (drawn[:, 1:] < -0.5).any() and (drawn[:, 1:] > 0.5).any()
