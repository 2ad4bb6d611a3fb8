# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The report of a rehearsal in a browser."""

from __future__ import annotations

from dataclasses import replace

from chromium import needs_chromium, PHONE, read_page, WIDE
from policy_gen_ros.deployment.rehearsal.page import rehearsal_page
from policy_gen_ros.deployment.rehearsal.rehearse import Rehearsal, RehearsalConfig, rehearse
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.shipped import ADAPTOR_FILE
from policy_gen_ros.evaluation.report.page import write_page
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
import pytest

GOAL = Goal(text='trot <slowly>', measures={'frequency_hz': 2.5})


@pytest.fixture(scope='module')
def rehearsal() -> Rehearsal:
    adaptor = Adaptor.load(bundle_path(None) / ADAPTOR_FILE)
    return rehearse(PolicyGenerator.load(), adaptor, GOAL, RehearsalConfig(2, 1, 2.0))


@needs_chromium
@pytest.mark.parametrize('width', [PHONE, WIDE])
def test_all_candidates_stand_there(rehearsal, tmp_path, width):
    first = replace(rehearsal.candidates[0], qualified=False, faults=('falls', ''))
    shown = replace(rehearsal, candidates=(first, rehearsal.candidates[1]), chosen=1)
    write_page(rehearsal_page(shown), tmp_path / 'report.html')
    page = read_page(tmp_path / 'report.html', width, tmp_path)
    assert page['width'] == page['room'] <= width
    second = shown.candidates[1]
    assert dict(page['key_figures']) == {
        'Kept': 'candidate 1', 'Candidates that qualify': f'{int(second.qualified)} of 2',
        'Its perturbed twins that stay up': f'{100 * second.survived:.0f} %',
        'Its reward': f'{second.reward:.2f}'}
    table = page['tables']['All candidates']
    assert [row[0] for row in table] == ['', 'candidate 0', 'candidate 1, kept']
    assert table[1][-1] == 'falls' and table[2][5] == f'{second.reward:.3f}'
    measures = {row[0]: row[1:] for row in page['tables']['Aimed at → reached']}
    assert measures['frequency_hz'][1].startswith('2.50 → ')
    assert [chart[0] for chart in page['charts']] == ['candidate 0', 'candidate 1, kept']
    assert page['missing'] == page['cautions'] == [] and page['dead_links'] == []


@needs_chromium
def test_warnings_about_the_goal_stand_there(rehearsal, tmp_path):
    first, second = rehearsal.candidates
    doubtful = replace(first, actor=replace(first.actor, warnings=('buys <milk>',)))
    kept = replace(second, actor=replace(second.actor, warnings=('buys <milk>', 'limited')))
    shown = replace(rehearsal, candidates=(doubtful, kept), chosen=1)
    assert shown.to_dict()['warnings'] == ['buys <milk>', 'limited']
    write_page(rehearsal_page(shown), tmp_path / 'report.html')
    page = read_page(tmp_path / 'report.html', PHONE, tmp_path)
    assert page['cautions'] == ['Warning: buys <milk>', 'Warning: limited']


@needs_chromium
def test_nothing_kept_is_said(rehearsal, tmp_path):
    lost = replace(rehearsal, chosen=None)
    write_page(rehearsal_page(lost), tmp_path / 'report.html')
    page = read_page(tmp_path / 'report.html', PHONE, tmp_path)
    assert page['key_figures'][0] == ['Kept', 'none']
    assert page['missing'][0].startswith('No candidate qualifies')
