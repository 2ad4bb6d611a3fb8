# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The loop learns, goes on after an interruption as if there was none, and shares gradients."""

from __future__ import annotations

from itertools import count
import json
import os
import subprocess
import sys

import numpy as np
from policy_gen_ros.training import loop
from policy_gen_ros.training.config import OptimizerConfig
from policy_gen_ros.training.loop import fit, TrainingRun, warmup_and_cosine
import pytest
import torch
from torch import nn

SLOPE = torch.tensor([[2.0, -1.0, 0.5]])


def line(seed=0):
    torch.manual_seed(seed)
    return nn.Linear(3, 1)


def draw(rng):
    x = torch.from_numpy(rng.standard_normal((16, 3), np.float32))
    return {'x': x, 'y': x @ SLOPE.T + 1 + 0.1 * torch.randn(16, 1)}


def train(network, steps=200, draw=draw, checkpoint=None, seed=0, **optimizer):
    return fit(network, lambda x, y: (network(x) - y).square().mean(), draw,
               TrainingRun(steps, seed, checkpoint), OptimizerConfig(0.05, **optimizer), 'line')


def weights(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()])


MUON = pytest.mark.parametrize('matrix_rate', [0.0, 0.2], ids=['AdamW', 'Muon'])


@MUON
def test_it_learns_and_says_how_well(matrix_rate):
    network = line()
    loss = train(network, 400, matrix_learning_rate=matrix_rate)
    assert weights(network) == pytest.approx(torch.tensor([2.0, -1, 0.5, 1]), abs=0.05)
    assert loss == pytest.approx(0.01, abs=0.005)


@MUON
def test_after_an_interruption_it_goes_on_as_if_there_had_been_none(tmp_path, monkeypatch,
                                                                    matrix_rate):
    monkeypatch.setattr(loop, 'CHECKPOINT_STEPS', 10)
    options = {'ema_decay': 0.9, 'max_gradient_norm': 1.0, 'seed': 3,
               'checkpoint': tmp_path / 'checkpoint.pt', 'matrix_learning_rate': matrix_rate}
    whole = line()
    train(whole, 60, **options)
    assert not options['checkpoint'].exists()
    steps = count()

    def stopped(rng):
        if next(steps) == 37:
            raise KeyboardInterrupt
        return draw(rng)

    with pytest.raises(KeyboardInterrupt):
        train(line(), 60, draw=stopped, **options)
    torch.manual_seed(99)
    drawn = []
    resumed = line(5)
    train(resumed, 60, draw=lambda rng: drawn.append(1) or draw(rng), **options)
    assert len(drawn) == 30
    assert torch.equal(weights(resumed), weights(whole))


def test_the_average_moves_less_than_the_weights():
    plain, averaged = line(), line()
    train(plain, 20)
    train(averaged, 20, ema_decay=0.9)
    before = weights(line())
    assert 0 < (weights(averaged) - before).norm() < 0.9 * (weights(plain) - before).norm()


def test_what_needs_no_gradient_stays():
    network = line()
    network.bias.requires_grad_(False)
    before = network.bias.clone()
    train(network, 20)
    assert torch.equal(network.bias, before)


def test_no_steps_are_refused():
    with pytest.raises(ValueError, match='line: training takes at least 1 step, got 0'):
        train(line(), 0)


@pytest.mark.parametrize('steps', [1, 2, 20, 400])
def test_the_rate_rises_in_a_twentieth_and_falls_to_zero(steps):
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], 1.0)
    schedule = warmup_and_cosine(optimizer, steps)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        schedule.step()
    assert max(rates) == pytest.approx(1.0, abs=0.02)
    assert np.argmax(rates) <= max(steps // 20, 1)
    assert optimizer.param_groups[0]['lr'] == pytest.approx(0, abs=1e-6)


SCRIPT = """
import json, os, sys
import numpy as np
sys.path.insert(0, sys.argv[1])
from test_training_loop import line, train, weights
from policy_gen_ros.training.stages import finished, finished_array, leads
from pathlib import Path
network = line()
stage = Path(sys.argv[2]) / 'stage.pt'
made = finished(stage, lambda: (train(network, 30), network.state_dict())[1], together=True)
network.load_state_dict(made)
alone = finished_array(stage.with_name('alone.npy'), lambda: np.full(1, float(leads())))
told = {'first': leads(), 'weights': weights(network).tolist(), 'alone': alone.tolist()}
stage.with_name(f'told-by-{os.environ["RANK"]}.json').write_text(json.dumps(told))
"""


def test_processes_share_gradients_and_stages(tmp_path):
    script = tmp_path / 'script.py'
    script.write_text(SCRIPT)
    environment = {**os.environ, 'OMP_NUM_THREADS': '1', 'CUDA_VISIBLE_DEVICES': ''}
    subprocess.run(
        [sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2',
         script, os.path.dirname(__file__), tmp_path],
        timeout=300, env=environment, check=True)
    # A file of its own for each: the two would interleave on one standard output.
    reported = [json.loads((tmp_path / f'told-by-{rank}.json').read_text()) for rank in (0, 1)]
    assert [one['first'] for one in reported] == [True, False]
    assert [one['alone'] for one in reported] == [[1.0], [1.0]]
    assert reported[0]['weights'] == reported[1]['weights']

    # The same by hand: the mean of the losses of what both processes draw.
    network = line()
    optimizer = torch.optim.AdamW(network.parameters(), 0.05, weight_decay=0.01)
    schedule = warmup_and_cosine(optimizer, 30)
    for step in range(30):
        losses = []
        for process in (0, 1):
            rng = np.random.default_rng([0, process, step])
            torch.manual_seed(int(rng.integers(2**62)))
            batch = draw(rng)
            losses.append((network(batch['x']) - batch['y']).square().mean())
        optimizer.zero_grad()
        (sum(losses) / 2).backward()
        optimizer.step()
        schedule.step()
    assert reported[0]['weights'] == pytest.approx(weights(network).tolist(), abs=1e-5)
