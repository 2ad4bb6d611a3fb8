"""The swap soak: counts what it did, and sees falls."""

from dataclasses import replace

import numpy as np
from policy_gen_ros import ActorWeights, Goal, PolicyGenerator
from policy_gen_ros.actor.adaptor import Adaptor
from policy_gen_ros.evaluation.swaps import soak_swaps
from policy_gen_ros.generator.bundle import bundle_path


def test_walking_swaps_and_a_bad_actor():
    generator = PolicyGenerator.load(device='cpu')
    adaptor = Adaptor.load(bundle_path() / 'adaptor.safetensors')
    trots = generator.generate(Goal(text='trot forward slowly'), count=3)
    assert soak_swaps(trots, adaptor, 4, seed=0) == {'count': 4, 'falls': 0, 'fallen_from': {}}
    flat = np.zeros(trots[0].spec.parameter_count, np.float32)
    flat[-12:] = [8, 8, 8] * 4  # every joint far from where a leg can carry
    bad = replace(trots[0],
                  layers=ActorWeights.layers_from_vector(flat, trots[0].spec.layer_sizes))
    result = soak_swaps([trots[0], bad], adaptor, 3, seed=1)
    assert result['falls'] >= 1
