# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
From an archive to a trained baseline: the presets ``make_an_agent`` and ``policy_diffusion``.

Resumable: each stage leaves a file, and a stage that was stopped goes on from its checkpoint.
One core needs for each step of the autoencoder 31 ms (Make-An-Agent) or 115 ms (Policy Diffusion,
which runs its actors), of a denoiser 60 to 65 ms, of the behaviour embedding 52 ms, and for each
sentence 8 ms; for an archive of 3,000 actors that is half an hour of one core by default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.baselines.baseline import choose_config, Config, Denoiser, PaperBaseline
from policy_gen_ros.baselines.bundle import PaperInfo, write_baseline
from policy_gen_ros.baselines.conditions import (
    CONDITION_KINDS,
    measure_conditions,
    text_conditions,
    TrainingConditions,
    trajectory_conditions,
    walks,
)
from policy_gen_ros.baselines.generator import PaperNetworks, References
from policy_gen_ros.baselines.policy_diffusion import PolicyDiffusionConfig
from policy_gen_ros.baselines.training import (
    BaselineActors,
    BaselineConditions,
    fit_autoencoder,
    fit_denoiser,
)
from policy_gen_ros.models.decoder import run_actors, shape_weights
from policy_gen_ros.models.encoder_files import MULTILINGUAL_E5
from policy_gen_ros.models.trajectory_encoder import BehaviorEncoder
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.training.behavior import train_behavior_encoder
from policy_gen_ros.training.config import EmbeddingTraining
from policy_gen_ros.training.dataset import BehaviorSet
from policy_gen_ros.training.function_space import flat_start
from policy_gen_ros.training.loop import TrainingRun
from policy_gen_ros.training.stages import claim_stages, finished, leads
from policy_gen_ros.utils.config import to_dict
from policy_gen_ros.utils.progress import Stages
import torch
from torch import nn, Tensor

PAPER_SOURCES = {'make_an_agent': ('trajectory',), 'policy_diffusion': ('measures', 'text')}
"""What each paper conditions on."""
FIGURE_ACTORS = 256


@dataclass(frozen=True)
class PresetSettings:
    """
    What the training of a baseline depends on, beside the archive.

    :param kind: ``make_an_agent`` or ``policy_diffusion``
    :param config: default: sizes and steps for an archive of some thousand actors; the actors'
        own layer sizes take the place of those in it
    :param sources: kinds of conditions, of ``measures``, ``text`` and ``trajectory``; default: the
        paper's, and no text where the archive has no captions
    :param text_encoder: see :func:`policy_gen_ros.models.text_encoder.sentence_encoder`
    :param threads: of PyTorch
    """

    kind: str
    seed: int = 0
    config: Config | None = None
    sources: Sequence[str] | None = None
    text_encoder: str = MULTILINGUAL_E5
    threads: int = 2


def train_preset(archive: TrainingArchive, start: Layers, output: Path, settings: PresetSettings,
                 work: Path | None = None,
                 provenance: Mapping[str, Any] | None = None) -> PaperInfo:
    """
    Train a baseline on an archive and write its folder.

    :class:`policy_gen_ros.baselines.generator.PaperGenerator` reads it.

    :param start: where the training of all actors began
    :param output: folder for ``paper.json`` and ``paper.safetensors``
    :param work: folder of finished stages; default: ``stages`` in the output folder
    :param provenance: where the archive comes from, for ``paper.json``
    :raises ValueError: an unknown kind or source, a start of other layers, or a work folder with
        the stages of another archive or configuration
    """
    kind, seed, text_encoder = settings.kind, settings.seed, settings.text_encoder
    config = _config_for(archive, kind, settings.config)
    chosen = _choose_sources(kind, archive, settings.sources)
    torch.set_num_threads(settings.threads)
    work = work or output / 'stages'
    claim_stages(work, {
        'archive': archive.fingerprint, 'kind': kind, 'config': to_dict(config), 'seed': seed,
        'sources': chosen, 'text_encoder': text_encoder})
    stages = Stages(2 + len(chosen))
    stages.begin('conditions')
    behavior, conditions = _conditions(archive, chosen, work, config, text_encoder, seed)
    dims = {source: given.features.shape[1] for source, given in conditions.items()}
    torch.manual_seed(seed)
    baseline = PaperBaseline(config, dims)
    weights, actor = torch.from_numpy(archive.weights[:]), torch.from_numpy(archive.actor)
    stages.begin('autoencoder')
    _stage(work / 'autoencoder.pt', baseline, config.autoencoder_steps, seed, partial(
        fit_autoencoder, baseline, BaselineActors(
            weights, flat_start(start, archive.layer_sizes), torch.from_numpy(archive.probe[:]))))
    for source, given in conditions.items():
        stages.begin(f'denoiser, conditioned on {source}')
        _stage(work / f'denoiser_{source}.pt', baseline.denoiser(source), config.denoiser_steps,
               seed, partial(fit_denoiser, baseline, source, weights,
                             BaselineConditions(given.features, actor[given.behavior])))
    references = {source: _references(archive, baseline.denoiser(source), given)
                  for source, given in conditions.items() if source != 'measures'}
    info = PaperInfo(
        kind, config, dims, {source: len(table.controls) for source, table in references.items()},
        seed, archive.fingerprint, text_encoder, archive.domain.name,
        _figures(baseline, weights, archive), dict(provenance or {}))
    networks = PaperNetworks(info)
    networks.baseline, networks.references = baseline, nn.ModuleDict(references)
    if behavior is not None:
        networks.behavior = behavior
    if leads():
        write_baseline(output, info, networks)
    return info


