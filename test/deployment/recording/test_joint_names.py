# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Which names are a joint's: its own, such as end in it, those of a map; nothing unclear."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from policy_gen_ros.deployment.recording.joint_names import JointMap, OWN_NAMES
from policy_gen_ros.domains.go2.robot import constants as go2
import pytest

SHORT = [name.removesuffix('_joint') for name in go2.JOINT_NAMES]


@pytest.mark.parametrize('name', [
    'robot0/{}', 'go2_{}', 'go2::{}', '/ns/robot-1.{}', '{}'])
@pytest.mark.parametrize('joints', [list(go2.JOINT_NAMES), SHORT], ids=['long', 'short'])
@settings(deadline=None, max_examples=10)
@given(random=st.randoms(use_true_random=False))
def test_joints_are_found_by_the_ends_of_their_names(name: str, joints: list, random) -> None:
    names = [*map(name.format, joints), 'arm_joint', 'robot0/FL_hip_rotor', 'FL_hip_joint_motor']
    random.shuffle(names)
    order = OWN_NAMES.order(names)
    assert [names[i] for i in order] == [*map(name.format, joints)]
    assert bool(OWN_NAMES.remark('/joint_states', names)) == (name != '{}' or joints == SHORT)


def test_a_name_of_its_own_comes_before_one_that_ends_in_it() -> None:
    names = [*(f'other/{name}' for name in go2.JOINT_NAMES), *go2.JOINT_NAMES]
    assert OWN_NAMES.order(names).tolist() == list(range(12, 24))
    assert OWN_NAMES.remark('/joint_states', names) == ''


@pytest.mark.parametrize(('names', 'says'), [
    ([f'{robot}/{name}' for robot in 'ab' for name in go2.JOINT_NAMES],
     'a/FL_hip_joint, b/FL_hip_joint may all be FL_hip_joint'),
    ([*SHORT, 'robot0/FL_hip_joint'], 'FL_hip, robot0/FL_hip_joint may all be FL_hip_joint'),
    ([f'{name}_rotor' for name in SHORT], 'no joint FL_hip_joint, .*; there are FL_hip_rotor'),
    ([f'X{name}' for name in SHORT], 'no joint FL_hip_joint, .*; there are XFL_hip, XFL_thigh')])
def test_what_is_unclear_is_refused_with_the_names(names: list[str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        OWN_NAMES.order(names)


def test_a_map_names_what_has_other_names() -> None:
    theirs = [f'{leg}_{i}' for leg in go2.WIRE_LEGS for i in range(3)]
    text = ', '.join(f'{their} = {ours}' for their, ours in zip(theirs, go2.WIRE_JOINT_NAMES))
    order = JointMap.parse(text).order(theirs)
    assert [theirs[i] for i in order] == [
        f'{leg}_{i}' for leg in go2.LEGS for i in range(3)]
    assert JointMap.parse(text).remark('/joint_states', theirs) == (
        '/joint_states: joints found by the map: FL_0 is FL_hip_joint, and so on')
    assert JointMap.parse('') == OWN_NAMES
    few = JointMap.parse('left_front_hip=FL_hip_joint')
    assert few.order(['left_front_hip', *go2.JOINT_NAMES[1:]]).tolist() == list(range(12))


@pytest.mark.parametrize(('text', 'says'), [
    ('a', "'a': expected NAME_IN_RECORDING=NAME_OF_GO2"), ('=FL_hip_joint', 'expected NAME_IN'),
    ('a=FL_hip_join', "unknown joint 'FL_hip_join'; did you mean 'FL_hip_joint'"),
    ('a=FL_hip_joint,b=FL_hip_joint', 'FL_hip_joint is named twice'),
    ('a=FL_hip_joint,a=FR_hip_joint', 'a is named twice')])
def test_wrong_maps_are_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        JointMap.parse(text)
