# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Specs of foreign policies: what is refused, in which words, and what survives a round trip."""

import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st
from policy_gen_ros.domains.go2.importers.fields import ForeignSpecError
from policy_gen_ros.domains.go2.importers.observation import TERM_KEYS
from policy_gen_ros.domains.go2.importers.spec import (
    ACTIVATIONS,
    ForeignSpec,
    FORMAT,
    HISTORY_ORDERS,
    load_spec,
    shipped_specs,
    sizes_fit,
)
from policy_gen_ros.domains.go2.robot import constants as go2
import pytest

MINIMAL = {
    'format': FORMAT, 'name': 'tiny', 'observation': [{'term': 'gravity'}, {'term': 'command'}],
    'joints': list(go2.JOINT_NAMES), 'default_pose_rad': go2.DEFAULT_POSE_RAD.tolist(),
    'action_scale': 0.25, 'action_clip': 10, 'kp': 20, 'kd': 0.5, 'control_dt_s': 0.02,
    'activation': 'elu'}
ADAPTOR = {'file': 'adaptor.pt', 'latent_dim': 2, 'observation': [{'term': 'gravity'}]}


def parse(**changes):
    return ForeignSpec.from_json(json.dumps({**MINIMAL, **changes}))


def test_a_minimal_spec_says_the_rest_by_itself():
    spec = parse()
    assert spec.input_size == 6
    assert spec.kp == (20.0,) * 12
    assert spec.layer_sizes == (6, None, 12)
    assert math.isnan(spec.clock_hz)
    assert not spec.simulation_only
    assert parse(observation=[{'term': 'base_lin_vel'}]).simulation_only


@pytest.mark.parametrize('name', ['policy_gen', 'robot_lab_go2', 'walk_these_ways_go2'])
def test_shipped_specs_load_and_survive_a_round_trip(name, tmp_path):
    spec = load_spec(name, tmp_path)
    assert spec.name == name
    assert ForeignSpec.from_json(spec.to_json()) == spec


def test_shipped_specs_have_the_sizes_of_their_projects(tmp_path):
    sizes = {name: load_spec(name, tmp_path).input_size for name in shipped_specs()}
    assert sizes == {'policy_gen': 49, 'robot_lab_go2': 45, 'walk_these_ways_go2': 2102}
    assert load_spec('walk_these_ways_go2', tmp_path).adaptor.layer_sizes == (2100, 256, 128, 2)


@pytest.mark.parametrize(('changes', 'message'), [
    ({'joint_order': []}, "unknown key 'joint_order'"),
    ({'action_scal': 1}, "unknown key 'action_scal'; did you mean 'action_scale'?"),
    ({'observation': [{'term': 'gravty'}]}, r"observation\[0\]\.term.*did you mean 'gravity'"),
    ({'observation': [{'term': 'gravity', 'scales': 2}]}, "did you mean 'scale'"),
    ({'observation': [{'term': 'gravity', 'values': [1]}]}, "'gravity' has no 'values'"),
    ({'observation': [{'term': 'gravity', 'scale': [1, 2]}]}, '2 scales for the 3 values'),
    ({'observation': [{'term': 'constant'}]}, "'constant' needs 'values'"),
    ({'observation': [{'term': 'clock'}]}, "'clock' needs 'frequency_hz'"),
    ({'observation': [{'term': 'clock', 'frequency_hz': 1}, {'term': 'clock', 'frequency_hz': 2}]},
     'there is one phase'),
    ({'observation': [{'term': 'clock', 'frequency_hz': None}]}, 'actors of this package'),
    ({'observation': [{'term': 'latent'}]}, 'no "adaptor" to give it'),
    ({'observation': [{'term': 'latent'}], 'adaptor': ADAPTOR, 'history_length': 5},
     'would stack the term'),
    ({'adaptor': ADAPTOR}, 'reads no "latent"'),
    ({'adaptor': {'file': 'a.pt'}}, 'adaptor.missing: latent_dim, observation'),
    ({'adaptor': {**ADAPTOR, 'observation': [{'term': 'latent'}]}}, 'it cannot read them'),
    ({'joints': [*go2.JOINT_NAMES[:11], 'RR_claf_joint']}, "did you mean 'RR_calf_joint'"),
    ({'joints': [*go2.JOINT_NAMES[:11], 'FL_hip_joint']}, 'each of .* once'),
    ({'joints': ['FL_hip_joint']}, 'expected a list of 12'),
    ({'control_dt_s': 0.01}, 'the twin runs policies every 0.02 s'),
    ({'kp': -1}, 'kp.* is -1, expected a number from'),
    ({'kd': [0.5] * 11}, 'expected a list of 12'),
    ({'action_scale': True}, 'is True, expected a number'),
    ({'action_clip': float('nan')}, 'is nan'),
    ({'activation': 'gelu'}, "unknown 'gelu'.* 'elu'"),
    ({'history_length': 1.5}, 'expected a whole number'),
    ({'history_length': 100, 'observation': [{'term': 'constant', 'values': [0] * 500}]},
     'would read 50000 values'),
    ({'files': ['../*.pt']}, 'a pattern inside the folder'),
    ({'commands': [[1, 2]]}, 'expected a list of 3'),
    ({'format': 'other/1'}, "format is 'other/1'"),
])
def test_mistakes_are_named(changes, message):
    with pytest.raises(ForeignSpecError, match=message):
        parse(**changes)


