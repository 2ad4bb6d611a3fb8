# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Cloning: each gait becomes one actor, many at a time as stacked matrices.

The model is the base policy, which is told the gait. Half of every batch are *common* pooled
states, the same for all actors and labelled in each actor's gait; the other half are states that
the actor itself visits. The common half keeps the training noise in the weights low, so that the
archive is smooth in weight space.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.collect import collect, StateBatch
from policy_gen_ros.domains.go2.building.config import CloningConfig
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.training.actor_batch import ActorBatch
import torch


@dataclass(frozen=True, eq=False)
class CloningBase:
    """
    What all clones of one base share.

    :param base: walks in the first round, before the actors can
    :param base_weights: from which the training of all clones begins
    :param pool: states that all actors share
    """

    base: ConditionedPolicy
    base_weights: Layers
    pool: StateBatch
    adaptor: Adaptor


def clone_gaits(gaits: GaitParameters, nominal: np.ndarray, shared: CloningBase,
                config: CloningConfig, seed: int) -> list[Layers]:
    """
    Train one actor a gait.

    :param nominal: nominal commands. Shape: (actors, 3)
    """
    count, rng = len(gaits), np.random.default_rng(seed)
    torch.manual_seed(seed)
    actors = ActorBatch(shared.base_weights, count)
    optimizer = torch.optim.Adam(actors.parameters)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=config.rounds * config.steps, pct_start=0.2)
    common = shared.pool[:config.pooled_states]
    each = np.arange(count).repeat(len(common))
    common_seen = common.observations()
    common_x = torch.from_numpy(common_seen)
    common_y = torch.from_numpy(shared.base.act(
        np.tile(common_seen, (count, 1)), _told(gaits[each])).reshape(count, -1, 12))
    robots = np.arange(count).repeat(config.robots)
    told = _told(gaits[robots])
    own_x, own_y = [], []
    for round_index in range(config.rounds):
        kept = collect(
            (lambda obs: shared.base.act(obs, told)) if round_index == 0
            else (lambda obs: actors.act(obs, config.robots, go2.ACTION_CLIP)),
            gaits[robots], nominal[robots], shared.adaptor, config.ticks,
            seed + round_index, config.perturbation)
        x = np.stack([b.observations() for b in kept], axis=1)
        y = np.stack([shared.base.act(seen, told) for seen in x.swapaxes(0, 1)], axis=1)
        own_x.append(torch.from_numpy(x).reshape(count, -1, x.shape[-1]))
        own_y.append(torch.from_numpy(y).reshape(count, -1, 12))
        states, labels = torch.cat(own_x, dim=1), torch.cat(own_y, dim=1)
        for _ in range(config.steps):
            pick = torch.from_numpy(rng.integers(0, len(common), config.batch_states // 2))
            own = torch.from_numpy(rng.integers(0, states.shape[1], config.batch_states // 2))
            inputs = torch.cat([common_x[pick].expand(count, -1, -1), states[:, own]], dim=1)
            wanted = torch.cat([common_y[:, pick], labels[:, own]], dim=1)
            loss = (actors(inputs) - wanted).square().mean(dim=(1, 2)).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return [actors.layers(i) for i in range(count)]


def _told(gaits: GaitParameters) -> torch.Tensor:
    return torch.from_numpy(gaits.features().astype(np.float32))
