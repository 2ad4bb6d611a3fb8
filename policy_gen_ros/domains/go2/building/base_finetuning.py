# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Reinforcement learning of the conditioned base, over all gaits at once.

Imitation leaves a base as good as a teacher that sees more than it does. Learning on rough ground
makes it better than that: what it learns of one gait helps its neighbours, and every clone.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.base_config import FinetuningConfig
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy, GAIT_DIM
from policy_gen_ros.domains.go2.building.rl_finetuning import privileged_dim, RolloutCollector
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
from policy_gen_ros.training.ppo import Learner, rate_share
from policy_gen_ros.utils.files import write_stream
from policy_gen_ros.utils.progress import progress
import torch


def reinforce_base(base: ConditionedPolicy, adaptor: Adaptor, config: FinetuningConfig, seed: int,
                   file: Path) -> ConditionedPolicy:
    """
    Fine-tune a base policy.

    :param file: state after each stage, from which fine-tuning that was killed goes on
    """
    learner = Learner([base.layers()], privileged_dim(adaptor) + GAIT_DIM, config.ppo, seed)
    stage = 0
    if file.exists():
        state: dict[str, Any] = torch.load(file, weights_only=True)
        learner.load_state(state['learner'])
        stage = state['stage']
    last = config.warm_up_stages + config.stages
    bar = progress(range(stage, last), about='nominal fine-tuning', unit='stage', done=stage,
                   total=last, at_once=True)
    for number in bar:
        gaits, nominal = sample_walks(config.robots, np.random.default_rng([seed, number]))
        collector = RolloutCollector(learner, 1, gaits, nominal, adaptor, config, [seed, number],
                                     gaits.features())
        share = rate_share(number - config.warm_up_stages, config.stages, config.final_share)
        for _ in range(config.iterations):
            learner.learn(collector.gather(config.horizon), share, collector.generator)
        write_stream(file, partial(torch.save, {'learner': learner.state(), 'stage': number + 1}))
        bar.set_postfix(reward=f'{float(collector.mean_reward()):.3f}',
                        falls=f'{float(collector.falls_per_s()):.3f}', refresh=False)
    return ConditionedPolicy.from_layers(learner.actors.layers(0))
