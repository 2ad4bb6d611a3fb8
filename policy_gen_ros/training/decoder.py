"""Training the decoder: what the decoded actor does, on own, common and visited states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from policy_gen_ros.decoder.hypernetwork import (
    Decoder,
    DecoderConfig,
    run_actors,
    shape_weights,
)
from policy_gen_ros.training.function_space import ActorData
from policy_gen_ros.training.schedule import rise_and_fall
import torch
from torch import Tensor
from tqdm import tqdm

LATENT_NOISE = 0.05
LEARNING_RATE = 2e-3
STATES = 64
"""Of each kind in a step."""


@dataclass(frozen=True)
class Visited:
    """
    States that decoded actors met in the twin, and what the actors they stand for do there.

    Shapes: ``states`` (n, s, 49), ``actions`` (n, s, 12)
    """

    states: Tensor
    actions: Tensor


def train_decoder(data: ActorData, latents: Tensor, decoder: Decoder, steps: int,
                  visited: Visited | None = None, rate_share: float = 1.0, batch: int = 48,
                  seed: int = 0, description: str = 'decoder') -> float:
    """
    Train a decoder in place.

    :param latents: of all actors. Shape: (n, latent)
    :param rate_share: of LEARNING_RATE, for a second pass
    :return: root mean square error of actions over the last steps (action units)
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    rate = LEARNING_RATE * rate_share
    optimizer = torch.optim.AdamW(
        [p for p in decoder.parameters() if p.requires_grad], rate, weight_decay=1e-4)
    schedule = rise_and_fall(optimizer, steps)
    recent: list[float] = []
    progress = tqdm(range(steps), desc=description, unit='step', mininterval=5)
    for step in progress:
        pick = torch.from_numpy(rng.integers(0, len(latents), batch))
        latent = latents[pick] + LATENT_NOISE * torch.randn(batch, latents.shape[1])
        states, wanted = draw_states(data, visited, pick, rng)
        loss = (run_actors(decoder.weights(latent), states) - wanted).square().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        recent = [*recent[-199:], loss.item()]
        if step % 100 == 0:
            progress.set_postfix(action_rmse=f'{np.sqrt(np.mean(recent)):.3f}')
    return float(np.sqrt(np.mean(recent)))


def start_decoder(data: ActorData, config: DecoderConfig, seed: int) -> Decoder:
    """Return a decoder that knows the common start and nothing else yet."""
    torch.manual_seed(seed)
    decoder = Decoder(config)
    with torch.no_grad():
        for start, (weight, bias) in zip(decoder.start,
                                         shape_weights(data.start[None], data.sizes)):
            start.copy_(torch.cat([weight[0], bias[0]]))
    return decoder


def draw_states(data: ActorData, visited: Visited | None, pick: Tensor,
                rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """States and wanted actions of the picked actors. Shapes: (n, s, 49), (n, s, 12)."""
    def some(count: int) -> Tensor:
        return torch.from_numpy(rng.integers(0, count, STATES))

    own, common = some(data.own.shape[1]), some(len(data.common))
    states = [data.own[pick[:, None], own].float(),
              data.common[common].expand(len(pick), -1, -1)]
    wanted = [data.own_actions[pick[:, None], own], data.common_actions[pick[:, None], common]]
    if visited is not None:
        met = some(visited.states.shape[1])
        states.append(visited.states[pick[:, None], met].float())
        wanted.append(visited.actions[pick[:, None], met])
    return torch.cat(states, dim=1), torch.cat(wanted, dim=1)
