# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Adaptors: ours and the genuine walk-these-ways module load alike."""

from pathlib import Path

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor, AdaptorError, ObservationHistory
from policy_gen_ros.domains.go2.building.hidden import ESTIMATED
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController, TeacherInput
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_gaits
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.closed_loop import ClosedLoop
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation
from policy_gen_ros.generation.bundle import bundle_path
import pytest
from safetensors.numpy import save_file
from wide_latent import TWO_VALUE_ADAPTOR

GENUINE = Path(__file__).parents[3].parent / 'shared' / 'data' / 'wtw_go2_adaptor.safetensors'


@pytest.mark.parametrize(('path', 'what', 'values', 'difference'), [
    # The targets are 2 e - 1 and (damping - 0.2) / 0.8: the true differences are 1 and 2.25.
    (TWO_VALUE_ADAPTOR, 'restitution', (0.0, 0.5), 0.2),
    (bundle_path() / 'adaptor.safetensors', 'joint_damping', (0.2, 2.0), 0.5)])
def test_shipped_adaptors_tell_robots_and_grounds_apart(path, what, values, difference):
    adaptor = Adaptor.load(path)
    gaits = sample_gaits(10, np.random.default_rng(0))
    command = np.tile([0.3, 0.0, 0.0], (10, 1))

    def mean_latent(value):
        twin = BatchTwin(10, 0, Perturbation(**{what: (value, value)}))
        loop = ClosedLoop(twin, adaptor, gaits.frequency_hz, np.zeros(10))
        teacher = GaitController()
        latents = []
        for _ in range(150):
            _, state = loop.observe(command)
            truth = twin.truth()
            latents.append(loop.latent.copy())
            loop.apply(teacher.actions(TeacherInput(state, truth.base_velocity, truth.height,
                                                    loop.phase, command), gaits))
        return np.mean(latents[75:], axis=0)

    low, high = (mean_latent(value)[:, ESTIMATED.index(what)] for value in values)
    assert (high - low > difference).mean() >= 0.8


def test_genuine_adaptor_loads():
    if not GENUINE.exists():
        pytest.skip('the genuine walk-these-ways adaptor is not on this machine')
    adaptor = Adaptor.load(GENUINE)
    assert adaptor.latent_dim == 2
    assert sum(w.size + b.size for w, b in adaptor.layers) == 571_010


def test_torchscript_adaptor_gives_the_same_latent(tmp_path):
    import torch

    module = torch.nn.Sequential(torch.nn.Linear(2100, 256), torch.nn.ELU(),
                                 torch.nn.Linear(256, 128), torch.nn.ELU(),
                                 torch.nn.Linear(128, 2))
    history = torch.randn(4, 2100)
    path = tmp_path / 'adaptation_module_latest.jit'
    torch.jit.trace(module, history).save(str(path))
    assert np.allclose(Adaptor.load(path).latent(history.numpy()), module(history).detach(),
                       atol=1e-5)


@pytest.mark.parametrize('tensors', [
    {}, {'0.weight': np.zeros((8, 7), np.float32), '0.bias': np.zeros(8, np.float32)},
    {'0.weight': np.zeros((8, 2100), np.float32)},
    {'0.weight': np.full((8, 2100), np.nan, np.float32), '0.bias': np.zeros(8, np.float32)}])
def test_other_files_are_refused(tmp_path, tensors):
    path = tmp_path / 'adaptor.safetensors'
    save_file(tensors, path)
    with pytest.raises(AdaptorError):
        Adaptor.load(path)


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(AdaptorError, match='no adaptor at'):
        Adaptor.load(tmp_path / 'nothing.safetensors')


def test_history_is_oldest_first_and_zero_at_reset():
    history = ObservationHistory(2)
    for value in (1.0, 2.0):
        flat = history.push(np.full((2, 70), value, np.float32))
    assert flat[0, -70:].tolist() == [2.0] * 70
    assert flat[0, -140:-70].tolist() == [1.0] * 70
    assert not flat[0, :-140].any()
    history.reset(np.array([1]))
    flat = history.push(np.full((2, 70), 3.0, np.float32))
    assert flat[0, -140] == 2.0
    assert flat[1, -140] == 0.0
