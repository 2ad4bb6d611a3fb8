# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
From an archive to a bundle. Resumable: every finished stage is a file.

What actors do becomes their latent -> a decoder learns to write actors from it -> mixtures of
neighbours fill the space between them -> behaviour embedding -> latent diffusion, first on archive
and mixtures, then also on its own actors, relabelled with the measures they reached -> a
critic of what its actors do moves the drawing of actors to where they walk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
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
from policy_gen_ros.training.diffusion import DiffusionSet, train_diffusion
from policy_gen_ros.training.finetune import finetune, TrainedNetworks
from policy_gen_ros.training.function_space import ActorData, find_function_space
from policy_gen_ros.training.loop import TrainingRun
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


@dataclass(frozen=True, eq=False)
class TrainingInputs:
    """
    What a bundle is trained on.

    :param base: weights from which the training of all policies began
    :param folder: of the archive, from which the domain takes what it puts into a bundle
    :param rollout: runs policies, as the domain does for training
    """

    archive: TrainingArchive
    base: Layers
    folder: Path
    rollout: Rollout


def train_bundle(inputs: TrainingInputs, output: Path, work: Path, config: TrainConfig,
                 provenance: Mapping[str, Any]) -> BundleInfo:
    """
    Train all stages and write a bundle.

    :param work: folder of finished stages; a killed training goes on from there
    :param provenance: where the archive comes from, for the bundle's description
    :raises ValueError: the stages there are of another archive or configuration
    """
    torch.set_num_threads(config.threads)
    claim_stages(work, stage_inputs(inputs.archive.fingerprint, config))
    own = config.self_generated
    run = _Run(inputs, work, config)
    run.add_own('mixtures of neighbours', 'mixtures', config.seed, lambda: mix_neighbours(
        run.latents, run.data, own.mixtures, own, config.seed))
    run.embed_trajectories()
    run.diffuse('diffusion', config.diffusion.steps, work / 'diffusion.pt')
    run.add_own('self-generated samples', 'practice', config.seed + 1, lambda: sample_between(
        run.model.eval(), run.data, own, config.diffusion.policy_steps, config.seed + 1))
    run.diffuse('diffusion, with self-generated samples', config.diffusion.final_steps,
                work / 'final_diffusion.pt')
    run.figures['finetune_walks'] = run.finetune()
    return run.write(output, inputs.folder, provenance)


