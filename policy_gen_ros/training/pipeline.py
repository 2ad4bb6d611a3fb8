# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
From an archive to a bundle. Resumable: every finished stage is a file.

What actors do becomes their latent -> a decoder learns to write actors from it -> mixtures of
neighbours fill the space between them -> behaviour embedding -> latent diffusion, first on archive
and mixtures, then also on its own actors, told again by what they were measured to do -> a critic
of what its actors do moves the drawing of actors to where they walk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.domains.domain import Domain, Rollout
from policy_gen_ros.generation.bundle import BundleInfo
from policy_gen_ros.generation.coverage import save_coverage
from policy_gen_ros.generation.networks import save_bundle
from policy_gen_ros.models.decoder import Decoder, DecoderConfig
from policy_gen_ros.models.latent_diffusion import DiffusionConfig, DiffusionModel
from policy_gen_ros.models.trajectory_encoder import BehaviorEncoder
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.training.behavior import embed_behaviors, train_behavior_encoder
from policy_gen_ros.training.config import DecoderTraining, NetworkConfig, TrainConfig
from policy_gen_ros.training.coverage import find_coverage
from policy_gen_ros.training.dataset import BehaviorSet, load_behaviors, put_into_words
from policy_gen_ros.training.decoder import start_decoder, train_decoder, Visited
from policy_gen_ros.training.diffusion import train_diffusion
from policy_gen_ros.training.finetune import finetune
from policy_gen_ros.training.function_space import ActorData, find_function_space
from policy_gen_ros.training.relabelling import (
    mix_neighbours,
    relabel,
    sample_between,
    visit_states,
)
from policy_gen_ros.training.stages import claim_stages, finished, leads
from policy_gen_ros.utils.code_version import code_version
from policy_gen_ros.utils.config import to_dict
from policy_gen_ros.utils.progress import Stages
import torch
from torch import Tensor

CODE = ('archive', 'domains', 'models', 'policies', 'training')
"""Folders whose code makes the stages: none is reused once it has changed."""


def train_bundle(archive: TrainingArchive, start: Layers, source: Path, walk: Rollout,
                 output: Path, work: Path, config: TrainConfig,
                 provenance: Mapping[str, Any]) -> BundleInfo:
    """
    Train all stages and write a bundle.

    :param start: where the training of all actors began
    :param source: folder of the archive, from which the domain takes what it puts into a bundle
    :param walk: runs policies, as the domain does for training
    :param work: folder of finished stages; a killed training goes on from there
    :param provenance: where the archive comes from, for the bundle's description
    :raises ValueError: the stages there are of another archive or configuration
    """
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    claim_stages(work, stage_inputs(archive.fingerprint, config))
    stages, own = Stages(10), config.self_generated
    actors = ActorData(archive, start, config.seed, config.common_states)
    space, kept = find_function_space(actors.common_actions, config.network.latent_dim)
    latents = space.encode(actors.common_actions)
    decoder, action_rmse = _decoder_stages(actors, latents, archive, walk, work, config,
                                           stages)
    stages.begin('captions')
    data = load_behaviors(archive, work / 'text.npy', config.text_encoder)
    told = latents[torch.from_numpy(data.actor)]
    stages.begin('mixtures of neighbours')
    mixed, mixtures = _relabelled_stage(archive.domain, work / 'mixtures.pt', lambda: relabel(
        mix_neighbours(told, data, own.mixtures, own, config.seed), decoder, archive, walk,
        config.seed))
    told, data = torch.cat([told, mixed]), data.joined(put_into_words(
        mixtures, archive.caption_templates, own.captions, work / 'mixtures_text.npy',
        config.text_encoder, config.seed))
    stages.begin('behaviour embedding')
    behavior = BehaviorEncoder(archive.domain.trajectory)
    behavior.load_state_dict(finished(work / 'behavior.pt', lambda: train_behavior_encoder(
        data, config.embedding, seed=config.seed,
        checkpoint=work / 'behavior.checkpoint.pt').state_dict(), together=True))
    model = DiffusionModel(archive.domain, latents.shape[1],
                           _denoiser(config.network, data.text.shape[-1]))

    importance = space.importance if config.error_of_actions \
        else torch.full_like(space.importance, 1 / len(space.importance))

    def diffuse(steps: int, file: Path) -> None:
        def train() -> dict[str, Tensor]:
            embeddings = embed_behaviors(behavior.eval(), data, config.embedding, config.seed)
            train_diffusion(model, data, told, importance, embeddings, steps, config.diffusion,
                            config.seed, checkpoint=file.with_suffix('.checkpoint.pt'))
            return model.state_dict()

        model.load_state_dict(finished(file, train, together=True))

    stages.begin('diffusion')
    diffuse(config.diffusion.steps, work / 'diffusion.pt')
    stages.begin('practice')
    drawn, practice = _relabelled_stage(archive.domain, work / 'practice.pt', lambda: relabel(
        sample_between(model.eval(), data, own, config.seed + 1),
        decoder, archive, walk, config.seed + 1))
    told, data = torch.cat([told, drawn]), data.joined(put_into_words(
        practice, archive.caption_templates, own.captions, work / 'practice_text.npy',
        config.text_encoder, config.seed + 1))
    stages.begin('diffusion, with practice')
    diffuse(config.diffusion.final_steps, work / 'final_diffusion.pt')
    stages.begin('fine-tuning with a critic')
    walks = finetune(model, decoder, behavior.eval(), archive, walk, work, config)
    info = _describe(archive, decoder.config, model.config, config, {
        **provenance, 'actors': len(archive), 'behaviors': len(archive.actor),
        'mixtures': len(mixtures), 'practice': len(practice), 'finetune_walks': walks,
        'config': to_dict(config),
        'action_variance_in_latent': round(kept, 4), 'decoder_action_rmse': round(action_rmse, 4)})
    networks = torch.nn.ModuleDict(
        {'decoder': decoder, 'diffusion': model, 'behavior': behavior})
    stages.begin('coverage')
    if leads():
        output.mkdir(parents=True, exist_ok=True)
        save_coverage(output, find_coverage(archive, data, config.text_encoder, config.seed))
        save_bundle(output, info, networks, source)
    return info


