# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Prompting with walks of policies from a folder."""

import json

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.commands.main import main
from policy_gen_ros.domains.go2.importers.policies import read_folder
from policy_gen_ros.domains.go2.importers.spec import load_spec
from policy_gen_ros.domains.go2.shipped import ADAPTOR_FILE, SHIPPED_BUNDLE, SHIPPED_INDEX
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL
from policy_gen_ros.evaluation.studies.foreign_clips import (
    clips_table,
    FOREIGN_CLIP_ROWS,
    walk_foreign,
)
import pytest


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Two actors of the shipped index, as if they were another group's."""
    path = tmp_path_factory.mktemp('foreign')
    archive = Archive(SHIPPED_INDEX)
    good = np.flatnonzero(archive.weights.stored & archive.qualified[:, 0])[:2]
    for number in good:
        (path / f'{number}.safetensors').write_bytes(archive.actor(int(number)).to_bytes())
    return path


def test_clips_are_of_walks_to_the_end(folder):
    read = read_folder(folder, load_spec('policy_gen', folder), SHIPPED_BUNDLE / ADAPTOR_FILE)
    clips = walk_foreign(read, 3, 0, NOMINAL)
    assert clips.rows.shape[1:] == (FOREIGN_CLIP_ROWS, 42)
    assert len(clips.rows) == len(clips.measures)
    assert 3 <= len(clips.rows) <= 6
    blind = clips.without_targets()
    assert np.isnan(blind.rows[..., 30:]).all() and np.isfinite(blind.rows[..., :30]).all()
    assert np.isfinite(clips.rows).all()


def test_the_command_line_compares_reading_with_embedding_alone(folder, tmp_path):
    assert main(['evaluate', '--clips', str(folder), '--spec', 'policy_gen', '--count', '4',
                 '--quiet', '--output', str(tmp_path), '--json', str(tmp_path / 'out.json')]) == 0
    scores = json.loads((tmp_path / 'out.json').read_text())
    assert set(scores) == {f'{ground}{kind}' for ground in ('flat', 'rough') for kind in (
        '', ', without targets', ', only embedded')}
    assert scores['flat']['n'] >= 4 and scores['flat']['up'] > 0.5
    assert scores['flat']['error_vx_mps'] < 0.3
    assert '| flat |' in (tmp_path / 'clips.md').read_text()
    assert 'family' in clips_table(scores).plain()
