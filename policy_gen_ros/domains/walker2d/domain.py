# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The Walker2d as a domain: gaits of Gymnasium's benchmark, by the contacts of two feet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from policy_gen_ros.domains.gymnasium_locomotion.domain import GymnasiumLocomotion
from policy_gen_ros.domains.walker2d.robot import WALKER2D
from policy_gen_ros.domains.walker2d.vocabulary import VOCABULARY

_FOLDER = Path(__file__).resolve().parent


class Walker2d(GymnasiumLocomotion):
    """Gaits of Gymnasium's Walker2d. Only policies that stay on their feet count."""

    name, version = 'walker2d', 1
    robot, vocabulary = WALKER2D, VOCABULARY
    min_reward, max_reward = 0.0, 6000.0
    bundle, archive_index = _FOLDER / 'bundle', _FOLDER / 'archive_index'
    held_out_file = 'config/held_out_walker2d.json'

    def archive_settings(self) -> Mapping[str, Any]:
        """
        Return the settings of archives.

        Branches that learn as fast as HalfCheetah's make this robot fall: 15 of 16 did after 15
        iterations.
        """
        return {
            'base_robots': 128, 'base_iterations': 250, 'conditions': 300, 'stage_iterations': 64,
            'base_ppo': {'noise': 0.4, 'epochs': 5}, 'survival_reward': 1.0,
            'final_share': 0.4,
            'waves': 1, 'branch_robots': 12, 'keep_every': 5, 'warm_up_iterations': 6,
            'branch_ppo': {'learning_rate': 4e-4, 'discount': 0.99},
            'generations': 5, 'depth': 2, 'tries': 2, 'episode_steps': 1000}
