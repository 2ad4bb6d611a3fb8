# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Fine-tuning the drawing of actors with a critic.

Regression to known samples makes actors that look like good ones, but nothing in it says that they
have to walk. So the model answers known behaviours, its actors walk, a critic learns from these
walks what becomes of a sample, and the last step in which an actor is drawn is trained along the
critic's gradient (a deterministic policy gradient, Silver et al. 2014; of reward fine-tuning of
diffusion models it is the case in which only the last step is differentiated, Clark et al. 2024).
This is repeated: where the model has moved to, the critic has to learn anew.

How target measures are drawn is to stay as it is: there the model is held to what it was before.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.domains.domain import Rollout, RolloutBatch
from policy_gen_ros.models.condition_encoder import SOURCES
from policy_gen_ros.models.decoder import Decoder
from policy_gen_ros.models.latent_diffusion import DiffusionModel
from policy_gen_ros.models.sampler import add_noise, before_last_step, inpainted, T_MAX
from policy_gen_ros.models.trajectory_encoder import BehaviorEncoder, TRAJECTORY_FEATURES
from policy_gen_ros.training.config import TrainConfig
from policy_gen_ros.training.critic import Critic, CriticSamples, gaits, in_spreads, train_critic
from policy_gen_ros.training.dataset import embed_once, measure_features
from policy_gen_ros.training.diffusion import random_measure_subset, random_sources
from policy_gen_ros.training.loop import Batch, fit, TrainingRun
from policy_gen_ros.training.relabelling import (
    BATCH_SIZE,
    draw_actors,
    inpaint_measures,
    make_actors,
)
from policy_gen_ros.training.stages import finished
from policy_gen_ros.utils.progress import note, progress
import torch
from torch import nn, Tensor


@dataclass(frozen=True, eq=False)
class TrainedNetworks:
    """
    The parts of a generator.

    :param behavior: embeds trajectories
    """

    diffusion: DiffusionModel
    decoder: Decoder
    behavior: BehaviorEncoder


def finetune(networks: TrainedNetworks, archive: TrainingArchive, walk: Rollout, work: Path,
             config: TrainConfig) -> int:
    """
    Fine-tune the diffusion model in place.

    Of the archive, measures and captions are used, no weights and no trajectories: an index does.

    :param work: folder of finished rounds; what was stopped goes on from there
    :param config: with the seed, and the text encoder that the model was trained with
    :return: how many walks there were
    """
    model, settings, seed = networks.diffusion, config.finetune, config.seed
    before = deepcopy(model).eval().requires_grad_(False)
    rng = np.random.default_rng(seed)
    sentences = [captions[int(rng.integers(len(captions)))].text if captions else ''
                 for captions in archive.captions]
    embedded, row = embed_once(sentences, work / 'asked_text.npy', config.text_encoder)
    text = embedded[torch.from_numpy(row)]
    described = torch.tensor([bool(sentence) for sentence in sentences])
    parts: list[CriticSamples] = []

    def walks(number: int) -> dict[str, Tensor]:
        asked = gaits(archive.domain, archive.measures)
        missed = [part.behavior[part.gait != asked[part.behavior]] for part in parts]
        model.eval()
        return asdict(collect_critic_samples(
            networks, archive, walk, config, seed + number,
            torch.cat(missed).numpy() if missed else None))

    def teach(number: int) -> dict[str, Tensor]:
        tried = CriticSamples.joined(parts)
        if (tried.gait > 0).any():
            critic = train_critic(archive.domain, tried, settings.critic_steps, settings.critic,
                                  seed + number)
            asked = AskedBehaviors(archive.measures, text, described)
            follow_critic(model, before, critic, Tried(model, tried, asked), config,
                          seed + number)
        else:
            note('no answer walks: there is nothing to fine-tune on')
        return model.state_dict()

    for number in range(settings.rounds):
        parts.append(CriticSamples(**finished(work / f'tried-{number}.pt',
                                              partial(walks, number))))
        model.load_state_dict(finished(work / f'finetuned-{number}.pt', partial(teach, number),
                                       together=True))
    return sum(len(part) for part in parts)


