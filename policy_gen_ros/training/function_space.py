# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Actors as functions: what each does on common states, and that in principal components.

The latent of an actor is not made from its weights but from its actions on states that all actors
share. So it means the same for actors of independent seeds, needs no trained encoder, and a
squared error in it *is* an action error: the reconstruction loss that Policy Diffusion states,
moved to where the diffusion model has its own loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.models.decoder import run_actors, shape_weights
from policy_gen_ros.policies.weights import ActorWeights, Layers
import torch
from torch import Tensor


class ActorData:
    """
    Training actors with the states that they are compared on, and what they do there.

    Shapes: ``weights`` (n, parameters) float16; ``own`` (n, 128, observations) states that each
    met itself, ``own_actions`` (n, 128, 12); ``common`` (c, observations), ``common_actions``
    (n, c, 12); ``start`` (parameters,). Actions are clipped to ``limit`` on either side, as robots
    clip them: two policies do the same where both go beyond it.

    :param start: where the training of all actors began
    :raises ValueError: it has other layers than the actors
    """

    def __init__(self, archive: TrainingArchive, start: Layers, seed: int = 0,
                 common_states: int = 512) -> None:
        self.sizes, self.activation = archive.layer_sizes, archive.domain.network.activation
        self.limit = archive.domain.network.action_limit
        self.start = flat_start(start, self.sizes)
        self.weights = torch.from_numpy(archive.weights[:])
        self.own = torch.from_numpy(archive.probe[:])
        rng = np.random.default_rng(seed)
        count, states = self.own.shape[:2]
        total = min(common_states, count * states)
        picked = torch.from_numpy(rng.choice(count * states, total, replace=False))
        self.common = self.own.flatten(0, 1)[picked].float()
        self.own_actions = self.actions(torch.arange(count), lambda i: self.own[i].float())
        self.common_actions = self.actions(
            torch.arange(count), lambda i: self.common.expand(len(i), -1, -1))

    def __len__(self) -> int:
        """Return the number of actors."""
        return len(self.weights)

    def actions(self, which: Tensor, states: Callable[[Tensor], Tensor]) -> Tensor:
        """
        Return what actors do, clipped.

        :param which: rows. Shape: (n,)
        :param states: rows -> states of each. Shape: (k,) -> (k, s, observations)
        :return: Shape: (n, s, 12)
        """
        with torch.no_grad():
            return torch.cat([
                run_actors(shape_weights(self.weights[part].float(), self.sizes), states(part),
                           self.activation).clamp(-self.limit, self.limit)
                for part in which.split(64)])


def flat_start(start: Layers, sizes: tuple[int, ...]) -> Tensor:
    """
    Return where the training of all actors began as one vector. Shape: (parameters,).

    :raises ValueError: it has other layers than the actors
    """
    if (start[0][0].shape[1], *(len(weight) for weight, _ in start)) != sizes:
        raise ValueError(f'the base weights of the archive do not have layers {sizes}')
    return torch.from_numpy(ActorWeights.vector_from_layers(start).astype(np.float32))


@dataclass(frozen=True)
class FunctionSpace:
    """
    Principal components of actions on common states.

    :param mean: Shape: (states * 12,)
    :param components: orthonormal rows. Shape: (latent, states * 12)
    :param spread: standard deviations along them. Shape: (latent,)
    """

    mean: Tensor
    components: Tensor
    spread: Tensor

    def encode(self, actions: Tensor) -> Tensor:
        """Latents of unit variance. Shape: (n, states, 12) -> (n, latent)."""
        return (actions.flatten(1) - self.mean) @ self.components.T / self.spread

    @property
    def importance(self) -> Tensor:
        """Share that each latent dimension has in the actions' variance. Shape: (latent,)."""
        return self.spread**2 / (self.spread**2).sum()


def find_function_space(actions: Tensor, latent_dim: int) -> tuple[FunctionSpace, float]:
    """
    Find the leading principal components.

    :param actions: on common states. Shape: (n, states, 12)
    :return: the space, and the share of the actions' variance that it holds
    """
    flat = actions.flatten(1)
    mean = flat.mean(dim=0)
    centred = flat - mean
    values, vectors = torch.linalg.eigh((centred @ centred.T).double())
    values, vectors = values.flip(0).clamp_min(0), vectors.flip(1)
    kept = values[:latent_dim].clamp_min(1e-9 * float(values[0]) + 1e-30)
    components = (vectors[:, :latent_dim].T.float() @ centred) / kept.sqrt().float()[:, None]
    spread = (kept / len(flat)).sqrt().float()
    return FunctionSpace(mean, components, spread), float(kept.sum() / values.sum())
