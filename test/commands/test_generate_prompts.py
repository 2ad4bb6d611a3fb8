# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen generate`` for prompts: what it says of policies, which are made up."""

from __future__ import annotations

import json
from types import SimpleNamespace

from made_up_metaworld import DOMAIN
import numpy as np
from policy_gen_ros.commands import generate
from policy_gen_ros.commands.main import main
from policy_gen_ros.domains.metaworld.constants import LAYER_SIZES
from policy_gen_ros.generation.cloning import PromptedPolicy
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.ppo import new_network
import pytest


@pytest.fixture
def made(monkeypatch):
    """Let every goal be answered by two policies of the task reach; what was asked for."""
    asked = {}

    def answer(generator, goals, seed, clone, steps, guidance):
        asked.update(goals=goals, clone=clone)
        policy = DOMAIN.make_policy(new_network(LAYER_SIZES, seed), np.array([9]), {'task': 9.0})
        return [PromptedPolicy(policy, True, 'it is far'), PromptedPolicy(policy, False, 'near')]

    monkeypatch.setattr(generate, 'generate_or_clone', answer)
    monkeypatch.setattr(generate, 'bundle_path', lambda path, domain: path)
    monkeypatch.setattr(generate, 'read_info', lambda folder, domain: None)
    monkeypatch.setattr(PolicyGenerator, 'load', lambda *_, **__: SimpleNamespace(domain=DOMAIN))
    return asked


def test_it_says_the_task_and_how_each_policy_came_to_be(made, tmp_path, capsys):
    np.savez(tmp_path / 'prompt.npz', trajectory=np.zeros((63, 43)))
    arguments = ['generate', '--domain', 'metaworld', '--trajectory',
                 str(tmp_path / 'prompt.npz'), '--count', '2', '-o', str(tmp_path / 'p')]
    assert main([*arguments, '--clone', 'never', '--json', str(tmp_path / 'said.json')]) == 0
    assert made['clone'] == 'never' and len(made['goals']) == 2
    said = capsys.readouterr().out.splitlines()
    assert said == [f'{tmp_path}/p_0: metaworld, task = reach, cloned: it is far',
                    f'{tmp_path}/p_1: metaworld, task = reach, generated: near']
    found = json.loads((tmp_path / 'said.json').read_text())['actors']
    assert [(each['cloned'], each['reason']) for each in found] \
        == [(True, 'it is far'), (False, 'near')]
    assert ActorWeights.load(tmp_path / 'p_0').spec.task == 'reach'
    assert main(arguments) == 0 and made['clone'] == 'auto'


def test_a_bundle_of_another_domain_is_said_before_the_goal_is_read(tmp_path, capsys):
    np.savez(tmp_path / 'prompt.npz', trajectory=np.zeros((63, 43)))
    arguments = ['--trajectory', str(tmp_path / 'prompt.npz'), '-o', str(tmp_path / 'p')]
    assert main(['generate', '--bundle', str(tmp_path), *arguments]) == 2
    assert 'no bundle at' in capsys.readouterr().err
    cheetah = DOMAIN.bundle.parent.parent / 'halfcheetah/bundle'
    assert main(['generate', '--bundle', str(cheetah), *arguments]) == 2
    assert 'is of the domain halfcheetah, expected one of go2' in capsys.readouterr().err
