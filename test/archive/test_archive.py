"""The archive engine, tiny: clone styles from a common start."""

import dataclasses

import numpy as np
from policy_gen_ros.actor.adaptor import Adaptor
from policy_gen_ros.archive.clone import clone_styles
from policy_gen_ros.archive.collect import collect, StateBatch
from policy_gen_ros.archive.learn_base import common_start, ConditionedPolicy
from policy_gen_ros.generator.bundle import bundle_path
from policy_gen_ros.teacher.gait_controller import GaitController
from policy_gen_ros.teacher.style import sample_commands, sample_styles
import pytest
import torch


@pytest.fixture(scope='module')
def tiny():
    """Ten actors that were hardly trained."""
    torch.manual_seed(0)
    rng, adaptor = np.random.default_rng(0), Adaptor.load(bundle_path() / 'adaptor.safetensors')
    style = sample_styles(10, rng)
    nominal = sample_commands(style, rng)
    pool = StateBatch.concatenate(collect(None, GaitController(), style, nominal, adaptor, 40, 0))
    base = ConditionedPolicy()
    start = common_start(base)
    layers = clone_styles(style, nominal, start, base, pool, adaptor, 0, rounds=2, steps=3,
                          robots_per_actor=1, ticks=20)
    return start, layers


def test_cloning_moves_every_actor_away_from_the_common_start(tiny):
    start, layers = tiny
    vectors = np.stack([np.concatenate([p.ravel() for layer in actor for p in layer])
                        for actor in layers])
    origin = np.concatenate([p.ravel() for layer in start for p in layer])
    assert (np.abs(vectors - origin).max(axis=1) > 0).all()
    # Not a style vector in disguise: the first bias holds a small part of the variance only.
    variance = vectors.var(axis=0)
    assert variance[49 * 192:50 * 192].sum() < 0.2 * variance.sum()


def test_labels_depend_on_the_style():
    rng = np.random.default_rng(0)
    style = sample_styles(5, rng)
    states = collect(None, GaitController(), style, sample_commands(style, rng), None, 30, 0)[-1]
    same = StateBatch(*(np.repeat(getattr(states, f.name)[:1], 5, axis=0)
                        for f in dataclasses.fields(states)))
    labels = same.labels(GaitController(), style)
    assert np.abs(labels - labels[0]).max(axis=1)[1:].min() > 0.1
