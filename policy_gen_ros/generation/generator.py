# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The generator: goal -> conditions -> latent diffusion -> decoder -> actor weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import overload

import numpy as np
from policy_gen_ros.domains import DEFAULT, find_domain
from policy_gen_ros.generation.bundle import bundle_path, BundleInfo, read_info
from policy_gen_ros.generation.conditions import Conditions, conditions_of, once
from policy_gen_ros.generation.coverage import load_coverage
from policy_gen_ros.generation.engine import (
    BACKENDS,
    choose_device,
    Engine,
    TorchEngine,
)
from policy_gen_ros.generation.goal_validation import Admitted, GoalValidation
from policy_gen_ros.generation.networks import load_networks, parameter_counts
from policy_gen_ros.generation.text_goals import measures_to_inpaint, missed
from policy_gen_ros.generation.understanding import TextUnderstanding
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import RestError, Understood
from policy_gen_ros.goals.language.reading import TextReading
from policy_gen_ros.models.sampler import ddim_sample, guided, inpainted
from policy_gen_ros.policies.weights import ActorWeights
import torch
from torch import Tensor

MAX_COUNT = 4096
MAX_GUIDANCE = 20.0
TARGET_DRAWS = 8
"""How often target measures are drawn at most that the words of a text rule out."""


def repeated(goal: Goal, count: int) -> list[Goal]:
    """
    Return one goal for each of several actors.

    :raises ValueError: count out of range
    """
    if not 1 <= count <= MAX_COUNT:
        raise ValueError(f'count must be 1 to {MAX_COUNT}, got {count}')
    return [goal] * count


