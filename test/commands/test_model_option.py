# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``--model`` of rollout and rehearse: another model of the Go2, and one line where it is none."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

from policy_gen_ros.commands.main import main
from policy_gen_ros.domains.go2.twin.conditions import GROUNDS
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.paths import share_file
import pytest


@pytest.fixture
def actor(tmp_path: Path) -> Path:
    made = PolicyGenerator.load().generate(Goal(text='trot forward'), seed=0)
    (tmp_path / 'trot.safetensors').write_bytes(made.to_bytes())
    return tmp_path / 'trot.safetensors'


@pytest.fixture
def damped(tmp_path: Path) -> Path:
    text = share_file('sim/go2.xml').read_text()
    (tmp_path / 'damped.xml').write_text(text.replace('damping="0.2"', 'damping="8.0"'))
    return tmp_path / 'damped.xml'


def walked(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert main([*arguments, '--json', '-']) in (0, 1)
    return dict(json.loads(capsys.readouterr().out))


def test_rollout_walks_in_it(actor, damped, capsys):
    command = ['rollout', str(actor), '--seconds', '3']
    here, there = (walked(capsys, *command, *more) for more in ([], ['--model', str(damped)]))
    assert there['mean_velocity'][0] < 0.7 * here['mean_velocity'][0]  # damping slows it down


def test_rehearsal_walks_in_it_and_under_a_condition(damped, capsys):
    command = ['rehearse', '--text', 'trot forward', '--candidates', '1', '--twins', '1',
               '--seconds', '2']
    results = [walked(capsys, *command, *more)['candidates'][0] for more in (
        [], ['--model', str(damped)], ['--perturb', 'push 1 m/s'], ['--perturb', 'slope 10 deg'])]
    assert results[1]['measures'] != results[0]['measures']  # of the twin that is not perturbed
    assert results[2]['measures'] == results[3]['measures'] == results[0]['measures']
    assert results[3]['reward'] != results[2]['reward']


@pytest.mark.parametrize(('options', 'says'), [
    (['--model', 'none.xml'], 'none.xml: there is no such file'),
    (['--model', __file__], 'is not MJCF')])
def test_bad_models_are_one_clear_line(actor, options, says, capsys):
    assert main(['rollout', str(actor), *options]) == 2
    said = capsys.readouterr().err
    assert says in said and said.count('\n') == 1 and 'Traceback' not in said


def test_no_model_for_another_robot(damped, capsys, monkeypatch):
    cheetah = SimpleNamespace(spec=SimpleNamespace(domain='halfcheetah', command_dim=0))
    monkeypatch.setattr(ActorWeights, 'load', lambda *_: cheetah)
    assert main(['rollout', 'x.safetensors', '--model', str(damped)]) == 2
    assert '--model is for actors of the domain go2' in capsys.readouterr().err


def test_every_ground_has_a_name_of_its_own():
    assert len(set(GROUNDS.values())) == len(GROUNDS) - 1  # 'none' and 'nominal'
