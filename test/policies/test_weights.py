# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Actors as bytes: what was written is read, what was altered is refused."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.domains.go2.spec import ActorSpec, NETWORK
from policy_gen_ros.policies.network import ActorStack, forward
from policy_gen_ros.policies.spec import PolicySpec, read_spec, SpecError
from policy_gen_ros.policies.weights import ActorError, ActorWeights, read_blob
import pytest
import safetensors.numpy

SPEC = PolicySpec('toy', (5, 7, 2), 'tanh', 1.0, 0.05)


def make_actor(seed=0, **changes):
    spec = ActorSpec(clock_hz=2.5)
    vector = 0.1 * np.random.default_rng(seed).standard_normal(spec.parameter_count)
    layers = ActorWeights.layers_from_vector(vector.astype(np.float32), spec.layer_sizes)
    return ActorWeights(spec, layers, **changes)


def test_bytes_keep_everything():
    actor = make_actor(nominal_command=(0.5, -0.1, 0.2), goal='trot', bundle='b',
                       measures={'vx_mps': 0.5}, warnings=('w',))
    copy = ActorWeights.from_bytes(actor.to_bytes())
    assert copy.sha256 == actor.sha256
    assert np.array_equal(copy.to_vector(), actor.to_vector())
    for name in ('spec', 'nominal_command', 'goal', 'bundle', 'measures', 'warnings'):
        assert getattr(copy, name) == getattr(actor, name)


def test_hash_is_computed_once():
    actor = make_actor()
    assert actor.sha256 is actor.sha256


def with_metadata(**changes):
    metadata, tensors = read_blob(make_actor().to_bytes())
    return safetensors.numpy.save(tensors, {**metadata, **changes})


@pytest.mark.parametrize('key', ['actor_spec', 'measures', 'warnings', 'nominal_command'])
def test_deeply_nested_metadata_is_refused(key):
    with pytest.raises((ActorError, SpecError), match='RecursionError'):
        ActorWeights.from_bytes(with_metadata(**{key: '[' * 100_000}))


@pytest.mark.parametrize('changes', [
    {'warnings': json.dumps(['\ud800'])},
    {'actor_spec': json.dumps({**json.loads(ActorSpec(2.0).to_json()), 'activation': '\ud800'})},
    {'actor_spec': json.dumps({**json.loads(ActorSpec(2.0).to_json()), 'kp': 'x' * 100_000})},
    {'actor_spec': json.dumps({'y' * 100_000: 1})},
    {'actor_spec': json.dumps({'domain': 'y' * 100_000})},
    {'actor_spec': json.dumps({'domain': '\ud800'})},
    {'actor_spec': json.dumps({**json.loads(ActorSpec(2.0).to_json()),
                               'layer_sizes': [49] * 10_000})}])
def test_a_refusal_can_be_logged_whatever_the_metadata_hold(changes):
    with pytest.raises((ActorError, SpecError)) as refused:
        ActorWeights.from_bytes(with_metadata(**changes))
    assert 0 < len(str(refused.value).encode()) < 1000


def test_an_actor_of_very_many_layers_or_words_is_refused():
    with pytest.raises(SpecError, match='18 layers, at most 16'):
        ActorSpec(2.0, layer_sizes=(49, *[1] * 17, 12))
    with pytest.raises(ActorError, match='have 10003 characters; they have at most'):
        ActorWeights.from_bytes(with_metadata(
            goal='trot ' * 2000, bundle='', warnings=json.dumps(['far'])))


def test_size_is_that_of_the_papers_real_robot_actors():
    assert ActorSpec(clock_hz=2.0).parameter_count == 48_972


@given(cut=st.floats(0, 0.999))
@settings(max_examples=40, deadline=None)
def test_truncated_bytes_are_refused(cut):
    blob = make_actor().to_bytes()
    with pytest.raises(ActorError):
        ActorWeights.from_bytes(blob[:int(cut * len(blob))])


