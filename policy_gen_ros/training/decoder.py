# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Training the decoder: what the decoded actor does, on own, common and visited states."""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from policy_gen_ros.models.decoder import (
    Decoder,
    DecoderConfig,
    run_actors,
    shape_weights,
)
from policy_gen_ros.training.config import DecoderTraining
from policy_gen_ros.training.function_space import ActorData
from policy_gen_ros.training.loop import Batch, fit, TrainingRun
import torch
from torch import Tensor


@dataclass(frozen=True)
class Visited:
    """
    States that decoded actors met in the twin, and what the actors they stand for do there.

    Shapes: ``states`` (n, s, observations), ``actions`` (n, s, 12)
    """

    states: Tensor
    actions: Tensor


def train_decoder(data: ActorData, latents: Tensor, decoder: Decoder, config: DecoderTraining,
                  run: TrainingRun, visited: Visited | None = None) -> float:
    """
    Train a decoder in place.

    :param latents: of all actors. Shape: (n, latent)
    :param visited: states that decoded actors met, with which the decoder is refined
    :return: root mean square error of actions over the last steps (action units)
    """
    def draw(rng: np.random.Generator) -> Batch:
        pick = torch.from_numpy(rng.integers(0, len(latents), config.batch))
        states, wanted = draw_states(data, visited, pick, config.states, rng)
        noise = config.latent_noise * torch.randn(config.batch, latents.shape[1])
        return {'latent': latents[pick] + noise, 'states': states, 'wanted': wanted}

    def loss(latent: Tensor, states: Tensor, wanted: Tensor) -> Tensor:
        actions = run_actors(decoder.weights(latent), states, data.activation)
        return action_errors(actions, wanted, data.limit).square().mean()

    return math.sqrt(fit(decoder, loss, draw, run, config.optimizer,
                         'decoder' if visited is None else 'refined decoder'))


def action_errors(actions: Tensor, wanted: Tensor, limit: float) -> Tensor:
    """
    Errors of actions that are clipped when they are carried out.

    Where both lie beyond the limit, there is none. Elsewhere unclipped actions count: what lies
    beyond the wrong limit has a gradient then.

    :param actions: unclipped
    :param wanted: clipped to ``limit`` on either side
    :return: Shape: that of both
    """
    same = (actions * wanted.sign() >= limit) & (wanted.abs() >= limit)
    return torch.where(same, 0.0, actions - wanted)


def start_decoder(data: ActorData, config: DecoderConfig, seed: int) -> Decoder:
    """Return a decoder that knows the base weights and nothing else yet."""
    torch.manual_seed(seed)
    decoder = Decoder(config)
    with torch.no_grad():
        for base, (weight, bias) in zip(decoder.base,
                                         shape_weights(data.start[None], data.sizes)):
            base.copy_(torch.cat([weight[0], bias[0]]))
    return decoder


def draw_states(data: ActorData, visited: Visited | None, pick: Tensor, states_each: int,
                rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """
    States and wanted actions of the picked actors.

    :param states_each: of each kind: own, common, and visited ones if there are any
    :return: Shapes: (n, s, inputs), (n, s, outputs)
    """
    def some(count: int) -> Tensor:
        return torch.from_numpy(rng.integers(0, count, states_each))

    own, common = some(data.own.shape[1]), some(len(data.common))
    states = [data.own[pick[:, None], own].float(),
              data.common[common].expand(len(pick), -1, -1)]
    wanted = [data.own_actions[pick[:, None], own], data.common_actions[pick[:, None], common]]
    if visited is not None:
        met = some(visited.states.shape[1])
        states.append(visited.states[pick[:, None], met].float())
        wanted.append(visited.actions[pick[:, None], met])
    return torch.cat(states, dim=1), torch.cat(wanted, dim=1)
