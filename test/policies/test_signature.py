# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Signed actors: only whole ones, and only of trusted keys."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.commands.main import main
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.policies.signature import (
    check_signature,
    KeyFileError,
    load_key,
    make_key,
    parse_public,
    public_name,
    sign,
)
from policy_gen_ros.policies.weights import ActorError, ActorWeights
import pytest
from safetensors.numpy import load, save

SIZES = (49, 8, 12)


def make_blob(seed=0):
    layers = ActorWeights.layers_from_vector(
        np.random.default_rng(seed).standard_normal(49 * 8 + 8 + 8 * 12 + 12), SIZES)
    return ActorWeights(ActorSpec(clock_hz=2.0, layer_sizes=SIZES), layers, goal='trot').to_bytes()


@pytest.fixture(scope='module')
def key(tmp_path_factory):
    return make_key(tmp_path_factory.mktemp('keys') / 'key.pem')


def test_a_signed_actor_passes_and_stays_the_same(key):
    blob = make_blob()
    signed = sign(blob, key)
    check_signature(signed, [public_name(key)])
    assert ActorWeights.from_bytes(signed).sha256 == ActorWeights.from_bytes(blob).sha256
    assert ActorWeights.from_bytes(signed).goal == 'trot'
    again = sign(signed, key)
    check_signature(again, [public_name(key)])


def test_others_are_refused(key, tmp_path):
    other = make_key(tmp_path / 'other.pem')
    with pytest.raises(ActorError, match='not signed'):
        check_signature(make_blob(), [public_name(key)])
    with pytest.raises(ActorError, match='not a trusted key'):
        check_signature(sign(make_blob(), other), [public_name(key)])


def with_metadata(blob, **changes):
    from policy_gen_ros.policies.weights import read_blob

    metadata, tensors = read_blob(blob)
    return save(tensors, {**metadata, **changes})


@pytest.mark.parametrize('changes', [
    {'nominal_command': '[1.0, 0.0, 0.0]'}, {'goal': 'bound'}, {'sha256': '0' * 64},
    {'more': 'x'}, {'signature': '00' * 64}, {'signature': 'no hex'}])
def test_whatever_is_altered_is_found(key, changes):
    with pytest.raises(ActorError, match='does not fit'):
        check_signature(with_metadata(sign(make_blob(), key), **changes), [public_name(key)])


def test_foreign_tensors_under_a_good_signature_are_found(key):
    from policy_gen_ros.policies.weights import read_blob

    metadata, _ = read_blob(sign(make_blob(0), key))
    mixed = save(load(make_blob(1)), metadata)
    check_signature(mixed, [public_name(key)])
    with pytest.raises(ActorError, match='the weights were altered'):
        ActorWeights.from_bytes(mixed)


@settings(max_examples=60)
@given(data=st.data())
def test_no_changed_byte_goes_unnoticed(key, data):
    signed = sign(make_blob(), key)
    place = data.draw(st.integers(0, len(signed) - 1))
    bad = signed[:place] + bytes([signed[place] ^ data.draw(st.integers(1, 255))]) \
        + signed[place + 1:]
    try:
        check_signature(bad, [public_name(key)])
        actor = ActorWeights.from_bytes(bad)
    except ValueError:
        return
    # A byte of white space, or of how the header writes a letter, may change without effect.
    good = ActorWeights.from_bytes(signed)
    assert (actor.sha256, actor.spec, actor.nominal_command, actor.measures, actor.goal) == (
        good.sha256, good.spec, good.nominal_command, good.measures, good.goal)


def test_keys_are_kept_by_their_owner(tmp_path):
    path = tmp_path / 'key.pem'
    key = make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert public_name(load_key(path)) == public_name(key)
    with pytest.raises(KeyFileError, match='never overwritten'):
        make_key(path)
    (tmp_path / 'bad.pem').write_text('nothing')
    for name in ('bad.pem', 'missing.pem'):
        with pytest.raises(KeyFileError, match='cannot read the signing key'):
            load_key(tmp_path / name)
    name = public_name(key)
    assert parse_public(name.upper()) == parse_public(f' {name[:32]} {name[32:]}\n') == name
    with pytest.raises(KeyFileError, match='64 hexadecimal'):
        parse_public('abc')


def test_command(tmp_path, capsys):
    actor, key = tmp_path / 'a.safetensors', tmp_path / 'key.pem'
    actor.write_bytes(make_blob())
    assert main(['sign', '--new', '--key', str(key), str(actor)]) == 0
    name = capsys.readouterr().out.split()[-1]
    check_signature(actor.read_bytes(), [name])
    assert main(['sign', '--new', '--key', str(key)]) == 2
    assert 'never overwritten' in capsys.readouterr().err
    (tmp_path / 'b').write_bytes(b'rubbish')
    assert main(['sign', '--key', str(key), str(tmp_path / 'b')]) == 2
