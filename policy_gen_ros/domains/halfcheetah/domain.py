# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The HalfCheetah as a domain: gaits of Gymnasium's benchmark, by the contacts of two feet."""

from __future__ import annotations

from pathlib import Path

from policy_gen_ros.domains.gymnasium_locomotion.domain import GymnasiumLocomotion
from policy_gen_ros.domains.halfcheetah.robot import HALF_CHEETAH
from policy_gen_ros.domains.halfcheetah.vocabulary import VOCABULARY

_FOLDER = Path(__file__).resolve().parent


class HalfCheetah(GymnasiumLocomotion):
    """Gaits of Gymnasium's HalfCheetah, which nothing makes fall."""

    name, version = 'halfcheetah', 1
    robot, vocabulary = HALF_CHEETAH, VOCABULARY
    min_reward, max_reward = -2000.0, 6000.0
    bundle, archive_index = _FOLDER / 'bundle', _FOLDER / 'archive_index'
    held_out_file = 'config/held_out_halfcheetah.json'
