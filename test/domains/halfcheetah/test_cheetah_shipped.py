# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The HalfCheetah's shipped bundle and index: they belong together, and policies do as asked."""

import numpy as np
from policy_gen_ros import ActorWeights, Goal, PolicyGenerator
from policy_gen_ros.archive.split import HeldOut
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.commands.main import main
from policy_gen_ros.domains import find_domain
import pytest

DOMAIN = find_domain('halfcheetah')
MOST_BYTES = 8e6


@pytest.fixture(scope='module')
def generator():
    return PolicyGenerator.load(domain='halfcheetah')


@pytest.fixture(scope='module')
def index():
    return Archive(DOMAIN.archive_index)


def asked(index, count):
    """Goals of training behaviours, and their measures."""
    rows = np.random.default_rng(0).permutation(index.seen)[:count]
    measures = index.measures[rows, 0]
    return measures, [Goal(measures=dict(zip(DOMAIN.measures.names, row)), domain='halfcheetah')
                      for row in measures.tolist()]


def test_bundle_and_index_are_of_one_archive(generator, index):
    assert index.damage() == []
    assert generator.info.provenance['archive_fingerprint'] == index.fingerprint
    assert generator.info.provenance['actors'] == len(index.training())
    assert index.header['held_out_sha256'] == HeldOut.load(DOMAIN).sha256
    assert len(index.held_out) > 20 and index.weights.stored.sum() > 20


def test_what_is_shipped_is_small():
    size = sum(file.stat().st_size for folder in (DOMAIN.bundle, DOMAIN.archive_index)
               for file in folder.rglob('*') if file.is_file())
    assert size <= MOST_BYTES


def test_the_same_seed_gives_the_same_policy(generator):
    goal = Goal(text='hop quickly forward on the back foot', domain='halfcheetah')
    one, same, other = (generator.generate(goal, seed) for seed in (3, 3, 4))
    assert one.sha256 == same.sha256 != other.sha256
    assert one.spec.layer_sizes == DOMAIN.network.layer_sizes


def test_a_policy_is_generated_on_the_command_line(tmp_path):
    file = tmp_path / 'hop.safetensors'
    assert main(['generate', '--domain', 'halfcheetah', '--measures',
                 'contact_back=0.6,contact_front=0.3', '-o', str(file)]) == 0
    assert ActorWeights.from_bytes(file.read_bytes()).measures['contact_back'] == 0.6


def test_policies_touch_the_ground_as_they_are_asked_to(generator, index):
    pytest.importorskip('gymnasium', reason='the extra "gymnasium" is not installed')
    measures, goals = asked(index, 48)
    done = DOMAIN.training_rollout(DOMAIN.bundle)(generator.generate_batch(goals), 1)
    missed = np.linalg.norm((done.measures - measures)[:, :2], axis=1)
    shuffled = np.linalg.norm((done.measures - measures[::-1])[:, :2], axis=1)
    assert np.median(missed) < 0.1 < np.median(shuffled) / 2
    assert np.corrcoef(done.measures[:, 2], measures[:, 2])[0, 1] > 0.8
