# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""One evaluation of a perfect generator, and one that knows an index only."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from evaluation_helpers import as_intended, own_trajectories, perfect_subject
from policy_gen_ros.archive.export import export_index
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.domain import Go2
from policy_gen_ros.evaluation.studies import answers, subject, tasks
from policy_gen_ros.evaluation.studies.suite import evaluate
import pytest
from small_archive import HELD_OUT, pretend_walk, write_small_archive


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return Archive(write_small_archive(tmp_path_factory.mktemp('archive') / 'a'), HELD_OUT)


@pytest.fixture(scope='module')
def quick_world(archive):
    """No physics but for sequences and scenarios, and little of it there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subject, 'rollout_actors', as_intended)
        patch.setattr(Go2, 'rollout', lambda *_: pretend_walk)
        patch.setattr(answers, 'out_of_distribution_prompts',
                      partial(own_trajectories, archive=archive))
        patch.setattr(tasks, 'walk_sequences', partial(tasks.walk_sequences, steps_each=3))
        patch.setattr(tasks, 'walk_scenario', partial(tasks.walk_scenario, seconds=0.2))
        yield


@pytest.fixture(scope='module')
def result(archive, quick_world, tmp_path_factory):
    return evaluate(perfect_subject(archive, output=tmp_path_factory.mktemp('output')))


@pytest.fixture(scope='module')
def index_result(archive, quick_world, tmp_path_factory):
    path = tmp_path_factory.mktemp('index') / 'index'
    export_index(archive, path, 10, 0)
    whole = perfect_subject(archive)
    return evaluate(replace(whole, archive=Archive(path, HELD_OUT)))
