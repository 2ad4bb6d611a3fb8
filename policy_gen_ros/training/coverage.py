"""What a bundle's training covers, for goals that lie outside."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.condition.text import SentenceEncoder
from policy_gen_ros.generator.coverage import Coverage, MOTION_FEATURES, motion_features
from policy_gen_ros.goal.topics import OFF_TOPIC, WORDINGS
from policy_gen_ros.robot.observation import TRAJECTORY_MIN_ROWS
from policy_gen_ros.training.dataset import BehaviorSet

LONGEST_CLIP_ROWS = 100


def find_coverage(archive: TrainingArchive, data: BehaviorSet, text_encoder: str,
                  seed: int) -> Coverage:
    """
    Work out what training covers: measures of all behaviours, own ones included, captions, clips.

    :param data: behaviours of the archive and, after them, those that training made for itself
    :param text_encoder: that embedded the captions
    """
    rng = np.random.default_rng(seed)
    motions = np.empty((len(archive.actor), MOTION_FEATURES))
    for rows, block in archive.trajectory.blocks():
        length = int(rng.integers(TRAJECTORY_MIN_ROWS, LONGEST_CLIP_ROWS + 1))
        start = int(rng.integers(block.shape[1] - length + 1))
        motions[rows] = motion_features(block[:, start:start + length])
    encoder = SentenceEncoder(text_encoder)
    return Coverage.of(data.measures, data.actor, rng, data.text.numpy(),
                       encoder.encode(WORDINGS), encoder.encode(OFF_TOPIC), motions,
                       archive.actor)
