# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Goals that bundles are compared on: of the right actors, in words that fit."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
import pytest

FILE = Path(__file__).resolve().parents[2] / 'tools' / 'compare_bundles.py'


@pytest.fixture(scope='module')
def tool():
    spec = spec_from_file_location('compare_bundles', FILE)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize('held_out', [False, True])
def test_goals_are_qualified_behaviours_in_wordings_of_their_own(tool, held_out):
    archive = Archive(SHIPPED_INDEX)
    goals = tool.draw_goals(archive, held_out, 60, 1)
    assert len(goals) == 60
    assert (np.isin(goals.actor, archive.held_out) == held_out).all()
    assert goals.new_wording.all() == held_out
    for actor, measures, text in zip(goals.actor, goals.measures, goals.text):
        behavior = np.flatnonzero((archive.measures[actor] == measures).all(axis=1))[0]
        assert archive.qualified[actor, behavior]
        assert held_out or archive.region[actor, behavior] < 0
        templates = {caption.template for caption in archive.captions[actor][behavior]
                     if caption.text == text}
        assert any((name in archive.split.caption_templates) == held_out for name in templates)
    again = tool.draw_goals(archive, held_out, 60, 1)
    assert (again.text == goals.text).all() and (again.measures == goals.measures).all()