class _Run:
    """
    What the stages of a training hand on.

    :ivar latents: of the actor of each behaviour
    :ivar figures: for the bundle's description
    """

    model: DiffusionModel
    behavior: BehaviorEncoder

    def __init__(self, inputs: TrainingInputs, work: Path, config: TrainConfig) -> None:
        self.archive, self.walk = inputs.archive, inputs.rollout
        self.work, self.config, archive = work, config, inputs.archive
        self.stages = Stages(10)
        actors = ActorData(archive, inputs.base, config.seed, config.common_states)
        space, kept = find_function_space(actors.common_actions, config.network.latent_dim)
        latents = space.encode(actors.common_actions)
        self.decoder, rmse = self._train_decoder(actors, latents)
        self.importance = space.importance if config.error_of_actions \
            else torch.full_like(space.importance, 1 / len(space.importance))
        self.stages.begin('captions')
        self.data = load_behaviors(archive, work / 'text.npy', config.text_encoder)
        self.latents = latents[torch.from_numpy(self.data.actor)]
        self.figures: dict[str, Any] = {
            'actors': len(archive), 'behaviors': len(archive.actor),
            'action_variance_in_latent': round(kept, 4), 'decoder_action_rmse': round(rmse, 4)}

    def _train_decoder(self, actors: ActorData, latents: Tensor) -> tuple[Decoder, float]:
        """Return the decoder, and the root mean square error of its actors' actions."""
        work, config = self.work, self.config
        decoder = start_decoder(
            actors, DecoderConfig(actors.sizes, latents.shape[1], config.network.rank,
                                  config.network.decoder_width), config.seed)

        def train(file: Path) -> dict[str, Any]:
            rmse = train_decoder(actors, latents, decoder, config.decoder, TrainingRun(
                config.decoder.steps, config.seed, _checkpoint(file)))
            return {'decoder': decoder.state_dict(), 'rmse': rmse}

        def refine(file: Path) -> dict[str, Any]:
            met = finished(work / 'visited.pt', lambda: asdict(visit_states(
                actors, decoder, latents, self.archive, self.walk, config.seed)))
            rmse = train_decoder(actors, latents, decoder, _slower(config.decoder), TrainingRun(
                config.decoder.refined_steps, config.seed, _checkpoint(file)), Visited(**met))
            return {'decoder': decoder.state_dict(), 'rmse': rmse}

        stored: dict[str, Any] = {}
        for name, stage in (('decoder', train), ('refined_decoder', refine)):
            self.stages.begin(name.replace('_', ' '))
            file = work / f'{name}.pt'
            stored = finished(file, partial(stage, file), together=True)
            decoder.load_state_dict(stored['decoder'])
        return decoder.eval().requires_grad_(False), float(stored['rmse'])

    def add_own(self, about: str, name: str, seed: int,
                make: Callable[[], Tensor]) -> None:
        """Add samples of its own to the training set, relabelled with what they do."""
        self.stages.begin(about)
        archive, config = self.archive, self.config
        drawn, made = _relabelled_stage(archive.domain, self.work / f'{name}.pt', lambda: relabel(
            make(), self.decoder, archive, self.walk, seed))
        self.latents = torch.cat([self.latents, drawn])
        self.data = self.data.joined(put_into_words(
            made, archive.caption_templates, config.self_generated.captions,
            self.work / f'{name}_text.npy', config.text_encoder, seed))
        self.figures[name] = len(made)

    def embed_trajectories(self) -> None:
        """Train the embedding of trajectories, and begin with the model."""
        self.stages.begin('behaviour embedding')
        domain, config = self.archive.domain, self.config
        self.behavior = BehaviorEncoder(domain.trajectory)
        self.behavior.load_state_dict(finished(
            self.work / 'behavior.pt', lambda: train_behavior_encoder(
                self.data, config.embedding, seed=config.seed,
                checkpoint=_checkpoint(self.work / 'behavior.pt')).state_dict(), together=True))
        # Its first weights are not to depend on which stages ran in this process.
        torch.manual_seed(config.seed)
        self.model = DiffusionModel(domain, self.latents.shape[1],
                                    _denoiser(config.network, self.data.text.shape[-1]))

    def diffuse(self, about: str, steps: int, file: Path) -> None:
        """Train the diffusion model on the behaviours that there are."""
        self.stages.begin(about)
        config = self.config

        def train() -> dict[str, Tensor]:
            embeddings = embed_behaviors(self.behavior.eval(), self.data, config.embedding,
                                         config.seed)
            train_diffusion(
                self.model, DiffusionSet(self.data, self.latents, embeddings), self.importance,
                config.diffusion, TrainingRun(steps, config.seed, _checkpoint(file)))
            return self.model.state_dict()

        self.model.load_state_dict(finished(file, train, together=True))

    def finetune(self) -> int:
        """Fine-tune with a critic; how many walks it took."""
        self.stages.begin('fine-tuning with a critic')
        return finetune(TrainedNetworks(self.model, self.decoder, self.behavior.eval()),
                        self.archive, self.walk, self.work, self.config)

    def write(self, output: Path, source: Path, provenance: Mapping[str, Any]) -> BundleInfo:
        """Write the bundle, and what it covers."""
        info = _describe(self.archive, self.decoder.config, self.model.config, self.config,
                         {**provenance, **self.figures, 'config': to_dict(self.config)})
        networks = torch.nn.ModuleDict({
            'decoder': self.decoder, 'diffusion': self.model, 'behavior': self.behavior})
        self.stages.begin('coverage')
        if leads():
            output.mkdir(parents=True, exist_ok=True)
            save_coverage(output, find_coverage(self.archive, self.data, self.config))
            save_bundle(output, info, networks, source)
        return info


def stage_inputs(fingerprint: str, config: TrainConfig) -> dict[str, Any]:
    """Return all that stages depend on: the archive, the configuration and the code."""
    settings = to_dict(config)
    del settings['threads']  # on other machines a run may go on
    return {'archive': fingerprint, 'code': code_version(*CODE), **settings}


def _checkpoint(file: Path) -> Path:
    """File of a stage that is under way."""
    return file.with_suffix('.checkpoint.pt')


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
        latents, relabelled = make()
        return {'latents': latents, 'measures': torch.from_numpy(relabelled.measures),
                'extras': relabelled.extras, 'segments': relabelled.segments}

    stored = finished(file, tensors)
    return stored['latents'], BehaviorSet.uncaptioned(
        domain, stored['measures'].numpy(), stored['extras'], stored['segments'])


def _describe(archive: TrainingArchive, decoder: DecoderConfig, diffusion: DiffusionConfig,
              config: TrainConfig, provenance: dict[str, Any]) -> BundleInfo:
    takes_text = any(len(captions) > 0 for captions in archive.captions)
    domain = archive.domain
    return BundleInfo(
        name=f'{domain.name}-{len(archive)}-{config.seed}', layer_sizes=decoder.layer_sizes,
        latent_dim=decoder.latent_dim, rank=decoder.rank, decoder_width=decoder.width,
        denoiser_width=diffusion.width, denoiser_blocks=diffusion.blocks,
        embedding=diffusion.embedding, token=diffusion.token, steps=config.sampler_steps,
        policy_steps=config.diffusion.policy_steps, guidance=config.guidance,
        text_dim=diffusion.text_dim, text_encoder=config.text_encoder, takes_text=takes_text,
        domain=domain.name, domain_version=domain.version, provenance=provenance)
