# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Reinforcement learning of a base policy on ground and robots that are drawn anew in each stage.

Its critic is told what was drawn, the policy is not (asymmetric actor critic, Pinto et al. 2018);
it reads the estimates of an adaptor that goes on learning beside it. Ground and pushes become
harder with the stages.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.base_config import FinetuningConfig, RobustConfig
from policy_gen_ros.domains.go2.building.hidden import ESTIMATED, HiddenReader
from policy_gen_ros.domains.go2.building.latent_learning import AdaptorLearner
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy, GAIT_DIM
from policy_gen_ros.domains.go2.building.rl_finetuning import privileged_dim, RolloutCollector
from policy_gen_ros.domains.go2.building.symmetric import SymmetricActors, SymmetricPolicy
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters, sample_walks
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation
from policy_gen_ros.training.ppo import Learner, rate_share
from policy_gen_ros.utils.files import write_stream
from policy_gen_ros.utils.progress import progress
import torch


def eased(ground: Perturbation, share: float) -> Perturbation:
    """
    Make ground and pushes easier.

    :param share: of a curriculum that is over: at 0 ground half as steep and high and pushes of a
        third, at 1 the whole
    """
    third = (1 + 2 * share) / 3

    def lower(limits: tuple[float, float]) -> tuple[float, float]:
        return limits[0], (0.5 + 0.5 * share) * limits[1]

    return replace(
        ground, push_mps=third * ground.push_mps, impulse_ns=third * ground.impulse_ns,
        slope_deg=lower(ground.slope_deg), steps_m=lower(ground.steps_m),
        cobbles_m=lower(ground.cobbles_m))


class RandomisedCollector(RolloutCollector):
    """
    Robots of a stage, with what their critic is told and their adaptor learns from.

    :param keep_every: so many ticks the histories are kept
    """

    def __init__(self, learner: Learner, gaits: GaitParameters, nominal: np.ndarray,
                 adaptor: Adaptor, config: FinetuningConfig, seed: list[int],
                 keep_every: int) -> None:
        super().__init__(learner, 1, gaits, nominal, adaptor, config, seed, gaits.features())
        self._reader, self._keep_every, self._tick = HiddenReader(self.twin), keep_every, 0
        self._met: list[tuple[torch.Tensor, torch.Tensor]] = []

    def _known(self) -> np.ndarray:
        return self._reader.estimated()

    def _observe(self) -> tuple[torch.Tensor, torch.Tensor]:
        seen = super()._observe()
        self._tick += 1
        if self._tick % self._keep_every == 0:
            self._met.append((torch.from_numpy(self.loop.history).half(),
                              torch.from_numpy(self._reader.estimated())))
        return seen

    def teach(self, learner: AdaptorLearner, batch: int) -> float:
        """
        Let an adaptor learn from the histories met since the last time, and take it over.

        :return: mean absolute error of its estimates before
        """
        history, estimated = (torch.cat(parts) for parts in zip(*self._met))
        self._met = []
        errors = []
        for pick in torch.randperm(len(history), generator=self.generator).split(batch):
            latent = learner.learn(history[pick].float(), estimated[pick])
            errors.append(float((latent - estimated[pick]).abs().mean()))
        self.loop.adaptor = learner.adaptor()
        return float(np.mean(errors))


def reinforce_robust_base(base: ConditionedPolicy, adaptor: Adaptor, config: RobustConfig,
                          seed: int, file: Path) -> tuple[ConditionedPolicy, Adaptor]:
    """
    Fine-tune a base policy that reads a wide latent, and the adaptor that gives it.

    :param file: state after each stage, from which fine-tuning that was killed goes on
    """
    c = config.finetuning
    learner = new_learner(base, adaptor, config, seed)
    estimator = AdaptorLearner(adaptor, config.adaptor_rate, seed)
    stage = 0
    if file.exists():
        state: dict[str, Any] = torch.load(file, weights_only=True)
        learner.load_state(state['learner'])
        estimator.load_state(state['adaptor'])
        stage = state['stage']
    last = c.warm_up_stages + c.stages
    bar = progress(range(stage, last), about='fine-tuning', unit='stage', done=stage,
                   total=last, at_once=True)
    for number in bar:
        learnt = number - c.warm_up_stages
        ground = eased(c.perturbation, min(max(learnt, 0) / config.ramp_stages, 1.0))
        gaits, nominal = sample_walks(c.robots, np.random.default_rng([seed, number]))
        collector = RandomisedCollector(learner, gaits, nominal, estimator.adaptor(),
                                        replace(c, perturbation=ground), [seed, number],
                                        config.keep_every)
        share, errors = rate_share(learnt, c.stages, c.final_share), []
        for _ in range(c.iterations):
            learner.learn(collector.gather(c.horizon), share, collector.generator)
            errors.append(collector.teach(estimator, config.adaptor_batch))
        write_stream(file, partial(torch.save, {
            'learner': learner.state(), 'adaptor': estimator.state(), 'stage': number + 1}))
        bar.set_postfix(reward=f'{float(collector.mean_reward()):.3f}',
                        falls=f'{float(collector.falls_per_s()):.3f}',
                        noise=f'{float(torch.as_tensor(learner.noise()).mean()):.3f}',
                        rate=f'{learner.rate:.1e}', estimates=f'{np.mean(errors):.3f}',
                        refresh=False)
    return SymmetricPolicy.from_layers(learner.actors.layers(0)), estimator.adaptor()


def new_learner(base: ConditionedPolicy, adaptor: Adaptor, config: RobustConfig,
                seed: int) -> Learner:
    """Return a learner of a base policy, with a critic that is told what was drawn."""
    # Of what critics always see, friction is one of the estimated values.
    inputs = privileged_dim(adaptor) - 1 + len(ESTIMATED) + GAIT_DIM
    return Learner([base.layers()], inputs, config.finetuning.ppo, seed, kind=SymmetricActors)
