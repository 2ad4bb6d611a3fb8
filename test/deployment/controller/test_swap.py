# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Checking actors off the control thread."""

from __future__ import annotations

from dataclasses import replace
import threading
import time

from controller_helpers import make_actor, make_adaptor
import numpy as np
from policy_gen_ros.deployment.controller.swap import (
    check_actor,
    HandOver,
    probe_observations,
    SwapSlot,
    SwapWorker,
)
from policy_gen_ros.domains.go2.adaptor import Adaptor, INPUT_DIM
from policy_gen_ros.domains.go2.spec import NETWORK
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.network import forward
from policy_gen_ros.policies.spec import PolicySpec, SpecError
from policy_gen_ros.policies.weights import ActorError, ActorWeights
import pytest
from wide_latent import narrow_actor, wide_actor, wide_adaptor


def check(blob: bytes) -> ActorWeights:
    return check_actor(blob, make_adaptor(), probe_observations())


def test_sound_actor_passes() -> None:
    actor = make_actor(scale=0.05)
    assert check(actor.to_bytes()).sha256 == actor.sha256


def test_truncated_and_altered_bytes_are_refused() -> None:
    blob = make_actor(scale=0.05).to_bytes()
    with pytest.raises(ActorError, match='not a complete safetensors'):
        check(blob[:-100])
    altered = bytearray(blob)
    altered[-3] ^= 0x01
    with pytest.raises(ActorError, match='altered'):
        check(bytes(altered))


def test_actor_with_wild_actions_is_refused() -> None:
    with pytest.raises(ActorError, match='leave the range of'):
        check(make_actor(scale=30.0).to_bytes())


@pytest.mark.parametrize('command', [(3.0, 0.0, 0.0), (0.0, -0.6, 0.0), (0.0, 0.0, 1e6)])
def test_an_actor_that_would_walk_faster_than_any_was_trained_to_is_refused(command) -> None:
    with pytest.raises(ActorError, match=r'nominal_command is \[.*\], expected \['):
        check(make_actor(scale=0.05, command=command).to_bytes())


def test_generated_actors_pass_and_the_same_with_noisy_weights_are_refused() -> None:
    generator, rng = PolicyGenerator.load(), np.random.default_rng(0)
    adaptor = Adaptor.load(bundle_path() / 'adaptor.safetensors')
    probe = probe_observations(adaptor.latent_dim)
    for text in ('trot forward', 'bound forward', 'walk slowly', 'pace to the left', 'pronk'):
        actor = generator.generate(Goal(text=text))
        assert check_actor(actor.to_bytes(), adaptor, probe).sha256 == actor.sha256
        spread = actor.to_vector().std()
        spoiled = tuple(((weight + spread * rng.standard_normal(weight.shape)).astype(np.float32),
                         bias) for weight, bias in actor.layers)
        with pytest.raises(ActorError, match='leave the range of'):
            check_actor(replace(actor, layers=spoiled).to_bytes(), adaptor, probe)


def test_actor_for_another_adaptor_is_refused() -> None:
    wide = Adaptor(((np.zeros((18, INPUT_DIM), np.float32), np.zeros(18, np.float32)),))
    with pytest.raises(SpecError, match='latent of 2 values, the adaptor gives 18'):
        check_actor(make_actor().to_bytes(), wide, probe_observations())


def test_actors_of_a_wider_latent_are_tried_on_a_probe_as_wide() -> None:
    probe, adaptor = probe_observations(12), wide_adaptor(make_adaptor(), 12)
    assert probe.shape == (256, 59)
    actor = narrow_actor(PolicyGenerator.load().generate(Goal(text='trot forward')))
    wide = wide_actor(actor, 12)
    assert check_actor(wide.to_bytes(), adaptor, probe).sha256 == wide.sha256
    # What was met stays in its columns: an actor that ignores the latent does the same.
    (weight, bias), *others = actor.layers
    weight = weight.copy()
    weight[:, 45:47] = 0.0
    blind = replace(actor, layers=((weight, bias), *others))
    assert np.allclose(forward(wide_actor(blind, 12).layers, probe, NETWORK),
                       forward(blind.layers, probe_observations(), NETWORK), atol=1e-4)


def test_a_policy_of_another_domain_is_refused() -> None:
    spec = PolicySpec('toy', (49, 8, 12), 'elu', 10.0, 0.02)
    layers = ActorWeights.layers_from_vector(np.zeros(50 * 8 + 9 * 12), spec.layer_sizes)
    policy = ActorWeights(spec, layers, nominal_command=())
    with pytest.raises(SpecError, match="is for the domain 'toy', expected one for 'go2'"):
        check(policy.to_bytes())


def test_slot_keeps_the_newest() -> None:
    slot = SwapSlot()
    for seed in (1, 2):
        slot.offer(HandOver(make_actor(seed=seed), 0.0))
    assert slot.take().actor.goal == 'test 2'
    assert slot.take() is None


def test_worker_checks_in_the_background() -> None:
    slot, refused = SwapSlot(), []
    worker = SwapWorker(check, slot.offer, refused.append)
    actor = make_actor(scale=0.05)
    worker.submit(b'rubbish')
    _wait_for(lambda: refused)
    worker.submit(actor.to_bytes())
    found = _wait_for(slot.take)
    worker.close()
    assert found.actor.sha256 == actor.sha256 and 0 <= time.monotonic() - found.received_s < 6
    assert len(refused) == 1 and 'safetensors' in refused[0]


def test_rubbish_does_not_take_the_place_of_an_actor_that_waits() -> None:
    slot, refused, begun = SwapSlot(), [], threading.Event()

    def check_slowly(blob: bytes) -> ActorWeights:
        begun.wait(5.0)
        return check(blob)

    worker = SwapWorker(check_slowly, slot.offer, refused.append)
    actor = make_actor(scale=0.05)
    for blob in (b'rubbish', actor.to_bytes(), b'more', b'and more'):
        worker.submit(blob)
    begun.set()
    _wait_for(lambda: len(refused) == 3)
    worker.close()
    assert slot.take().actor.sha256 == actor.sha256


@pytest.mark.parametrize(('error', 'reason'), [
    (RecursionError('too deep'), 'RecursionError: too deep'),
    (ValueError('no actor'), 'no actor')])
def test_worker_outlives_whatever_a_check_raises(error: Exception, reason: str) -> None:
    actor = make_actor()

    def raise_once(blob: bytes) -> ActorWeights:
        if blob == b'bad':
            raise error
        return actor

    slot, refused = SwapSlot(), []
    worker = SwapWorker(raise_once, slot.offer, refused.append)
    worker.submit(b'bad')
    _wait_for(lambda: refused)
    worker.submit(b'good')
    assert _wait_for(slot.take).actor is actor
    worker.close()
    assert refused == [reason]


def _wait_for(get: object, seconds: float = 5.0) -> object:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = get()
        if found:
            return found
        time.sleep(0.005)
    raise AssertionError('nothing happened')
