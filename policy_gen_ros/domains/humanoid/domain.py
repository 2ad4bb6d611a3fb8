# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The Humanoid as a domain: gaits of Gymnasium's benchmark, by the contacts of two feet."""

from __future__ import annotations

from pathlib import Path

from policy_gen_ros.domains.gymnasium_locomotion.domain import GymnasiumLocomotion
from policy_gen_ros.domains.humanoid.robot import HUMANOID
from policy_gen_ros.domains.humanoid.vocabulary import VOCABULARY

_FOLDER = Path(__file__).resolve().parent


class Humanoid(GymnasiumLocomotion):
    """Gaits of Gymnasium's Humanoid. Only policies that stay on their feet count."""

    name, version = 'humanoid', 1
    robot, vocabulary = HUMANOID, VOCABULARY
    min_reward, max_reward = 0.0, 10000.0
    bundle, archive_index = _FOLDER / 'bundle', _FOLDER / 'archive_index'
    held_out_file = 'config/held_out_humanoid.json'
