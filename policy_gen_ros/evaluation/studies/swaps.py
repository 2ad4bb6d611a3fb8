# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Swap generated actors in a walking twin over and over, and count the falls."""

from __future__ import annotations

import time

import numpy as np
from policy_gen_ros.deployment.controller.modes import WALKING
from policy_gen_ros.deployment.controller.runtime import LocomotionRuntime
from policy_gen_ros.deployment.controller.swap import HandOver
from policy_gen_ros.deployment.twin.go2_twin import Go2Twin
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.gait.measures import family_of
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.progress import progress

FIRST_S, SHORTEST_S, LONGEST_S = 5.0, 1.5, 2.5
"""Time for standing up and the first steps, and between two swaps."""


def soak_swaps(actors: list[ActorWeights], adaptor: Adaptor, count: int,
               seed: int) -> dict[str, object]:
    """
    Swap random actors while walking; after a fall a new twin goes on.

    :return: ``count``, ``falls``, and ``fallen_from``: falls by the gait that was left, or
        ``standing``
    """
    rng = np.random.default_rng(seed)
    swaps, fallen_from = 0, []
    bar = progress(total=count, about='swaps', unit='swap')
    while swaps < count:
        twin, runtime = Go2Twin(), LocomotionRuntime(adaptor, auto_activate=True)
        last = _choose(runtime, actors, rng)
        _walk(twin, runtime, FIRST_S)
        if runtime.mode != WALKING:  # not even from standing: else it would be tried for ever
            swaps += 1
            bar.update()
            fallen_from.append('standing')
        while runtime.mode == WALKING and swaps < count:
            new = _choose(runtime, actors, rng)
            _walk(twin, runtime, rng.uniform(SHORTEST_S, LONGEST_S))
            swaps += 1
            bar.update()
            if runtime.mode != WALKING:
                fallen_from.append(family_of(last.measures))
            last = new
    bar.close()
    by_gait = {family: fallen_from.count(family) for family in sorted(set(fallen_from))}
    return {'count': swaps, 'falls': len(fallen_from), 'fallen_from': by_gait}


def _choose(runtime: LocomotionRuntime, actors: list[ActorWeights],
            rng: np.random.Generator) -> ActorWeights:
    actor = actors[int(rng.integers(len(actors)))]
    runtime.walk.slot.offer(HandOver(actor, time.monotonic()))
    return actor


def _walk(twin: Go2Twin, runtime: LocomotionRuntime, seconds: float) -> None:
    end_s = twin.time_s + seconds
    while twin.time_s < end_s and runtime.last_trip is None:
        twin.command(runtime.tick(twin.state(), twin.time_s))
        for _ in range(round(go2.CONTROL_DT_S / go2.LOWCMD_DT_S)):
            twin.step()