class PolicyGenerator:
    """
    A loaded bundle. The same seed gives the same weights.

    :param engine: runs the bundle's networks
    :param validation: says which goals lie outside what the bundle can do
    """

    def __init__(self, info: BundleInfo, engine: Engine,
                 validation: GoalValidation | None = None) -> None:
        self.info = info
        self.domain = find_domain(info.domain)
        self.engine = engine
        self.validation = validation or GoalValidation(self.domain, None)
        self.texts = TextUnderstanding(self.domain, engine)

    @classmethod
    def load(cls, path: str | Path | None = None, device: str = 'auto',
             backend: str = 'torch', unknown: str = 'warn',
             domain: str | None = None) -> PolicyGenerator:
        """
        Load a bundle, by default the shipped one.

        :param device: ``auto``, ``cpu``, ``cuda``; with ONNX Runtime also ``tensorrt``
        :param backend: ``torch``, or ``onnx`` for ONNX Runtime, which is faster and gives the same
            actors to 1e-4. Its graphs are made on first use, see
            :mod:`policy_gen_ros.generation.onnx_files`
        :param unknown: what to do with goals that the bundle's training does not cover or that
            contradict themselves: ``warn``, ``refuse`` with a ValueError, or ``nearest``, see
            :class:`policy_gen_ros.generation.goal_validation.GoalValidation`
        :param domain: that the bundle has to be of, and whose shipped bundle is the default; any,
            and the Go2's, where not given
        :raises BundleError: no bundle, or one of another version or domain
        :raises EngineError: the backend is not installed, or its graphs are of another bundle
        :raises ValueError: an unknown backend, or a device that is not there
        """
        if backend not in BACKENDS:
            raise ValueError(f'backend is {backend!r}, expected one of: {", ".join(BACKENDS)}')
        folder = bundle_path(path, domain or DEFAULT)
        info = read_info(folder, domain)
        of = find_domain(info.domain)
        validation = GoalValidation(of, load_coverage(folder, of), unknown)
        if backend == 'onnx':
            from policy_gen_ros.generation.onnx_engine import find_engine

            return cls(info, find_engine(folder, info, device), validation)
        device = choose_device(device)
        networks = load_networks(folder, info, device)
        return cls(info, TorchEngine(networks, info.text_encoder, device), validation)

    @property
    def bundle_name(self) -> str:
        """Name that generated actors carry."""
        return self.info.name

    def parameter_counts(self) -> dict[str, int]:
        """Trained parameters by part, the frozen public sentence encoder not counted."""
        return parameter_counts(self.info)

    def understand(self, text: str) -> Understood:
        """Decide what a text asks for: to walk, to rest, or neither."""
        return self.texts.understand([text])[text].understood

    def read(self, text: str) -> TextReading:
        """Read what a text that asks to walk says of measures and groups."""
        return self.texts.understand([text])[text].reading

    @overload
    def generate(self, goal: Goal, seed: int = ..., count: None = ..., steps: int | None = ...,
                 guidance: float | None = ...) -> ActorWeights: ...

    @overload
    def generate(self, goal: Goal, seed: int = ..., count: int = ..., steps: int | None = ...,
                 guidance: float | None = ...) -> list[ActorWeights]: ...

    def generate(self, goal: Goal, seed: int = 0, count: int | None = None,
                 steps: int | None = None,
                 guidance: float | None = None) -> ActorWeights | list[ActorWeights]:
        """
        Generate actors for a goal.

        :param count: None for one actor, a number for a list
        :param steps: sampler steps: all but the last draw the target measures, the last draws
            the actor, in as many steps as the bundle was trained for. Default: the bundle's
        :param guidance: 1 follows the condition plainly, more exaggerates it
        :raises ValueError: count or steps out of range, or a goal that is refused
        :raises RestError: the goal's text asks for rest
        """
        goals = repeated(goal, 1 if count is None else count)
        actors = self.generate_batch(goals, seed, steps, guidance)
        return actors[0] if count is None else actors

    @torch.inference_mode()
    def generate_batch(self, goals: list[Goal], seed: int = 0, steps: int | None = None,
                       guidance: float | None = None) -> list[ActorWeights]:
        """
        One actor for each goal, sampled together.

        :raises ValueError: steps or guidance out of range, or a goal that is refused
        :raises RestError: a goal's text asks for rest
        """
        steps = self.info.steps if steps is None else steps
        if not 1 <= steps <= 1000:
            raise ValueError(f'steps must be 1 to 1000, got {steps}')
        guidance = self.info.guidance if guidance is None else guidance
        if not 0 <= guidance <= MAX_GUIDANCE:
            raise ValueError(f'guidance must be 0 to {MAX_GUIDANCE:g}, got {guidance:g}')
        self._check_kind(goals)
        generator = torch.Generator().manual_seed(seed)
        # Row by row: then the first of eight actors is the same as one alone.
        noise = torch.stack([torch.randn(self.info.latent_dim + self.domain.extras.dim,
                                         generator=generator)
                             for _ in goals])
        # The candidates for one goal ask for the same thing: it is embedded and scored once.
        texts = self.texts.understand({goal.text for goal in goals if goal.text is not None})
        for text, found in texts.items():
            if found.understood.intent.rests:
                raise RestError(text, found.understood.intent)
        # Goals are the same where they are the same object: their arrays have no equality.
        admitted = once(goals, lambda goal: self.validation.admit(
            goal, texts.get(goal.text or '')))
        goals = [found.goal for found in admitted]
        asked = np.stack([self.domain.measures.array(goal.measures or {}) for goal in goals])
        conditions = conditions_of(goals, asked, texts, self.domain, self.engine,
                                   self.info.text_dim)
        targets = asked
        if steps > 1:
            targets = self._choose_targets(admitted, conditions, asked, noise, steps - 1, guidance)
            # Conditioned on all targets there is little left to decide. Drawn beside them, an
            # actor often misses its own targets.
            conditions = conditions.with_measures(self.domain.measures.encode(targets))
        sample = self._sample(conditions, targets, noise, self.info.policy_steps, guidance)
        latent = self.info.latent_dim
        vectors = self.engine.decode(sample[:, :latent])
        controls, targets = self.domain.extras.decode(sample[:, latent:].cpu().numpy())
        return [self._actor(*parts) for parts in zip(admitted, vectors, controls, targets)]

    def _check_kind(self, goals: Sequence[Goal]) -> None:
        """Refuse goals that no bundle like this one can answer."""
        for goal in goals:
            if goal.domain != self.domain.name:
                raise ValueError(f'the goal is for the domain {goal.domain}, the bundle '
                                 f'{self.bundle_name} is of {self.domain.name}')
            if goal.text is not None and not self.info.takes_text:
                raise ValueError(f'the bundle {self.bundle_name} was trained without captions: '
                                 'give measures or a trajectory, not a text')

    def _choose_targets(self, admitted: Sequence[Admitted], conditions: Conditions,
                        asked: np.ndarray, noise: Tensor, steps: int,
                        guidance: float) -> np.ndarray:
        """
        Choose all measures that the goals leave open. Shape: (n, measures).

        Where draws do not keep to what a text says, that is asked for in measures.
        """
        targets = self._draw_targets(admitted, conditions, asked, noise, steps, guidance)
        wanted = np.stack([measures_to_inpaint(self.domain, found.constraints, *rows)
                           for found, *rows in zip(admitted, asked, targets)])
        again = np.flatnonzero((np.isnan(asked) & ~np.isnan(wanted)).any(axis=1))
        if len(again):
            encoded = self.domain.measures.encode(wanted[again])
            conditions = conditions.rows(again).with_measures(encoded)
            targets[again] = self._draw_targets([admitted[i] for i in again.tolist()], conditions,
                                                wanted[again], noise[again], steps, guidance)
        return targets

    def _draw_targets(self, admitted: Sequence[Admitted], conditions: Conditions,
                      asked: np.ndarray, noise: Tensor, steps: int,
                      guidance: float) -> np.ndarray:
        """
        Draw all measures that the goals leave open. Shape: (n, measures).

        Targets that a goal's own words rule out, such as 0.6 m/s for "slowly", are drawn again;
        of all draws that with the fewest contradictions is taken. A clip of a partially trained
        policy leads to targets that no actor has reached: then the nearest that the archive
        covers are taken.
        """
        best, wrong = asked.copy(), np.full(len(admitted), np.inf)
        todo = np.flatnonzero(np.isnan(asked).any(axis=1))
        # Most first draws will do. All others at once take hardly longer than one.
        for turns in (range(1), range(1, TARGET_DRAWS)):
            row = np.tile(todo, len(turns))
            if not len(row):
                break
            # Rolled, the same noise serves as new: each of its numbers is drawn for itself, and a
            # goal's first draw does not depend on how many others have to draw again.
            rolled = torch.cat([noise[todo].roll(turn, dims=1) for turn in turns])
            sample = self._sample(conditions.rows(row), asked[row], rolled, steps, guidance)
            _, drawn = self.domain.extras.decode(
                sample[:, self.info.latent_dim:].cpu().numpy())
            for i, targets in zip(row, np.where(np.isnan(asked[row]), drawn, asked[row])):
                if wrong[i] > 0 and (count := self._ruled_out(admitted[i], targets)) < wrong[i]:
                    best[i], wrong[i] = targets, count
            todo = todo[wrong[todo] > 0]
        for i, found in enumerate(admitted):
            if found.goal.trajectory is not None:
                best[i] = self.validation.covered(best[i], np.isnan(asked[i]))
        return best

    def _sample(self, conditions: Conditions, targets: np.ndarray, noise: Tensor, steps: int,
                guidance: float) -> Tensor:
        """
        Latents and extras under conditions.

        :param targets: measures that the extras have to agree with, NaN where any will do. Shape:
            (n, measures)
        :return: on the engine's device. Shape: (n, latent + extras)
        """
        engine, (features, present) = self.engine, conditions
        token = null = engine.condition(features, present)
        if guidance != 1.0:
            null = engine.condition(features, np.zeros_like(present))
        known = torch.full(noise.shape, torch.nan)
        known[:, self.info.latent_dim:] = torch.from_numpy(self.domain.extras.known(targets))
        predict = inpainted(guided(engine.denoise, token, null, guidance), known.to(engine.device))
        return ddim_sample(predict, noise.to(engine.device), steps)

    def _actor(self, asked: Admitted, vector: np.ndarray, controls: np.ndarray,
               targets: np.ndarray) -> ActorWeights:
        measures = {**dict(zip(self.domain.measures.names, targets.tolist())),
                    **(asked.goal.measures or {})}
        remarks = asked.remarks + missed(self.domain, asked.constraints,
                                         self.domain.measures.array(measures))
        return self.domain.finish_policy(
            ActorWeights.layers_from_vector(vector, self.info.layer_sizes), controls, measures,
            asked.described, self.bundle_name, remarks)

    def _ruled_out(self, admitted: Admitted, targets: np.ndarray) -> int:
        """Count the contradictions of a goal's words with targets, but for its own."""
        language, goal = self.domain.captions, admitted.goal
        if goal.text is None or language is None:
            return 0
        found = language.contradictions(admitted.reading,
                                        dict(zip(self.domain.measures.names, targets.tolist())))
        if not found:
            return 0
        return len(found) - len(language.contradictions(admitted.reading, goal.measures))
