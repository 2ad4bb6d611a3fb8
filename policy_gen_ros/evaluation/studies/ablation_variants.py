# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Variants for ablations: each learns from the archive for a few minutes and answers the same goals.

Ours go through the whole pipeline, shortened. Those of the papers are trained by
:func:`policy_gen_ros.baselines.training.train_baseline` on the conditions that the study is about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
import shutil
from typing import Any

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.baselines.conditions import walks
from policy_gen_ros.baselines.make_an_agent import MakeAnAgentConfig
from policy_gen_ros.baselines.policy_diffusion import PolicyDiffusionConfig
from policy_gen_ros.baselines.regression import of_width
from policy_gen_ros.baselines.training import (
    BaselineActors,
    BaselineConditions,
    train_baseline,
)
from policy_gen_ros.baselines.unet import ARCHIVE_SIZED
from policy_gen_ros.domains.go2.gait.measures import MEASURES
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY
from policy_gen_ros.evaluation.metrics.held_out import BehaviorGoals, CLIP_ROWS, KINDS
from policy_gen_ros.evaluation.studies.subject import Subject
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.models.decoder import run_actors, shape_weights
from policy_gen_ros.models.trajectory_encoder import (
    BehaviorEncoder,
    EMBEDDING_DIM,
)
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.behavior import train_behavior_encoder
from policy_gen_ros.training.config import EmbeddingTraining, OptimizerConfig, TrainConfig
from policy_gen_ros.training.function_space import ActorData, flat_start
from policy_gen_ros.training.loop import Batch, fit, TrainingRun
from policy_gen_ros.training.pipeline import train_bundle, TrainingInputs
from policy_gen_ros.training.presets import debug_preset, short_preset
from policy_gen_ros.training.relabelling import make_actors
from policy_gen_ros.training.stages import finished
from policy_gen_ros.utils.config import updated
import torch
from torch import nn, Tensor

TRAJECTORY_SOURCES = ('both', 'h', 'v', 'raw')
_STUDENT_RATE, _STUDENT_STATES = 3e-3, 32


@dataclass(frozen=True)
class Effort:
    """
    How long variants are trained, and on how many goals they are scored.

    :param ours: the pipeline, shortened
    :param autoencoder, denoiser, behavior: optimiser steps of the papers' variants
    :param students, student_steps: actors of other sizes that are made, and steps of making them
    """

    goals: int = 60
    ours: TrainConfig = field(default_factory=short_preset)
    autoencoder: int = 2000
    denoiser: int = 2000
    behavior: int = 800
    students: int = 300
    student_steps: int = 1500


QUICK_EFFORT = Effort(8, debug_preset(), 20, 20, 20, 16, 20)
"""Shows that everything runs, and nothing else."""


@dataclass(frozen=True, eq=False)
class Ground:
    """
    What all variants share.

    :param subject: the generator under evaluation, whose held-out goals are asked
    :param folder: for what a variant trains, and what several of them need
    """

    subject: Subject
    archive: Archive
    training: TrainingArchive
    effort: Effort
    folder: Path

    @property
    def goals(self) -> BehaviorGoals:
        """Held-out goals."""
        return self.subject.held_out

    @cached_property
    def start(self) -> Tensor:
        """Where the training of all actors began. Shape: (parameters,)."""
        return flat_start(self.archive.base_weights(), self.training.layer_sizes)

    @cached_property
    def behavior(self) -> BehaviorEncoder:
        """Behaviour embedding of the papers' variants."""
        encoder = BehaviorEncoder(TRAJECTORY)
        encoder.load_state_dict(finished(
            self.folder / 'behavior.pt', lambda: train_behavior_encoder(
                walks(self.training), EmbeddingTraining(steps=self.effort.behavior),
                self.subject.seed).state_dict()))
        return encoder.eval()


Answers = dict[str, list[ActorWeights]]
"""Kind of goal -> one actor for each."""
Variant = Callable[[Ground], Answers]


def inference(steps: int | None = None, guidance: float | None = None) -> Variant:
    """Return the bundle under evaluation, with other settings of the sampler."""
    def answer(ground: Ground) -> Answers:
        subject = replace(ground.subject, steps=steps, guidance=guidance)
        return {kind: subject.generate(ground.goals.goals(kind)) for kind in KINDS}

    return answer


def ours(actors: int | None = None, **changes: Any) -> Variant:
    """
    Return our pipeline, shortened.

    :param actors: how many it learns from; default: all
    :param changes: of its :class:`policy_gen_ros.training.config.TrainConfig`, nested as that is
    """
    def answer(ground: Ground) -> Answers:
        seed, folder = ground.subject.seed, ground.folder / 'ours'
        training = ground.training.sample(min(actors, len(ground.training)), seed) if actors \
            else ground.training
        source = ground.archive.path
        config = updated(replace(ground.effort.ours, seed=seed), changes)
        inputs = TrainingInputs(training, ground.archive.base_weights(), source,
                                ground.archive.domain.rollout(source))
        train_bundle(inputs, folder, folder / 'stages', config, {})
        subject = replace(ground.subject, generator=PolicyGenerator.load(folder))
        answers = {kind: subject.generate(ground.goals.goals(kind)) for kind in KINDS}
        shutil.rmtree(folder)
        return answers

    return answer


