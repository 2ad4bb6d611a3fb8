# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Domains are found by name: the package's own, and those of packages that are installed."""

from __future__ import annotations

import numpy as np
from policy_gen_ros import Goal
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.split import HeldOut
from policy_gen_ros.domains import domain_names, DomainError, find_domain
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES, MEASURES
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY
from policy_gen_ros.domains.go2.spec import NETWORK
import pytest


def test_the_go2_is_the_default_and_made_once():
    go2 = find_domain()
    assert isinstance(go2, Domain)
    assert find_domain('go2') is find_domain('go2')
    assert (go2.name, go2.version, go2.groups) == ('go2', 1, GAIT_FAMILIES)
    assert (go2.measures, go2.trajectory, go2.network) == (MEASURES, TRAJECTORY, NETWORK)
    assert go2.network.layer_sizes == (49, 192, 192, 12)
    assert 'go2' in domain_names()


def test_an_unknown_domain_is_refused_with_a_suggestion():
    with pytest.raises(DomainError, match="unknown domain 'go3'; did you mean 'go2'"):
        find_domain('go3')
    with pytest.raises(DomainError, match=r"unknown domain 'zebra' \(known: go2"):
        find_domain('zebra')


def test_another_package_plugs_its_domain_in(toy):
    assert 'toy' in domain_names()
    assert (toy.name, toy.controls, toy.captions) == ('toy', (), None)
    assert find_domain('toy').extras.dim == 4
    with pytest.raises(DomainError, match="did you mean 'toy'"):
        find_domain('toys')


def test_goals_are_checked_by_their_own_domain(toy):
    assert Goal(measures={'speed': 3.0}, domain='toy').describe() == 'speed=3'
    with pytest.raises(ValueError, match=r"unknown measure 'vx_mps' \(known: speed"):
        Goal(measures={'vx_mps': 0.3}, domain='toy')
    with pytest.raises(ValueError, match="unknown measure 'speed'"):
        Goal(measures={'speed': 3.0})
    goal = Goal(trajectory=np.zeros((60, 4)), domain='toy')
    assert goal.describe() == 'trajectory of 3.0 s'
    with pytest.raises(ValueError, match=r'shape \(time, 4\), got \(60, 42\)'):
        Goal(trajectory=np.zeros((60, 42)), domain='toy')


def test_a_domain_names_the_groups_and_measures_that_it_holds_out(toy):
    held_out = HeldOut.load(toy)
    groups, rows = np.array(['fast', 'fast', 'slow']), np.array([[3.5], [2.5], [3.5]]) * [1, 0, 0]
    assert held_out.region_of(groups, rows).tolist() == [0, -1, -1]
    assert held_out.sha256 != HeldOut(toy).sha256


def test_regions_need_not_name_the_only_group_of_a_domain(toy, monkeypatch):
    text = '{"regions": [{"speed": [3.0, null]}]}'
    with pytest.raises(ArchiveError, match=r'regions\[0\]: missing group'):
        HeldOut.from_json(text, toy)
    monkeypatch.setattr(type(toy), 'groups', ('fast',))
    assert HeldOut.from_json(text, toy).regions == HeldOut.load(toy).regions
