# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A trained baseline that answers goals with actors.

Neither paper's actors have a clock or a command of their own, so neither paper generates any. Ours
need both. They come from the goal where it says them; where it does not, from the training
behaviour that is nearest by condition. **That is a kindness to the baselines**: a table that the
papers do not have, and it is not counted among their parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np
from policy_gen_ros.baselines.baseline import PaperBaseline
from policy_gen_ros.baselines.bundle import PaperError, PaperInfo, read_info, TENSOR_FILE
from policy_gen_ros.domains import find_domain
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import RestError
from policy_gen_ros.goals.language.understanding import understand
from policy_gen_ros.models.text_encoder import sentence_encoder, SentenceEncoder
from policy_gen_ros.models.trajectory_encoder import BehaviorEncoder
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.relabelling import make_actors
from policy_gen_ros.utils.tensors import load_tensors
import torch
from torch import nn, Tensor


class References(nn.Module):
    """
    Controls of training behaviours, to be looked up by condition.

    Shapes: ``features`` (n, c) as the denoiser scales them; ``controls`` (n, controls).
    """

    features: Tensor
    controls: Tensor

    def __init__(self, features: Tensor, controls: Tensor) -> None:
        super().__init__()
        self.register_buffer('features', features)
        self.register_buffer('controls', controls)

    def nearest(self, features: Tensor) -> np.ndarray:
        """Return the controls of the nearest behaviour. Shape: (k, c) -> (k, controls)."""
        return self.controls[torch.cdist(features, self.features).argmin(dim=1)].numpy()


class PaperNetworks(nn.Module):
    """Everything that a baseline's folder holds."""

    def __init__(self, info: PaperInfo) -> None:
        super().__init__()
        domain = find_domain(info.domain)
        self.baseline = PaperBaseline(info.config, info.condition_dims)
        self.references = nn.ModuleDict({
            source: References(torch.zeros(count, info.condition_dims[source]),
                               torch.zeros(count, len(domain.controls)))
            for source, count in info.references.items()})
        if 'trajectory' in info.condition_dims:
            self.behavior = BehaviorEncoder(domain.trajectory)


class PaperGenerator:
    """
    A loaded baseline. The same seed gives the same actors.

    Each method takes one kind of goal, and raises a ValueError where the baseline was not trained
    on that kind; :attr:`sources` names those that it was.
    """

    def __init__(self, info: PaperInfo, networks: PaperNetworks) -> None:
        self.info = info
        self.domain = find_domain(info.domain)
        self._networks = networks

    @classmethod
    def load(cls, folder: str | Path) -> PaperGenerator:
        """
        Load what :func:`policy_gen_ros.baselines.preset.train_preset` wrote.

        :raises PaperError: no baseline there, a damaged one, or one of another version
        """
        folder = Path(folder)
        info = read_info(folder)
        tensors = load_tensors(folder / TENSOR_FILE, PaperError)
        try:
            networks = PaperNetworks(info)
            networks.load_state_dict({name: torch.from_numpy(value)
                                      for name, value in tensors.items()})
        except (RuntimeError, TypeError, ValueError, KeyError) as error:
            raise PaperError(f'the tensors at {folder} do not fit its paper.json: '
                             f'{str(error)[:200]}') from error
        return cls(info, networks.eval().requires_grad_(False))

    @property
    def sources(self) -> tuple[str, ...]:
        """Kinds of goals: of ``measures``, ``text`` and ``trajectory``."""
        return tuple(self.info.condition_dims)

    @property
    def baseline(self) -> PaperBaseline:
        """Return the networks, for figures such as the reconstruction of known actors."""
        return self._networks.baseline

    def parameter_counts(self, source: str) -> dict[str, int]:
        """Numbers that generation from one kind of goal needs, by part."""
        counts = self.baseline.parameter_counts(source)
        del counts['encoder']
        if source == 'trajectory':
            counts['condition'] = sum(p.numel() for p in self._networks.behavior.parameters())
        return counts

    def actors(self, goals: np.ndarray) -> list[ActorWeights]:
        """One policy for each goal, as other baselines make. Shape: (k, measures)."""
        return self.from_measures(goals)

    def from_measures(self, goals: np.ndarray, seed: int = 0,
                      steps: int | None = None) -> list[ActorWeights]:
        """
        One actor for each goal; clock and command are the asked frequency and velocity.

        :param goals: complete measures. Shape: (k, measures)
        :param steps: sampler steps; default: the paper's
        :raises ValueError: another shape, missing measures, or steps below 1
        """
        self.baseline.denoiser('measures')
        if goals.ndim != 2 or goals.shape[1] != len(self.domain.measures) \
                or not np.isfinite(goals).all():
            raise ValueError(f'goals of shape {goals.shape} are not {len(self.domain.measures)} '
                             'complete measures each; the papers leave no measure open')
        return self._answer('measures', list(self.domain.measures.encode(goals)),
                            self.domain.extras.implied(goals), seed, steps)

    def from_trajectories(self, trajectories: Sequence[np.ndarray], seed: int = 0,
                          steps: int | None = None) -> list[ActorWeights]:
        """
        One actor for each trajectory; clock and command are the nearest training behaviour's.

        :param trajectories: one row each control period. Shape: (time, columns) each
        :param steps: sampler steps; default: the paper's
        :raises ValueError: malformed rows, or steps below 1
        """
        self.baseline.denoiser('trajectory')
        embed = self._networks.behavior.embed
        features = [embed(self.domain.trajectory.check(rows)) for rows in trajectories]
        return self._answer('trajectory', features, None, seed, steps)

    def from_texts(self, texts: Sequence[str], seed: int = 0,
                   steps: int | None = None) -> list[ActorWeights]:
        """
        One actor for each sentence; clock and command are the nearest training caption's.

        :param steps: sampler steps; default: the paper's
        :raises ValueError: an empty sentence, or steps below 1
        :raises RestError: a sentence asks for rest
        :raises TextEncoderError: the sentence encoder is not installed
        """
        self.baseline.denoiser('text')
        sentences = [str(Goal(text=text, domain=self.domain.name).text)  # without needless blanks
                     for text in texts]
        for sentence in sentences if self.domain.rests else ():
            if (intent := understand(sentence).intent).rests:
                raise RestError(sentence, intent)
        return self._answer('text', list(self._sentence_encoder.encode(sentences))
                            if sentences else [], None, seed, steps)

    @cached_property
    def _sentence_encoder(self) -> SentenceEncoder:
        return sentence_encoder(self.info.text_encoder)

    @torch.inference_mode()
    def _answer(self, source: str, features: list[np.ndarray], controls: np.ndarray | None,
                seed: int, steps: int | None) -> list[ActorWeights]:
        if not features:
            return []
        condition = torch.from_numpy(np.stack(features))
        if controls is None:
            denoiser = self.baseline.denoiser(source)
            scaled = (condition - denoiser.condition_mean) / denoiser.condition_std
            controls = cast(References, self._networks.references[source]).nearest(scaled)
        vectors = self.baseline.generate(condition, source, seed=seed, steps=steps)
        limited = np.stack([self.domain.limit_controls(row, {}) for row in controls])
        return make_actors(self.domain, vectors.numpy(), limited, self.info.config.layer_sizes)