def _config_for(archive: TrainingArchive, kind: str, config: Config | None) -> Config:
    config = replace(choose_config(kind, config), layer_sizes=archive.layer_sizes)
    if isinstance(config, PolicyDiffusionConfig):  # its loss is on the actions of the actors
        config = replace(config, activation=archive.domain.network.activation)
    return config


def _choose_sources(kind: str, archive: TrainingArchive,
                    sources: Sequence[str] | None) -> list[str]:
    if sources is None:
        spoken = any(len(captions) for captions in archive.captions)
        return [source for source in PAPER_SOURCES[kind] if source != 'text' or spoken]
    unknown = sorted(set(sources) - set(CONDITION_KINDS))
    if unknown or not sources:
        raise ValueError(f'sources are {list(sources)}, expected some of '
                         + ', '.join(CONDITION_KINDS))
    return list(sources)


def _conditions(archive: TrainingArchive, sources: Sequence[str], work: Path, config: Config,
                text_encoder: str,
                seed: int) -> tuple[BehaviorEncoder | None, dict[str, TrainingConditions]]:
    behavior = None
    conditions = {}
    for source in sources:
        if source == 'trajectory':
            data, behavior = walks(archive), BehaviorEncoder(archive.domain.trajectory)
            _stage(work / 'behavior.pt', behavior, config.behavior_steps, seed, partial(
                _fit_behavior, behavior, data))
            conditions[source] = trajectory_conditions(behavior.eval(), data, config.clips, seed)
        elif source == 'text':
            conditions[source] = text_conditions(archive, work / 'text.npy', text_encoder,
                                                 config.captions, seed)
        else:
            conditions[source] = measure_conditions(archive)
    return behavior, conditions


def _fit_behavior(encoder: BehaviorEncoder, data: BehaviorSet, run: TrainingRun) -> None:
    encoder.load_state_dict(
        train_behavior_encoder(
            data, EmbeddingTraining(steps=run.steps), run.seed, run.checkpoint).state_dict())


def _stage(file: Path, network: nn.Module, steps: int, seed: int,
           train: Callable[[TrainingRun], object]) -> None:
    """Train a network, unless its file is there; then read it."""
    def make() -> dict[str, Tensor]:
        train(TrainingRun(steps, seed, file.with_suffix('.checkpoint.pt')))
        return network.state_dict()

    network.load_state_dict(finished(file, make, together=True))


def _references(archive: TrainingArchive, denoiser: Denoiser,
                given: TrainingConditions) -> References:
    scaled = (given.features[:given.once] - denoiser.condition_mean) / denoiser.condition_std
    behavior = given.behavior[:given.once].numpy()
    return References(scaled, torch.from_numpy(archive.controls[behavior].astype(np.float32)))


def _figures(baseline: PaperBaseline, weights: Tensor,
             archive: TrainingArchive) -> dict[str, Any]:
    return {'actors': len(archive), 'behaviors': len(archive.actor),
            'parameters': {source: baseline.parameter_counts(source)
                           for source in baseline.denoisers},
            **_reconstruction(baseline, weights, archive)}


@torch.no_grad()
def _reconstruction(baseline: PaperBaseline, weights: Tensor,
                    archive: TrainingArchive) -> dict[str, float]:
    """
    Return what the autoencoder alone loses, on some training actors and states that each met.

    ``action_rmse``: of actions; ``action_explained``: share of what tells actors' actions from
    those of the mean actor.
    """
    rows = np.linspace(0, len(weights) - 1, min(FIGURE_ACTORS, len(weights))).astype(int)
    own = weights[torch.from_numpy(rows)].float()
    states = torch.from_numpy(archive.probe[rows]).float()
    decoded = baseline.autoencoder.decode(baseline.autoencoder.encode(own))
    mean = own.mean(dim=0).expand_as(own)
    wanted, got, plain = (run_actors(shape_weights(w, archive.layer_sizes), states,
                                     archive.domain.network.activation)
                          for w in (own, decoded, mean))
    error = (got - wanted).square().mean()
    return {'action_rmse': round(float(error.sqrt()), 4),
            'action_explained': round(float(1 - error / (plain - wanted).square().mean()), 4)}