def stage_inputs(fingerprint: str, config: TrainConfig) -> dict[str, Any]:
    """Return all that stages depend on: the archive, the configuration and the code."""
    settings = to_dict(config)
    del settings['threads']  # on other machines a run may go on
    return {'archive': fingerprint, 'code': code_version(*CODE), **settings}


def _denoiser(config: NetworkConfig, text_dim: int) -> DiffusionConfig:
    return DiffusionConfig(config.width, config.blocks, config.embedding, config.token, text_dim)


def _slower(config: DecoderTraining) -> DecoderTraining:
    rates = config.optimizer
    return replace(config, optimizer=replace(
        rates, learning_rate=config.refined_rate * rates.learning_rate,
        matrix_learning_rate=config.refined_rate * rates.matrix_learning_rate))


def _relabelled_stage(domain: Domain, file: Path, make: Callable[[], tuple[Tensor, BehaviorSet]]
                ) -> tuple[Tensor, BehaviorSet]:
    def tensors() -> dict[str, Tensor]:
        latents, told = make()
        return {'latents': latents, 'measures': torch.from_numpy(told.measures),
                'extras': told.extras, 'segments': told.segments}

    stored = finished(file, tensors)
    return stored['latents'], BehaviorSet.uncaptioned(
        domain, stored['measures'].numpy(), stored['extras'], stored['segments'])


def _decoder_stages(actors: ActorData, latents: Tensor, archive: TrainingArchive, walk: Rollout,
                    work: Path, config: TrainConfig, stages: Stages) -> tuple[Decoder, float]:
    """Return the decoder, and the root mean square error of its actors' actions."""
    decoder = start_decoder(
        actors, DecoderConfig(actors.sizes, latents.shape[1], config.network.rank,
                              config.network.decoder_width), config.seed)

    def train(file: Path) -> dict[str, Any]:
        rmse = train_decoder(actors, latents, decoder, config.decoder.steps, config.decoder,
                             seed=config.seed, checkpoint=file.with_suffix('.checkpoint.pt'))
        return {'decoder': decoder.state_dict(), 'rmse': rmse}

    def refine(file: Path) -> dict[str, Any]:
        met = finished(work / 'visited.pt', lambda: asdict(visit_states(
            actors, decoder, latents, archive, walk, config.seed)))
        rmse = train_decoder(actors, latents, decoder, config.decoder.refined_steps,
                             _slower(config.decoder), Visited(**met), config.seed,
                             'refined decoder', checkpoint=file.with_suffix('.checkpoint.pt'))
        return {'decoder': decoder.state_dict(), 'rmse': rmse}

    stored: dict[str, Any] = {}
    for name, stage in (('decoder', train), ('refined_decoder', refine)):
        stages.begin(name.replace('_', ' '))
        file = work / f'{name}.pt'
        stored = finished(file, partial(stage, file), together=True)
        decoder.load_state_dict(stored['decoder'])
    return decoder.eval().requires_grad_(False), float(stored['rmse'])


def _describe(archive: TrainingArchive, decoder: DecoderConfig, diffusion: DiffusionConfig,
              config: TrainConfig, provenance: dict[str, Any]) -> BundleInfo:
    takes_text = any(len(captions) > 0 for captions in archive.captions)
    domain = archive.domain
    return BundleInfo(
        name=f'{domain.name}-{len(archive)}-{config.seed}', layer_sizes=decoder.layer_sizes,
        latent_dim=decoder.latent_dim, rank=decoder.rank, decoder_width=decoder.width,
        denoiser_width=diffusion.width, denoiser_blocks=diffusion.blocks,
        embedding=diffusion.embedding, token=diffusion.token, steps=config.sampler_steps,
        guidance=config.guidance, text_dim=diffusion.text_dim, text_encoder=config.text_encoder,
        takes_text=takes_text, domain=domain.name, domain_version=domain.version,
        provenance=provenance)