def policy_diffusion(**changes: Any) -> Variant:
    """Return Policy Diffusion, conditioned on all measures, with changes of its configuration."""
    def answer(ground: Ground) -> Answers:
        training, effort = ground.training, ground.effort
        config = replace(PolicyDiffusionConfig(
            training.layer_sizes, autoencoder_steps=effort.autoencoder,
            denoiser_steps=effort.denoiser), **changes)
        actors = BaselineActors(torch.from_numpy(training.weights[:]), ground.start,
                                torch.from_numpy(training.probe[:]))
        given = BaselineConditions(torch.from_numpy(MEASURES.encode(training.measures)),
                                   torch.from_numpy(training.actor))
        baseline = train_baseline(config, actors, given, ground.subject.seed)
        asked = ground.goals.measures
        vectors = baseline.generate(torch.from_numpy(MEASURES.encode(asked)))
        domain = training.domain
        return {'measures': make_actors(domain, vectors.numpy(), domain.extras.implied(asked),
                                        training.layer_sizes)}

    return answer


def make_an_agent(source: str = 'both', rows: int = CLIP_ROWS, channels: int = 0,
                  width: int = 0) -> Variant:
    """
    Return Make-An-Agent, conditioned on a trajectory.

    :param source: what is made of it, one of TRAJECTORY_SOURCES
    :param rows: how much of it is given
    :param channels: of each token of the latent; default: ARCHIVE_SIZED
    :param width: of the actors' hidden layers. Actors of another width than the archive's are
        made first, each by imitation of one of them
    """
    def answer(ground: Ground) -> Answers:
        training, effort, seed = ground.training, ground.effort, ground.subject.seed
        if width:
            training = training.sample(min(effort.students, len(training)), seed)
            weights, start = imitate(ActorData(training, ground.archive.base_weights(), seed),
                                     width, effort.student_steps, seed)
        else:
            weights, start = torch.from_numpy(training.weights[:]), ground.start
        sizes = of_width(training.layer_sizes, width) if width else training.layer_sizes
        known = describe(ground, training.trajectory[:], source, rows)
        asked = describe(ground, ground.goals.trajectory, source, rows)
        config = MakeAnAgentConfig(
            sizes, autoencoder_steps=effort.autoencoder, denoiser_steps=effort.denoiser,
            unet=replace(ARCHIVE_SIZED, channels=channels or ARCHIVE_SIZED.channels))
        baseline = train_baseline(
            config, BaselineActors(weights, start, torch.from_numpy(training.probe[:])),
            BaselineConditions(known, torch.from_numpy(training.actor)), seed)
        spread = known.std(dim=0).clamp_min(1e-4)
        nearest = torch.cdist(asked / spread, known / spread).argmin(dim=1).numpy()
        return {'trajectory': make_actors(
            training.domain, baseline.generate(asked).numpy(), training.controls[nearest],
            sizes)}

    return answer


def describe(ground: Ground, trajectories: np.ndarray, source: str, rows: int) -> Tensor:
    """
    Features of trajectories.

    :param trajectories: Shape: (n, time, 42)
    :param source: one of TRAJECTORY_SOURCES
    :param rows: how much of each is used, at least those of a segment
    :return: Shape: (n, c)
    :raises ValueError: unknown source, or too few rows
    """
    if source not in TRAJECTORY_SOURCES:
        raise ValueError(f'source is {source!r}, expected one of {", ".join(TRAJECTORY_SOURCES)}')
    least = TRAJECTORY.segment_rows
    if not least <= rows <= trajectories.shape[1]:
        raise ValueError(f'rows is {rows}, expected {least} to {trajectories.shape[1]}')
    if source == 'raw':
        flat = TRAJECTORY.features(trajectories[:, :rows].astype(np.float32))
        return torch.from_numpy(flat.reshape(len(flat), -1))
    encoder = ground.behavior
    with torch.no_grad():
        embedded = torch.stack([encoder(torch.from_numpy(TRAJECTORY.features(
            TRAJECTORY.cut(one[:rows].astype(np.float32))))).mean(dim=0) for one in trajectories])
    return {'both': embedded, 'h': embedded[:, :EMBEDDING_DIM],
            'v': embedded[:, EMBEDDING_DIM:]}[source]


def imitate(data: ActorData, width: int, steps: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """
    Make actors of another width that do what known ones do, from the same base weights.

    :return: flat actors (n, parameters), and their start (parameters,)
    """
    torch.manual_seed(seed)
    sizes = of_width(data.sizes, width)
    layers = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    start = torch.cat([part.detach().flatten() for layer in layers
                       for part in (layer.weight, layer.bias)])
    students = nn.ParameterList([nn.Parameter(start.repeat(len(data), 1))])
    everyone = torch.arange(len(data))

    def draw(rng: np.random.Generator) -> Batch:
        own = torch.from_numpy(rng.integers(0, data.own.shape[1], _STUDENT_STATES))
        common = torch.from_numpy(rng.integers(0, len(data.common), _STUDENT_STATES))
        return {'states': torch.cat([data.own[:, own].float(), data.common[common].expand(
                    len(data), -1, -1)], dim=1),
                'wanted': torch.cat([data.own_actions[:, own],
                                     data.common_actions[everyone][:, common]], dim=1)}

    def loss(states: Tensor, wanted: Tensor) -> Tensor:
        # A sum over actors: each learns as if it were alone.
        error = run_actors(shape_weights(students[0], sizes), states, data.activation) - wanted
        return error.square().mean(dim=(1, 2)).sum()

    fit(students, loss, draw, TrainingRun(steps, seed), OptimizerConfig(_STUDENT_RATE),
        f'actors of width {width}')
    return students[0].detach(), start