@torch.no_grad()
def collect_critic_samples(networks: TrainedNetworks, archive: TrainingArchive, walk: Rollout,
                           config: TrainConfig, seed: int,
                           again: np.ndarray | None = None) -> CriticSamples:
    """
    Walk what the model draws for measures around known ones, and what lies beside it.

    Nothing is kept that asks for, or does, what training may not read.

    :param again: behaviours that were missed before, for half of the walks; default: none.
        Shape: (k,)
    """
    rng, domain, model = np.random.default_rng(seed), archive.domain, networks.diffusion
    settings, measures, count = config.finetune, domain.measures, config.finetune.walks
    parts = []
    for start in progress(range(0, count, BATCH_SIZE), about='answers walk', unit='batch'):
        size = min(BATCH_SIZE, count - start)
        row = rng.integers(0, len(archive.measures), size)
        if again is not None and len(again):
            row = np.where(rng.random(size) < settings.missed_again, rng.choice(again, size), row)
        off = settings.spread_out * rng.random((size, 1))
        off *= rng.random((size, 1)) > settings.exact
        off = off * measures.tolerance * rng.standard_normal((size, len(measures)))
        asked = measures.into_range(archive.measures[row] + off)
        noise = torch.from_numpy(rng.standard_normal((size, model.sample_dim), np.float32))
        samples = draw_actors(model, asked, noise, config.diffusion.policy_steps)
        latents = samples[:, :model.latent_dim]
        latents += _pushes(latents, settings.push, rng)
        controls, targets = domain.extras.decode(samples[:, model.latent_dim:].numpy())
        controls = np.stack([domain.limit_controls(one, dict(zip(measures.names, target)))
                             for one, target in zip(controls, targets)])
        walked = walk(make_actors(domain, networks.decoder.vectors(latents).numpy(), controls,
                                  archive.layer_sizes), seed * count + start)
        reached = torch.from_numpy(domain.extras.encode(controls, walked.measures))
        may = torch.from_numpy(archive.may_train(asked) & archive.may_train(walked.measures))
        every = CriticSamples(torch.from_numpy(row), samples, torch.cat([latents, reached], dim=1),
                      gaits(domain, walked.measures, walked.succeeded),
                      torch.from_numpy(walked.measures),
                      torch.from_numpy(domain.relative_reward(walked.reward)),
                      _embed_sound(networks.behavior, walked))
        parts.append(CriticSamples(**{name: value[may] for name, value in asdict(every).items()}))
    return CriticSamples.joined(parts)


@dataclass(frozen=True, eq=False)
class AskedBehaviors:
    """
    Known behaviours that are asked for.

    Shapes: ``measures`` (m, measures); ``text`` (m, text_dim), an embedded caption of each, and
    ``described`` (m,) bool, whether it has one.
    """

    measures: np.ndarray
    text: Tensor
    described: Tensor


def follow_critic(model: DiffusionModel, before: DiffusionModel, critic: Critic, tried: Tried,
                  config: TrainConfig, seed: int) -> None:
    """
    Train in place: what is drawn goes where the critic says that it walks as asked.

    :param before: what the model was: how targets are drawn stays, and no sample goes far
    """
    domain, diffusion, settings = model.domain, config.diffusion, config.finetune
    error_weight = torch.from_numpy(domain.measures.weight[domain.extras.plain]).float()
    extras = torch.full((domain.extras.dim,), diffusion.target_weight)
    extras[:domain.extras.control_dim] = diffusion.control_weight
    weight = torch.cat([torch.full((model.latent_dim,), diffusion.latent_weight), extras])

    def loss(noise: Tensor, x: Tensor, t: Tensor, conditions: dict[str, Tensor], present: Tensor,
             known: Tensor, wanted: Tensor, targets: Tensor) -> Tensor:
        for part in (before, critic):
            part.to(x.device)
        token = model.condition(conditions, present)
        with torch.no_grad():
            predict = inpainted(lambda x, t: model.denoiser(x, t, token[:len(noise)]), known)
            last, time = before_last_step(predict, noise, diffusion.policy_steps)
            x, t = torch.cat([last, x]), torch.cat([time, t])
            then = before.denoiser(x, t, before.condition(conditions, present))
        now = model.denoiser(x, t, token)
        drawn, once = (torch.where(known.isnan(), sample[:len(known)], known)
                       for sample in (now, then))
        logits, measures, reward = critic(drawn)
        unlike = nn.functional.cross_entropy(logits.flatten(0, 1), wanted.repeat(len(logits)))
        missed = (error_weight.to(x) * (measures - targets).abs()).sum(dim=-1)
        away = ((drawn - once) / critic.spread).square().sum(dim=1)
        changed = weight.to(x) * (now - then)[len(known):].square()
        worth = (missed - settings.reward_weight * reward).mean()
        return settings.group_weight * unlike + worth + settings.distance_weight * away.mean() \
            + settings.kept_weight * changed.mean()

    fit(model, loss, partial(_draw, tried, config), TrainingRun(settings.steps, seed),
        settings.optimizer, 'following the critic')


