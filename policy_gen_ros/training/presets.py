# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Presets of the training configuration, which ``policy_gen train --preset`` names."""

from __future__ import annotations

from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.training.config import TrainConfig
from policy_gen_ros.utils.config import updated


def default_preset() -> TrainConfig:
    """Return the preset of the shipped bundle."""
    return TrainConfig()


def short_preset() -> TrainConfig:
    """About a fifth of the steps: for small archives, first results and ablations."""
    return updated(TrainConfig(), {
        'decoder': {'steps': 2000, 'refined_steps': 700}, 'embedding': {'steps': 800},
        'diffusion': {'steps': 2000, 'final_steps': 3000},
        'self_generated': {'mixtures': 2048, 'policies': 1024},
        'finetune': {'rounds': 1, 'walks': 4096, 'critic_steps': 400, 'steps': 400}})


def debug_preset() -> TrainConfig:
    """Seconds instead of an hour: shows that everything runs, generates nothing useful."""
    return updated(TrainConfig(), {
        'decoder': {'steps': 30, 'refined_steps': 10}, 'embedding': {'steps': 20},
        'diffusion': {'steps': 30, 'final_steps': 30},
        'self_generated': {'mixtures': 64, 'policies': 64},
        'finetune': {'rounds': 1, 'walks': 64, 'critic_steps': 10, 'steps': 10}})


PRESETS = {'default': default_preset, 'short': short_preset, 'debug': debug_preset}


def preset_of(domain: Domain, name: str = 'default') -> TrainConfig:
    """Return a preset with what a domain sets otherwise."""
    return updated(PRESETS[name](), domain.training_settings())