def test_missing_keys_are_listed_together():
    with pytest.raises(ForeignSpecError, match='missing: name, joints, activation'):
        ForeignSpec.from_json(json.dumps({key: value for key, value in MINIMAL.items()
                                          if key not in ('name', 'joints', 'activation')}))


@pytest.mark.parametrize('content', [b'\xff\xfe', '', '[]', 'null', '{', '[' * 100_000])
def test_other_files_are_refused(content):
    with pytest.raises(ForeignSpecError):
        ForeignSpec.from_json(content)


def test_a_missing_spec_lists_the_shipped_ones(tmp_path):
    with pytest.raises(ForeignSpecError, match='robot_lab_go2, walk_these_ways_go2'):
        load_spec(None, tmp_path)
    (tmp_path / 'spec.json').write_text(json.dumps({**MINIMAL, 'kp': 'high'}))
    with pytest.raises(ForeignSpecError, match=r'spec\.json: kp'):
        load_spec(None, tmp_path)


def test_open_sizes_fit_any_hidden_layers():
    assert sizes_fit((6, 32, 16, 12), (6, None, 12))
    assert not sizes_fit((6, 12), (6, None, 12))
    assert not sizes_fit((7, 32, 12), (6, None, 12))
    assert not sizes_fit((6, 32, 12), (6, 16, 12))


def test_interfaces_ignore_names_and_commands():
    assert parse(name='a', commands=[[1, 0, 0]]).interface == parse(name='b').interface
    assert parse().interface != parse(action_scale=0.5).interface


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(['term', 'scale', 'file', 'name']) | st.text(max_size=5), inner,
        max_size=4), max_leaves=8)


@given(key=st.sampled_from([*MINIMAL, 'adaptor', 'files', 'history_length', 'hidden_sizes']),
       value=JSON)
@settings(max_examples=300, deadline=None)
def test_any_value_gives_a_spec_or_one_clear_error(key, value):
    try:
        spec = parse(**{key: value})
    except ForeignSpecError:
        spec = parse()
    assert ForeignSpec.from_json(spec.to_json()) == spec


@st.composite
def terms(draw):
    name = draw(st.sampled_from([term for term in TERM_KEYS if term not in (
        'latent', 'adaptor_history')]))
    if name == 'clock':
        return {'term': name, 'frequency_hz': 2.5, 'functions': draw(st.permutations(
            ['sin', 'cos'])), 'offsets': draw(st.lists(st.floats(-1, 1), min_size=1, max_size=4))}
    if name == 'constant':
        return {'term': name, 'values': draw(st.lists(st.floats(-9, 9), min_size=1, max_size=5))}
    return {'term': name, 'scale': draw(st.floats(-9, 9))}


@given(observation=st.lists(terms(), min_size=1, max_size=8), kp=st.floats(1, 100),
       activation=st.sampled_from(ACTIVATIONS), history=st.integers(1, 9),
       order=st.sampled_from(HISTORY_ORDERS), joints=st.permutations(go2.JOINT_NAMES))
@settings(max_examples=50, deadline=None)
def test_sound_specs_survive_a_round_trip(observation, kp, activation, history, order, joints):
    spec = parse(observation=observation, kp=kp, activation=activation, history_length=history,
                 history_order=order, joints=joints)
    assert ForeignSpec.from_json(spec.to_json()) == spec
    assert spec.input_size % history == 0
    assert [go2.JOINT_NAMES[i] for i in spec.from_ours] == joints
