# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Learning from walks of generated actors.

Three times decoded actors are walked. First those that stand for the archive's own: the decoder
then also learns what the archive's actors do on the states that *decoded* ones meet, as in DAgger
(Ross et al. 2011). Then mixtures of neighbours: latents between those of actors that behave alike,
with the clock and command between theirs. Each is relabelled with the measures that it reached
(hindsight relabelling, Andrychowicz et al. 2017). A diffusion model that sees the archive's
latents alone returns one of them; these fill the space between. Last what the diffusion model
makes of goals between known behaviours, relabelled in the same way: where it misses, it learns
what it should have been asked for (goal-conditioned supervised learning, Ghosh et al. 2021).

The simulator stays outside: whoever trains passes a function that walks actors.
"""

from __future__ import annotations

import numpy as np
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.domains.domain import Domain, Rollout
from policy_gen_ros.models.condition_encoder import source_dims, SOURCES
from policy_gen_ros.models.decoder import Decoder
from policy_gen_ros.models.latent_diffusion import DiffusionModel
from policy_gen_ros.models.sampler import ddim_sample, inpainted
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.config import SelfGenerated
from policy_gen_ros.training.dataset import BehaviorSet, measure_features
from policy_gen_ros.training.decoder import Visited
from policy_gen_ros.training.function_space import ActorData
from policy_gen_ros.utils.progress import progress
from scipy.spatial import KDTree
import torch
from torch import Tensor

BATCH_SIZE = 256
"""Actors walked side by side."""


def visit_states(data: ActorData, decoder: Decoder, latents: Tensor, archive: TrainingArchive,
                 walk: Rollout, seed: int) -> Visited:
    """Walk every decoded training actor; what the archive's own would do where it came."""
    _, behavior = np.unique(archive.actor, return_index=True)
    controls = archive.controls[behavior]
    states = []
    for rows in progress(torch.arange(len(data)).split(BATCH_SIZE), about='decoded actors walk',
                         unit='batch'):
        with torch.no_grad():
            vectors = decoder.vectors(latents[rows]).numpy()
        actors = make_actors(archive.domain, vectors, controls[rows], data.sizes)
        states.append(torch.from_numpy(walk(actors, seed + int(rows[0])).observations))
    met = torch.cat(states)
    everyone = torch.arange(len(data))
    return Visited(met, data.actions(everyone, lambda rows: met[rows].float()))


def make_actors(domain: Domain, vectors: np.ndarray, controls: np.ndarray,
                sizes: tuple[int, ...]) -> list[ActorWeights]:
    """Policies of flat weights. Shapes: (n, parameters), (n, controls)."""
    return [domain.make_policy(ActorWeights.layers_from_vector(vector, sizes), row, {})
            for vector, row in zip(vectors, controls)]


def mix_neighbours(latents: Tensor, data: BehaviorSet, count: int, config: SelfGenerated,
                   seed: int) -> Tensor:
    """
    Random mixtures of a behaviour and two of those that are most like it.

    Shares reach a little below zero, so that mixtures go beyond the outermost actors.

    :param latents: of each behaviour's actor. Shape: (n, latent)
    :return: latent and extras, as a diffusion sample has them. Shape: (count, latent + extras)
    """
    rng = np.random.default_rng(seed)
    features = measure_features(data.domain.measures, data.measures).numpy()
    _, alike = KDTree(features).query(features, k=min(config.neighbours + 1, len(features)))
    first = rng.integers(0, len(data), count)
    others = rng.integers(1, alike.shape[1], (count, config.members - 1))
    rows = torch.from_numpy(np.concatenate([first[:, None], alike[first[:, None], others]], 1))
    drawn, mean = rng.dirichlet(np.ones(config.members), count), 1 / config.members
    share = torch.from_numpy(mean + (drawn - mean) * config.reach).float()[:, :, None]
    return torch.cat([(share * latents[rows]).sum(dim=1), (share * data.extras[rows]).sum(dim=1)],
                     dim=1)


@torch.no_grad()
def sample_between(model: DiffusionModel, data: BehaviorSet, config: SelfGenerated,
                   policy_steps: int, seed: int) -> Tensor:
    """
    Sample for complete measures between those of neighbours.

    Shape: (count, latent + extras)
    """
    nothing = torch.empty(len(data), 0)
    _, measures = data.domain.extras.decode(mix_neighbours(
        nothing, data, config.policies, config, seed).numpy())
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(config.policies, model.sample_dim, generator=generator)
    return draw_actors(model, measures, noise, policy_steps)


@torch.no_grad()
def draw_actors(model: DiffusionModel, measures: np.ndarray, noise: Tensor,
                policy_steps: int) -> Tensor:
    """
    Draw samples for complete measures, as the generator does.

    Shapes: (n, measures), (n, latent + extras) -> (n, latent + extras)
    """
    conditions = {source: torch.zeros(len(measures), dim)
                  for source, dim in source_dims(model.domain.measures,
                                                 model.config.text_dim).items()}
    conditions['measures'] = measure_features(model.domain.measures, measures)
    token = model.condition(conditions, torch.tensor([[s == 'measures' for s in SOURCES]]))
    known = inpaint_measures(model.domain, measures, model.sample_dim)
    return ddim_sample(inpainted(lambda x, t: model.denoiser(x, t, token), known), noise,
                       policy_steps)


def inpaint_measures(domain: Domain, measures: np.ndarray, sample_dim: int) -> Tensor:
    """Return what complete measures say of samples, NaN elsewhere. Shape: (n, sample_dim)."""
    known = torch.full((len(measures), sample_dim), torch.nan)
    known[:, sample_dim - domain.extras.dim:] = torch.from_numpy(domain.extras.known(measures))
    return known


def relabel(samples: Tensor, decoder: Decoder, archive: TrainingArchive, walk: Rollout,
               seed: int) -> tuple[Tensor, BehaviorSet]:
    """
    Walk samples and keep those that walk, with what they were measured to do.

    Behaviours that training may not read are dropped, whoever made them.

    :param samples: as the diffusion model has them. Shape: (n, latent + extras)
    :return: latents (k, latent), and the behaviours without captions
    """
    domain = archive.domain
    latents: list[Tensor] = []
    extras, measures, segments = [], [], []
    for part in progress(samples.split(BATCH_SIZE), about='samples walk', unit='batch'):
        with torch.no_grad():
            latent, rest = part.tensor_split([part.shape[1] - domain.extras.dim], dim=1)
            vectors = decoder.vectors(latent).numpy()
        controls, _ = domain.extras.decode(rest.numpy())
        actors = make_actors(domain, vectors, controls, archive.layer_sizes)
        walked = walk(actors, seed + len(latents))
        good = walked.survived & np.isfinite(walked.measures).all(axis=1)
        good[good] = archive.may_train(walked.measures[good])
        latents.append(latent[torch.from_numpy(good)])
        measures.append(walked.measures[good])
        extras.append(domain.extras.encode(controls[good], walked.measures[good]))
        segments.append(domain.trajectory.features(walked.trajectory[good]))
    return torch.cat(latents), BehaviorSet.uncaptioned(
        domain, np.concatenate(measures), torch.from_numpy(np.concatenate(extras)),
        torch.from_numpy(np.concatenate(segments)))
