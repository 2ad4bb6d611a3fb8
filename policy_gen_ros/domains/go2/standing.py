# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The actor that stands: whatever it sees, its targets are the default pose."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.policies.weights import ActorWeights


def standing_actor(spec: ActorSpec, bundle: str) -> ActorWeights:
    """
    Return an actor whose weights are all zero.

    Taken over in full motion it falls now and then; let the robot step on the spot before.
    """
    layers = tuple((np.zeros((after, before), np.float32), np.zeros(after, np.float32))
                   for before, after in pairwise(spec.layer_sizes))
    return ActorWeights(spec, layers, goal='stand', bundle=bundle)
