# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The actor with which a walk ends: a trot on the spot, made once and stored in the bundle.

The controller keeps it, so that ``stop`` needs no generator. Standing still right after a bound or
a fast trot topples the robot: docs/running.md has the figures.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from policy_gen_ros.domains.go2.gait.measures import COMMAND_NAMES, GAIT_PHASES, PHASE_NAMES
from policy_gen_ros.domains.go2.shipped import CALM_FILE
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.files import write_bytes

CALM_MEASURES = {**dict(zip(PHASE_NAMES, GAIT_PHASES['trot'])),
                 **dict.fromkeys(COMMAND_NAMES, 0.0)}


def calm_actor(generator: PolicyGenerator, folder: Path) -> ActorWeights:
    """Return the actor that is stored in a bundle; one that is made now where there is none."""
    path = folder / CALM_FILE
    if path.is_file():
        return ActorWeights.load(path, 'go2')
    actor = generator.generate(Goal(measures=CALM_MEASURES))
    return replace(actor, nominal_command=(0.0, 0.0, 0.0), goal='trot on the spot')


def save_calm_actor(folder: Path) -> None:
    """Generate the actor with the bundle in a folder, and store it there."""
    (folder / CALM_FILE).unlink(missing_ok=True)
    actor = calm_actor(PolicyGenerator.load(folder, device='cpu'), folder)
    write_bytes(folder / CALM_FILE, actor.to_bytes())
