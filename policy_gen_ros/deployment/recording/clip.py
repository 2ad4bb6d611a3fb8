# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A recording in a file, rosbag2 or CSV, as a behaviour trajectory."""

from __future__ import annotations

from pathlib import Path

from policy_gen_ros.deployment.recording.bag import Bag
from policy_gen_ros.deployment.recording.joint_names import JointMap, OWN_NAMES
from policy_gen_ros.deployment.recording.piece import Clip, cut_clip
from policy_gen_ros.deployment.recording.resample import CLIP_S, MIN_CLIP_S
from policy_gen_ros.deployment.recording.table import read_table
from policy_gen_ros.deployment.recording.tracks import read_tracks, Topics

MAX_CLIP_S = 120.0


def read_clip(path: Path, topics: Topics, start_s: float | None = None,
              seconds: float = CLIP_S, joint_map: JointMap = OWN_NAMES) -> Clip:
    """
    Read the trajectory to imitate.

    :param path: a rosbag2 recording, or a table that ends in ``.csv``
    :param topics: of a rosbag2 recording
    :param start_s: take what is unbroken in the ``seconds`` from there on, counted from the first
        sample; None takes the end of the newest walk, or of the longest unbroken stretch
    :param seconds: at most so much
    :param joint_map: of the names in joint states
    :raises ValueError: no such recording or topic, an argument out of range, too little without a
        gap, or samples that contradict each other
    """
    if not MIN_CLIP_S <= seconds <= MAX_CLIP_S:
        raise ValueError(f'{seconds:g} s of a recording were asked for, '
                         f'expected {MIN_CLIP_S:g} to {MAX_CLIP_S:g}')
    if path.suffix.lower() == '.csv':
        tracks = read_table(path)
    else:
        with Bag(path) as bag:
            tracks = read_tracks(bag, topics, joint_map)
    try:
        return cut_clip(tracks, start_s, seconds)
    except ValueError as error:
        raise ValueError(f'{path}: {error}') from error
