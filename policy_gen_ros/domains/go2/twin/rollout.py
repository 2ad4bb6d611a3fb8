# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""One actor in the twin: the public ``rollout``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.shipped import ADAPTOR_FILE
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.domains.go2.twin.model_file import twins_of
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.policies.weights import ActorWeights


def rollout(actor: ActorWeights, seconds: float = 10.0, command: Sequence[float] | None = None,
            seed: int = 0, bundle: str | Path | None = None,
            model: str | Path | None = None) -> EpisodeResult:
    """
    Walk an actor in the twin and evaluate it.

    :param seconds: length of the episode, 1 to 600
    :param command: vx m/s, vy m/s, yaw rate rad/s; default: the actor's nominal command
    :param bundle: whose adaptor to use; default: the shipped one
    :param model: MJCF of a Go2 of another group, to walk there
    :raises ValueError: seconds or command out of range, or a model that is no Go2's
    """
    if not 1.0 <= seconds <= 600.0:
        raise ValueError(f'seconds must be 1 to 600, got {seconds:g}')
    wanted = np.array(actor.nominal_command if command is None else command, dtype=float)
    if wanted.shape != (3,) or not np.isfinite(wanted).all():
        raise ValueError(f'command must be three finite numbers vx, vy, yaw; got {command}')
    adaptor = Adaptor.load(bundle_path(bundle) / ADAPTOR_FILE)
    twins = twins_of(None if model is None else Path(model))
    return rollout_actors([actor], adaptor, seconds, wanted[None], seed, make_twins=twins)[0]
