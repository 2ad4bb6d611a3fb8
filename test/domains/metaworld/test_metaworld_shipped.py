# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""MetaWorld's shipped bundle, index and prompts: they belong together, and policies do tasks."""

import json
from pathlib import Path

import numpy as np
from policy_gen_ros import PolicyGenerator
from policy_gen_ros.archive.split import HeldOut
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.commands.goals import read_trajectory
from policy_gen_ros.commands.main import main
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.metaworld.constants import LAYER_SIZES, TASKS
from policy_gen_ros.evaluation.prompted.prompts import draw_prompts
from policy_gen_ros.policies.spec import parameter_count
from policy_gen_ros.policies.weights import ActorWeights
import pytest

DOMAIN = find_domain('metaworld')
PROMPTS = DOMAIN.bundle.parent / 'prompts'
TOOLS = Path(__file__).parents[3] / 'tools'
MOST_BYTES = 8e6
SEEN, UNSEEN = 'drawer-open', 'window-close'


@pytest.fixture(scope='module')
def index():
    return Archive(DOMAIN.archive_index)


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """Policies from both prompts, as the command line makes them, and what it says of each."""
    folder, found = tmp_path_factory.mktemp('made'), {}
    for task in (SEEN, UNSEEN):
        file, said = folder / f'{task}.safetensors', folder / f'{task}.json'
        named = [] if task == SEEN else ['--measures', f'task={task}']
        assert main(['generate', '--domain', 'metaworld', '--trajectory',
                     str(PROMPTS / f'{task}.npz'), *named, '-o', str(file),
                     '--json', str(said)]) == 0
        actor, = json.loads(said.read_text())['actors']
        found[task] = ActorWeights.load(file), actor
    return found


def test_bundle_and_index_are_of_one_archive(index):
    provenance = PolicyGenerator.load(domain='metaworld').info.provenance
    assert index.damage() == []
    assert provenance['archive_fingerprint'] == index.fingerprint
    assert provenance['training_fingerprint'] == index.training_fingerprint
    assert provenance['actors'] == len(index.seen)
    assert index.header['held_out_sha256'] == HeldOut.load(DOMAIN).sha256


def test_what_is_shipped_is_small():
    size = sum(file.stat().st_size for folder in (DOMAIN.bundle, DOMAIN.archive_index, PROMPTS)
               for file in folder.rglob('*') if file.is_file())
    assert size <= MOST_BYTES


def test_the_index_has_prompts_of_all_tasks_and_no_training_has_seen_them(index):
    stored = np.flatnonzero(index.trajectory.stored)
    assert set(index.family[stored, 0].tolist()) == set(TASKS)
    assert index.held_out_mask[stored].all()
    drawn = [draw_prompts(index, kind, len(stored), 0) for kind in ('seen', 'unseen')]
    assert sorted(np.concatenate([prompts.actor for prompts in drawn])) == stored.tolist()


def test_the_generator_answers_a_prompt_of_a_seen_task(made):
    policy, said = made[SEEN]
    assert policy.spec.layer_sizes == LAYER_SIZES and policy.spec.task == SEEN
    assert policy.to_vector().shape == (parameter_count(LAYER_SIZES),)
    assert np.isfinite(policy.to_vector()).all()
    assert not said['cloned'] and said['warnings'] == []


def test_a_prompt_of_an_unseen_task_is_cloned(made):
    policy, said = made[UNSEEN]
    assert policy.spec.layer_sizes == LAYER_SIZES and policy.spec.task == UNSEEN
    assert said['cloned'] and 'far from those of training' in said['reason']
    assert said['measures'] == {'task': TASKS.index(UNSEEN)}


def test_both_do_their_tasks(made):
    pytest.importorskip('metaworld.env_dict', reason='the extra "metaworld" is not installed')
    done = DOMAIN.rollout(DOMAIN.bundle)([policy for policy, _ in made.values()], 1)
    assert done.reward.tolist() == [1.0, 1.0]


@pytest.mark.parametrize('task', [SEEN, UNSEEN])
def test_prompts_are_what_the_scripts_do(task, monkeypatch):
    pytest.importorskip('metaworld.env_dict', reason='the extra "metaworld" is not installed')
    monkeypatch.syspath_prepend(str(TOOLS))
    from metaworld_prompt import record

    assert np.allclose(read_trajectory(PROMPTS / f'{task}.npz'), record(task), atol=1e-3)
