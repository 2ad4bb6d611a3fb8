# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The conditions of an archive's training behaviours, as the papers' denoisers are given them.

Unlike our own generator's, these are whole: a behaviour has all its measures, or one sentence, or
one trajectory, and nothing is left out at random, as in the papers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.models.trajectory_encoder import BehaviorEncoder
from policy_gen_ros.training.behavior import embed_behaviors, EMBEDDING_BATCH_SIZE
from policy_gen_ros.training.config import EmbeddingTraining
from policy_gen_ros.training.dataset import (
    BehaviorSet,
    embed_once,
    measure_features,
    read_segments,
)
import torch
from torch import Tensor

CONDITION_KINDS = ('measures', 'text', 'trajectory')


@dataclass(frozen=True)
class TrainingConditions:
    """
    Features, and which behaviour each is of.

    :param features: Shape: (m, c)
    :param behavior: row of the archive's behaviours. Shape: (m,)
    :param once: how many, from the first, are of one behaviour each
    """

    features: Tensor
    behavior: Tensor
    once: int


def measure_conditions(archive: TrainingArchive) -> TrainingConditions:
    """All measures of each behaviour, as they were measured."""
    features = measure_features(archive.domain.measures, archive.measures)
    return TrainingConditions(features, torch.arange(len(features)), len(features))


def text_conditions(archive: TrainingArchive, file: Path, text_encoder: str = '',
                    captions: int = 2, seed: int = 0) -> TrainingConditions:
    """
    Embeddings of some captions of each behaviour that has any.

    :param file: NPY of the embeddings; written where it does not exist yet
    :param text_encoder: see :func:`policy_gen_ros.models.text_encoder.sentence_encoder`
    :param captions: of each behaviour, at most
    :raises ValueError: no behaviour has a caption
    """
    rng = np.random.default_rng([seed, len(archive)])
    rounds: list[list[tuple[int, str]]] = [[] for _ in range(captions)]
    for behavior, known in enumerate(archive.captions):
        drawn = rng.permutation(len(known))[:captions]
        for words, index in zip(rounds, drawn):
            words.append((behavior, known[index].text))
    spoken = [pair for words in rounds for pair in words]
    if not spoken:
        raise ValueError('no behaviour of the archive has a caption to train on')
    embedded, rows = embed_once([text for _, text in spoken], file, text_encoder)
    features = embedded[torch.from_numpy(rows)]
    behaviors = torch.tensor([behavior for behavior, _ in spoken])
    return TrainingConditions(features, behaviors, len(rounds[0]))


def walks(archive: TrainingArchive) -> BehaviorSet:
    """Trajectories without words, for training the behaviour embedding."""
    nothing = torch.zeros(len(archive.measures), 0)
    return replace(BehaviorSet.uncaptioned(archive.domain, archive.measures, nothing,
                                           read_segments(archive)),
                   actor=archive.actor)


@torch.no_grad()
def trajectory_conditions(encoder: BehaviorEncoder, data: BehaviorSet, clips: int = 12,
                          seed: int = 0) -> TrainingConditions:
    """
    Embed each behaviour's whole trajectory, and random clips of one to four segments.

    Clips are blurred and sometimes lack targets, as a prompt does that was recorded.
    """
    length = data.domain.trajectory.segment_rows
    starts = range(0, data.segments.shape[1] - length + 1, length // 2)
    windows = [data.segments[:, start:start + length] for start in starts]
    whole = torch.stack([torch.cat([encoder(part) for part in window.split(EMBEDDING_BATCH_SIZE)])
                         for window in windows]).mean(dim=0)
    cut = embed_behaviors(encoder, data, EmbeddingTraining(cuts=clips), seed)
    return TrainingConditions(torch.cat([whole, *cut]), torch.arange(len(data)).repeat(1 + clips),
                              len(data))
