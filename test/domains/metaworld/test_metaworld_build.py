# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Building an archive of MetaWorld: what was stopped goes on, to the same bytes."""

from __future__ import annotations

import json

from policy_gen_ros.archive import building
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.metaworld.building import build
from policy_gen_ros.domains.metaworld.building.build import build_archive, CloneJob
from policy_gen_ros.domains.metaworld.building.config import MetaWorldConfig
from policy_gen_ros.utils.config import updated
import pytest

# Not 'metaworld': without the package, that is the folder of this file.
pytest.importorskip('metaworld.env_dict', reason='the extra "metaworld" is not installed')
DOMAIN = find_domain('metaworld')
TINY = updated(MetaWorldConfig(), {
    'base_steps': 2, 'base_episodes': 1, 'half_trained_steps': 1,
    'cloning': {'episodes': 1, 'rounds': 1, 'episode_steps': 60, 'steps': 2, 'shared_states': 5}})
JOBS = [CloneJob('button-press', 1, count=2, independent=1, partial=False, seed=1),
        CloneJob('coffee-button', 0, count=1, independent=1, partial=True, seed=2)]


@pytest.fixture
def few_jobs(monkeypatch):
    monkeypatch.setattr(build, 'plan', lambda config: JOBS)


def test_a_build_that_was_stopped_goes_on_to_the_same_archive(few_jobs, monkeypatch, tmp_path):
    whole, stopped = tmp_path / 'whole', tmp_path / 'stopped'
    build_archive(whole, DOMAIN, TINY, 'test')
    write, written = building.write_chunk, []

    def write_once(path, name, chunk):
        if written:
            raise KeyboardInterrupt
        written.append(name)
        write(path, name, chunk)

    monkeypatch.setattr(building, 'write_chunk', write_once)
    with pytest.raises(KeyboardInterrupt):
        build_archive(stopped, DOMAIN, TINY, 'test')
    assert not Archive(stopped).complete and len(written) == 1
    monkeypatch.setattr(building, 'write_chunk', write)
    with pytest.raises(ArchiveError, match=r'was begun with base_steps 2, not 3'):
        build_archive(stopped, DOMAIN, updated(TINY, {'base_steps': 3}), 'test')
    build_archive(stopped, DOMAIN, TINY, 'test')
    manifests = [json.loads((path / 'manifest.json').read_text()) for path in (whole, stopped)]
    assert {name: value for name, value in manifests[0].items() if name != 'archive.json'} == {
        name: value for name, value in manifests[1].items() if name != 'archive.json'}
    archive = Archive(stopped)
    assert archive.complete and archive.damage() == []
    assert archive.source.tolist() == ['cloned', 'cloned', 'half-trained']
    assert archive.progress.tolist() == pytest.approx([1, 1, 1 / 4])
    assert archive.family[:, 0].tolist() == ['button-press', 'button-press', 'coffee-button']
    assert archive.held_out_mask.tolist() == [False, False, True]
