# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Walks that training learns from: relabelled samples and mixtures of neighbours."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.models.decoder import Decoder, DecoderConfig
from policy_gen_ros.training.config import SelfGenerated
from policy_gen_ros.training.dataset import load_behaviors
from policy_gen_ros.training.relabelling import make_actors, mix_neighbours, relabel
import pytest
from small_archive import GO2, HELD_OUT, LAYERS, measures_row, pretend_walk, write_small_archive
import torch


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return Archive(write_small_archive(tmp_path_factory.mktemp('archive') / 'small'), HELD_OUT)


def test_samples_are_relabelled_with_the_measures_they_reached(archive):
    training = archive.training()
    decoder = Decoder(DecoderConfig(LAYERS, 8, rank=4, width=16))
    samples = torch.randn(30, 8 + GO2.extras.dim)
    forbidden = measures_row('trot', frequency_hz=3.5, vx_mps=0.5)

    def walk(actors, seed):
        walked = pretend_walk(actors, seed)
        walked.measures[1] = forbidden
        return walked

    codes, relabelled = relabel(samples, decoder, training, walk, seed=0)
    kept = [i for i in range(30) if i % 3 and i != 1]
    assert torch.equal(codes, samples[kept, :8])
    controls, measures = GO2.extras.decode(relabelled.extras.numpy())
    wanted = pretend_walk(make_actors(
        GO2, decoder.vectors(samples[:, :8]).detach().numpy(), np.full((30, 4), 2.0), LAYERS),
        0).measures[kept]
    assert np.allclose(relabelled.measures, wanted)
    assert np.allclose(measures[:, :4], wanted[:, :4], atol=1e-5)
    asked, _ = GO2.extras.decode(samples[kept, 8:].numpy())
    assert controls.shape == (len(kept), 4)
    assert np.allclose(controls, asked, atol=1e-5)
    assert training.may_train(np.array([forbidden, measures_row('trot')])).tolist() \
        == [False, True]


def test_mixtures_lie_between_behaviours_that_are_alike(archive, tmp_path):
    data = load_behaviors(archive.training(), tmp_path / 'text.npy')
    latents = torch.from_numpy(data.measures[:, :1]).float()
    samples = mix_neighbours(latents, data, 200, SelfGenerated(), seed=0)
    assert samples.shape == (200, 1 + GO2.extras.dim)
    _, measures = GO2.extras.decode(samples[:, 1:].numpy())
    # Latent and extras are mixed in the same shares.
    assert np.allclose(measures[:, 0], samples[:, 0], atol=1e-5)
    contacts, known = measures[:, :4], data.measures[:, :4]
    nearest = np.linalg.norm(contacts[:, None] - known, axis=2).min(axis=1)
    apart = np.linalg.norm(known[:, None] - known, axis=2)
    assert 1e-3 < np.median(nearest) < np.median(apart) / 2
    assert torch.equal(samples, mix_neighbours(latents, data, 200, SelfGenerated(), seed=0))
