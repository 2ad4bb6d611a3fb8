# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The swap soak: counts what it did, and sees falls."""


from policy_gen_ros import Goal, PolicyGenerator
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.evaluation.studies.swaps import soak_swaps
from policy_gen_ros.generation.bundle import bundle_path
from walkers import constant_actor


def test_walking_swaps_and_a_bad_actor():
    generator = PolicyGenerator.load(device='cpu')
    adaptor = Adaptor.load(bundle_path() / 'adaptor.safetensors')
    trots = generator.generate(Goal(text='trot forward slowly'), count=3)
    assert soak_swaps(trots, adaptor, 4, seed=0) == {'count': 4, 'falls': 0, 'fallen_from': {}}
    # All legs swing to one side: over it goes.
    toppling = constant_actor(trots[0], [8, 0, 0] * 4)
    result = soak_swaps([toppling], adaptor, 2, seed=1)
    assert result == {'count': 2, 'falls': 2, 'fallen_from': {'standing': 2}}
