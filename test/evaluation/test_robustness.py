# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Conditions x policies: what counts, what is judged, and that a run goes on."""

from __future__ import annotations

from dataclasses import replace
import json
from types import SimpleNamespace

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.commands.main import main
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
from policy_gen_ros.domains.go2.twin.conditions import CONDITIONS
from policy_gen_ros.domains.go2.twin.episode import Effort
from policy_gen_ros.evaluation.report.robustness import (
    draw_robustness,
    effort_table,
    robustness_table,
)
from policy_gen_ros.evaluation.studies import robustness
from policy_gen_ros.evaluation.studies.robustness import (
    evaluate_robustness,
    score,
    to_dict,
    Walkers,
)
from policy_gen_ros.utils.paths import share_file
import pytest

NAMES = ['nominal', 'damping 2', 'menagerie']


def walked(survived: bool, family: str, vx: float, vy: float = 0.0) -> SimpleNamespace:
    return SimpleNamespace(survived=survived, family=family, mean_velocity=(vx, vy, 0.0),
                           effort=Effort(10 * vx, 100 * vx, 1.0))


def walkers(walks: list[SimpleNamespace], asked: list[float], family: str | None = 'trot',
            calls: list | None = None, name: str = 'ours') -> Walkers:
    def walk(ground, seconds, seed):
        if calls is not None:
            calls.append((ground, seconds, seed))
        return walks

    velocity = np.array([[vx, 0.0, 0.0] for vx in asked])
    return Walkers(name, velocity, [family] * len(walks), walk, name)


def test_falls_count_against_shares_and_nothing_else():
    walks = [walked(True, 'trot', 0.4), walked(True, 'pace', 0.2), walked(False, 'trot', 9.0),
             walked(True, 'trot', 0.6, 0.3)]
    cell = score(walkers(walks, [0.4, 0.4, 0.4, 0.6]), walks)
    assert (cell.n, cell.up, cell.family) == (4, 0.75, 0.5)
    assert cell.speed == pytest.approx((0.4 * 0.4 + 0.2 * 0.4 + 0.36) / (0.16 + 0.16 + 0.36))
    assert cell.velocity_error == pytest.approx((0.0 + 0.2 + 0.3) / 3)
    assert (cell.torque_nm, cell.power_w) == (pytest.approx(4.0), pytest.approx(40.0))
    for name in ('up', 'family', 'speed', 'velocity_error', 'power_w'):
        low, high = getattr(cell, f'{name}_interval')
        assert low <= getattr(cell, name) <= high


def test_nobody_up_and_no_gait_asked_for_are_said():
    walks = [walked(False, 'none', 0.0)] * 3
    cell = score(walkers(walks, [0.4] * 3, None), walks)
    assert cell.up == 0 and np.isnan([cell.family, cell.speed, cell.velocity_error]).all()
    table = robustness_table(to_dict({'nominal': {'ours': cell}})['robustness'], [], 20.0)
    assert table.rows[0][-3:] == ['-', '-', '-']
    efforts = effort_table(to_dict({'menagerie': {'ours': cell}})['robustness'], ['menagerie'])
    assert efforts.rows == [['menagerie *', 'ours', '3', '-', '-', '-']]


def test_every_subject_meets_every_condition_and_a_second_run_goes_on(tmp_path):
    calls: list = []
    walks = [walked(True, 'trot', 0.4)] * 2
    subjects = [walkers(walks, [0.4, 0.5], 'trot', calls, name) for name in ('ours', 'theirs')]
    first = evaluate_robustness(subjects, NAMES[:2], 5.0, 7, folder=tmp_path)
    assert calls == [(CONDITIONS[name].ground, 5.0, 7) for name in NAMES[:2] for _ in subjects]
    again = evaluate_robustness(subjects, NAMES, 5.0, 7, folder=tmp_path)
    assert len(calls) == 6 and again['nominal'] == first['nominal']
    for seed, seconds, identity in ((8, 5.0, 'ours'), (7, 6.0, 'ours'), (7, 5.0, 'new')):
        before = len(calls)
        evaluate_robustness([replace(subjects[0], identity=identity)], NAMES[:1], seconds, seed,
                            folder=tmp_path)
        assert len(calls) == before + 1


def test_the_chart_shows_every_condition(tmp_path):
    walks = [walked(True, 'trot', 0.4), walked(False, 'trot', 0.0)]
    subjects = [walkers(walks, [0.4, 0.5], name=name) for name in ('ours', 'theirs')]
    scores = to_dict(evaluate_robustness(subjects, NAMES, 5.0, 0))
    assert scores['set_aside'] == ['menagerie']
    for part in (NAMES[:1], NAMES):
        draw_robustness({name: scores['robustness'][name] for name in part},
                        scores['set_aside'], tmp_path / f'{len(part)}.png')
    one, three = ((tmp_path / f'{n}.png').read_bytes() for n in (1, 3))
    assert one[:4] == b'\x89PNG' and len(three) > len(one)


@pytest.fixture(scope='module')
def foreign(tmp_path_factory):
    """Export an actor of the shipped index, as if it were another group's."""
    path = tmp_path_factory.mktemp('foreign')
    archive = Archive(SHIPPED_INDEX)
    good = int(np.flatnonzero(archive.weights.stored & archive.qualified[:, 0])[0])
    (path / 'theirs.safetensors').write_bytes(archive.actor(good).to_bytes())
    return path


def test_the_command_line_writes_table_chart_and_json(foreign, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(robustness, 'WALK_S', 4.0)
    command = ['evaluate', '--robustness', '--policies', '3', '--foreign', str(foreign), '--spec',
               'policy_gen', '--condition', 'nominal', '--condition', 'damping 2', '--quiet',
               '--output', str(tmp_path), '--json', str(tmp_path / 'out.json')]
    assert main(command) == 0
    scores = json.loads((tmp_path / 'out.json').read_text())
    assert set(scores['robustness']) == {'nominal', 'damping 2'}
    cells = scores['robustness']['nominal']
    assert set(cells) == {'generated', 'archive', 'policy_gen'}
    assert all(cell['n'] == 3 and cell['up'] == 1.0 for cell in cells.values())
    assert cells['policy_gen']['family'] is None  # was asked for a velocity, for no gait
    assert cells['archive']['velocity_error'] < 0.1
    assert scores['robustness']['damping 2']['generated']['torque_nm'] > 1.2 * cells[
        'generated']['torque_nm']
    assert cells['policy_gen']['torque_nm'] == pytest.approx(5.0, abs=2.0)
    assert (tmp_path / 'robustness.md').read_text().count('| damping 2 | generated | 3 |') == 2
    assert (tmp_path / 'robustness.png').stat().st_size > 5000
    assert json.loads((tmp_path / 'robustness.json').read_text()) == scores


def test_another_model_counts(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(robustness, 'WALK_S', 4.0)
    model = tmp_path / 'damped.xml'
    model.write_text(share_file('sim/go2.xml').read_text().replace('damping="0.2"',
                                                                   'damping="2.0"'))
    command = ['evaluate', '--robustness', '--policies', '2', '--condition', 'nominal', '--quiet',
               '--json', '-']
    torques = []
    for more in ([], ['--model', str(model)]):
        assert main([*command, *more]) == 0
        torques.append(json.loads(capsys.readouterr().out)['robustness']['nominal']['generated'][
            'torque_nm'])
    assert torques[1] > 1.2 * torques[0]
    assert main([*command, '--model', 'none.xml']) == 2
    assert 'none.xml: there is no such file' in capsys.readouterr().err