@given(position=st.floats(0, 1), value=st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_any_altered_byte_of_the_tensors_is_refused(position, value):
    blob = bytearray(make_actor().to_bytes())
    start = 8 + int.from_bytes(blob[:8], 'little')
    index = start + int(position * (len(blob) - start - 1))
    blob[index] ^= value
    with pytest.raises(ActorError):
        ActorWeights.from_bytes(bytes(blob))


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(blob):
    with pytest.raises(ActorError):
        ActorWeights.from_bytes(blob)


@pytest.mark.parametrize('bad', [np.nan, np.inf, 1e9])
def test_unsound_values_are_refused(bad):
    actor = make_actor()
    weight, bias = actor.layers[0]
    weight = weight.copy()
    weight[0, 0] = bad
    with pytest.raises(ActorError, match='layer 0'):
        ActorWeights(actor.spec, ((weight, bias), *actor.layers[1:]))


def test_wrong_shapes_are_refused():
    actor = make_actor()
    with pytest.raises(ActorError, match='layer 0 has shapes'):
        ActorWeights(actor.spec, (actor.layers[1], actor.layers[1], actor.layers[2]))
    with pytest.raises(ActorError, match='2 layers'):
        ActorWeights(actor.spec, actor.layers[:2])


def test_unknown_format_is_refused():
    blob = make_actor().to_bytes().replace(b'policy_gen_ros/actor/1', b'policy_gen_ros/actor/9')
    with pytest.raises(ActorError, match='this version reads'):
        ActorWeights.from_bytes(blob)


@pytest.mark.parametrize(('name', 'value'), [
    ('clock_hz', 60.0), ('latent_dim', 5), ('activation', 'tanh'), ('kp', 200.0),
    ('layer_sizes', (48, 192, 192, 12)), ('joints', ('a',) * 12)])
def test_spec_that_the_robot_cannot_honour_is_refused(name, value):
    with pytest.raises(SpecError, match=name):
        ActorSpec(**{'clock_hz': 2.0, name: value})


@pytest.mark.parametrize('text', ['', '[]', 'null', '{}', '{"clock_hz": "x"}', '{"new_key": 1}',
                                  '[' * 100_000])
def test_malformed_spec_is_refused(text):
    with pytest.raises(SpecError):
        read_spec(text)


def test_stack_runs_each_actor_on_its_own_observation():
    actors = [make_actor(seed) for seed in range(3)]
    observation = np.random.default_rng(9).standard_normal((3, 49)).astype(np.float32)
    each = np.stack([forward(a.layers, o, NETWORK) for a, o in zip(actors, observation)])
    assert np.allclose(ActorStack(actors, NETWORK).act(observation), each, atol=1e-5)


def test_an_actor_that_names_no_domain_is_for_the_go2():
    actor = make_actor()
    assert 'domain' not in json.loads(actor.spec.to_json())
    assert read_spec(actor.spec.to_json()) == read_spec(actor.spec.to_json(), 'go2') == actor.spec
    assert ActorWeights.from_bytes(actor.to_bytes(), 'go2').spec.domain == 'go2'
    with pytest.raises(SpecError, match="for the domain 'go2', expected one for 'toy'"):
        ActorWeights.from_bytes(actor.to_bytes(), 'toy')


def test_a_policy_of_another_domain_is_refused_before_its_code_is_looked_for():
    blob = with_metadata(actor_spec=SPEC.to_json())
    with pytest.raises(SpecError, match="is for the domain 'toy', expected one for 'go2'"):
        ActorWeights.from_bytes(blob, 'go2')
    with pytest.raises(SpecError, match="unknown domain 'toy'"):
        ActorWeights.from_bytes(blob)


@pytest.mark.parametrize('sizes', [(5, 7, 2), (5, 64, 64, 2)])
def test_hidden_layers_are_free(sizes):
    stored = json.loads(SPEC.to_json()) | {'layer_sizes': list(sizes)}
    assert SPEC.check(stored) == PolicySpec('toy', sizes, 'tanh', 1.0, 0.05)
    assert SPEC.command_dim == 0


@pytest.mark.parametrize(('change', 'message'), [
    ({'action_limit': 2.0}, 'action_limit is 2.0, the domain toy has 1.0'),
    ({'activation': 'elu'}, "activation is 'elu', the domain toy has 'tanh'"),
    ({'domain': 'go2'}, "domain is 'go2'"),
    ({'more': 1}, 'has keys .*more'), ({'layer_sizes': [5, 7, 3]}, 'from 5 inputs to 2 outputs'),
    ({'layer_sizes': [5, 2]}, 'layer_sizes is'), ({'layer_sizes': [5, 0, 2]}, 'layer_sizes is'),
    ({'layer_sizes': [5, 4097, 2]}, 'layer_sizes is'), ({'layer_sizes': [5, 7.5, 2]}, 'layer_siz'),
    ({'layer_sizes': '572'}, 'layer_sizes is')])
def test_what_the_domain_cannot_honour_is_refused(change, message):
    with pytest.raises(SpecError, match=message):
        SPEC.check({**json.loads(SPEC.to_json()), **change})


def test_without_a_command_there_is_none():
    layers = ActorWeights.layers_from_vector(np.zeros(42 + 16), (5, 7, 2))
    assert ActorWeights(SPEC, layers, nominal_command=()).nominal_command == ()
    for command in ((0.0, 0.0, 0.0), (1.0,)):
        with pytest.raises(ActorError, match='is not 0 finite numbers'):
            ActorWeights(SPEC, layers, nominal_command=command)
