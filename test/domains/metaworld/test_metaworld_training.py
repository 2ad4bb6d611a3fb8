# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""From a made-up archive of MetaWorld to policies, without its simulator: stages and commands."""

from __future__ import annotations

from made_up_metaworld import DOMAIN, write_archive
import numpy as np
from policy_gen_ros.commands.main import main
from policy_gen_ros.domains.domain import RolloutBatch
from policy_gen_ros.domains.metaworld.constants import TASKS
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.pipeline import train_bundle, TrainingInputs
from policy_gen_ros.training.presets import preset_of
from policy_gen_ros.utils.config import updated
import pytest

TINY = {
    'network': {'latent_dim': 4, 'rank': 8, 'decoder_width': 16, 'width': 16},
    'decoder': {'steps': 3, 'refined_steps': 2}, 'embedding': {'steps': 3},
    'diffusion': {'steps': 3, 'final_steps': 3},
    'self_generated': {'mixtures': 8, 'policies': 8},
    'finetune': {'rounds': 1, 'walks': 8, 'critic_steps': 2, 'steps': 2}, 'threads': 1}
SEEN = ('reach', 'dial-turn')
"""Tasks of the archive that training may read."""


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return write_archive(tmp_path_factory.mktemp('tasks') / 'archive', (
        ('reach', 1), ('reach', 2), ('dial-turn', 1), ('dial-turn', 2), ('reach-wall', 0)))


@pytest.fixture(scope='module')
def trained(tmp_path_factory, archive):
    """Return a bundle, and the tasks of the policies that were run for it."""
    tasks = []

    def run(policies, seed):
        rng, n = np.random.default_rng(seed), len(policies)
        tasks.extend(policy.spec.task for policy in policies)
        done = rng.random(n) < 0.7
        number = [TASKS.index(policy.spec.task) for policy in policies]
        measures = np.column_stack([number, np.where(done[:, None], rng.random((n, 4)), np.nan)])
        return RolloutBatch(done, done, done.astype(float), measures,
                            rng.standard_normal((n, 63, 43)), rng.standard_normal((n, 128, 39)))

    folder = tmp_path_factory.mktemp('trained')
    inputs = TrainingInputs(archive.training(), archive.base_weights(), archive.path, run)
    train_bundle(inputs, folder / 'bundle', folder / 'work',
                 updated(preset_of(DOMAIN, 'debug'), TINY), {'command': 'test'})
    return folder / 'bundle', tasks


def test_policies_of_a_training_are_run_in_tasks_that_it_knows(trained):
    assert set(trained[1]) == set(SEEN)


def test_a_trajectory_alone_makes_a_policy_for_a_known_task(trained, archive):
    generator = PolicyGenerator.load(trained[0], device='cpu')
    prompt = archive.trajectory[0][0].astype(np.float32)
    policies = generator.generate(Goal(trajectory=prompt, domain='metaworld'), count=3)
    assert {policy.spec.task for policy in policies} <= set(SEEN)
    for policy in policies:
        assert policy.measures['task'] == TASKS.index(policy.spec.task)
        assert policy.spec.layer_sizes == DOMAIN.network.layer_sizes


def test_a_task_that_is_asked_for_is_that_of_the_policy(trained):
    generator = PolicyGenerator.load(trained[0], device='cpu')
    for task in SEEN:
        goal = Goal(measures={'task': TASKS.index(task)}, domain='metaworld')
        assert generator.generate(goal).spec.task == task


def test_commands_take_a_whole_episode_as_a_prompt(trained, archive, tmp_path):
    rows = archive.trajectory[0][0].astype(np.float32)
    whole = np.concatenate([rows[:60], rows[10:40], rows[60:]])
    made = []
    for name, prompt in (('cut', rows), ('whole', whole)):
        np.savez(tmp_path / f'{name}.npz', trajectory=prompt)
        made.append(tmp_path / f'{name}.safetensors')
        assert main(['generate', '--domain', 'metaworld', '--bundle', str(trained[0]),
                     '--trajectory', str(tmp_path / f'{name}.npz'), '-o', str(made[-1])]) == 0
    first, second = map(ActorWeights.load, made)
    assert first.sha256 == second.sha256


def test_a_prompt_that_is_too_short_is_refused(trained, archive, tmp_path, capsys):
    np.savez(tmp_path / 'short.npz', trajectory=archive.trajectory[0][0][:40])
    assert main(['generate', '--domain', 'metaworld', '--bundle', str(trained[0]),
                 '--trajectory', str(tmp_path / 'short.npz'), '-o', str(tmp_path / 'x')]) == 2
    assert 'at least 63 rows at 80 Hz, got 40' in capsys.readouterr().err