class Tried:
    """Samples that were tried, and which of them behave as asked."""

    def __init__(self, model: DiffusionModel, tried: CriticSamples, asked: AskedBehaviors) -> None:
        self.domain, self.sample_dim = model.domain, model.sample_dim
        self.samples, self.asked = tried, asked
        self.wanted = gaits(model.domain, asked.measures)
        self.sound = (tried.gait > 0).nonzero()[:, 0]
        self.as_asked = tried.gait == self.wanted[tried.behavior]
        # One walk of each behaviour that has one: its trajectory belongs to the measures.
        self.walk_of = torch.full((len(asked.measures),), -1)
        self.walk_of[tried.behavior[self.as_asked]] = self.as_asked.nonzero()[:, 0]


def _draw(tried: Tried, config: TrainConfig, rng: np.random.Generator) -> Batch:
    """
    Draw a batch: behaviours to draw policies for, and after them samples to be kept as before.

    The rows of both parts have conditions; only the first have ``noise``, ``known``, ``wanted``
    and ``targets``, only the others ``x`` and ``t``.
    """
    settings, diffusion, batch = config.finetune, config.diffusion, config.finetune.batch
    samples, asked, measures_of = tried.samples, tried.asked, tried.domain.measures
    drawn = torch.from_numpy(rng.integers(0, len(asked.measures), batch))
    kept = tried.sound[torch.from_numpy(rng.integers(0, len(tried.sound), batch))]
    behavior = torch.cat([drawn, samples.behavior[kept]])
    walk = torch.cat([tried.walk_of[drawn], kept])
    noisy = measures_of.noise * rng.standard_normal((batch, len(measures_of)))
    measures = measures_of.into_range(asked.measures[drawn] + noisy)
    some = random_measure_subset(measures_of, samples.measures[kept].numpy(),
                                 np.zeros(batch, bool), diffusion, rng)
    words = asked.text[behavior]
    spread = words.std(dim=1, keepdim=True)
    words = words + diffusion.text_noise * spread * torch.randn_like(words)
    given = rng.random((batch, len(SOURCES))) < settings.other_sources
    given[:, SOURCES.index('measures')] = True
    present = torch.from_numpy(np.concatenate([given, random_sources(batch, diffusion, rng)]))
    # The words of a behaviour belong to what was tried for it only where that is like it.
    fits = torch.cat([torch.ones(batch, dtype=torch.bool), tried.as_asked[kept]])
    present[:, SOURCES.index('text')] &= asked.described[behavior] & fits
    present[:, SOURCES.index('trajectory')] &= walk >= 0
    t = T_MAX * torch.from_numpy(rng.random(batch, np.float32)).sqrt()
    noise = torch.from_numpy(rng.standard_normal((2 * batch, tried.sample_dim), np.float32))
    return {
        'noise': noise[:batch], 'x': add_noise(samples.relabelled[kept], noise[batch:], t), 't': t,
        'conditions': {'text': words, 'trajectory': samples.clip[walk],
                       'measures': measure_features(
                           measures_of, np.concatenate([measures, some]))},
        'present': present, 'known': inpaint_measures(tried.domain, measures, tried.sample_dim),
        'wanted': tried.wanted[drawn], 'targets': in_spreads(tried.domain,
                                                             torch.from_numpy(measures))}


def _pushes(latents: Tensor, longest: float, rng: np.random.Generator) -> Tensor:
    """Random directions, up to so many standard deviations long. Shape: (n, latent)."""
    direction = rng.standard_normal(latents.shape)
    direction *= longest * rng.random((len(latents), 1)) \
        / np.linalg.norm(direction, axis=1, keepdims=True)
    return latents.std(dim=0) * torch.from_numpy(direction).float()


def _embed_sound(behavior: BehaviorEncoder, walked: RolloutBatch) -> Tensor:
    """Embed the trajectories of sound walks; zero for others. Shape: (n, 128)."""
    clips = torch.zeros(len(walked.succeeded), TRAJECTORY_FEATURES)
    for i in np.flatnonzero(walked.succeeded):
        clips[i] = torch.from_numpy(behavior.embed(walked.trajectory[i]))
    return clips
