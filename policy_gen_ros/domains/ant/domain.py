# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The Ant as a domain: gaits of Gymnasium's benchmark, by the contacts of four feet."""

from __future__ import annotations

from pathlib import Path

from policy_gen_ros.domains.ant.robot import ANT
from policy_gen_ros.domains.ant.vocabulary import VOCABULARY
from policy_gen_ros.domains.gymnasium_locomotion.domain import GymnasiumLocomotion

_FOLDER = Path(__file__).resolve().parent


class Ant(GymnasiumLocomotion):
    """Gaits of Gymnasium's Ant. Only policies that keep the torso at a healthy height count."""

    name, version = 'ant', 1
    robot, vocabulary = ANT, VOCABULARY
    min_reward, max_reward = 0.0, 6000.0
    bundle, archive_index = _FOLDER / 'bundle', _FOLDER / 'archive_index'
    held_out_file = 'config/held_out_ant.json'
