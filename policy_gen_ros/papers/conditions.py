"""
The conditions of an archive's training behaviours, as the papers' denoisers are given them.

Unlike our own generator's, these are whole: a behaviour has all its measures, or one sentence, or
one trajectory, and nothing is left out at random, as in the papers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.condition.measures import encode_measures
from policy_gen_ros.condition.text import SentenceEncoder
from policy_gen_ros.condition.trajectory import BehaviorEncoder, segment_features, SEGMENT_ROWS
from policy_gen_ros.files import write_whole
from policy_gen_ros.robot.observation import TRAJECTORY_DIM
from policy_gen_ros.training.behavior import augment
from policy_gen_ros.training.dataset import BehaviorSet
import torch
from torch import Tensor

SOURCES = ('measures', 'text', 'trajectory')
SENTENCES = 2
"""
Captions of each behaviour that are embedded, of eight or so.

All those of an archive are 100,000 sentences at 8 ms of one core each.
"""
CUTS, MOST_SEGMENTS = 12, 4
BATCH = 512


@dataclass(frozen=True)
class Conditions:
    """
    Features, and which behaviour each is of.

    :param features: Shape: (m, c)
    :param behavior: row of the archive's behaviours. Shape: (m,)
    :param once: how many, from the first, are of one behaviour each
    """

    features: Tensor
    behavior: Tensor
    once: int


def measure_conditions(archive: TrainingArchive) -> Conditions:
    """All thirteen measures of each behaviour, as they were measured."""
    features = torch.from_numpy(encode_measures(archive.measures))
    return Conditions(features, torch.arange(len(features)), len(features))


def text_conditions(archive: TrainingArchive, file: Path, text_encoder: str = '',
                    seed: int = 0) -> Conditions:
    """
    Embeddings of some captions of each behaviour that has any.

    :param file: NPY of the embeddings; written where it does not exist yet
    :param text_encoder: see :class:`policy_gen_ros.condition.text.SentenceEncoder`
    :raises ValueError: no behaviour has a caption
    """
    rng = np.random.default_rng([seed, len(archive)])
    rounds: list[list[tuple[int, str]]] = [[] for _ in range(SENTENCES)]
    for behavior, captions in enumerate(archive.captions):
        drawn = rng.permutation(len(captions))[:SENTENCES]
        for words, index in zip(rounds, drawn):
            words.append((behavior, captions[index].text))
    spoken = [pair for words in rounds for pair in words]
    if not spoken:
        raise ValueError('no behaviour of the archive has a caption to train on')
    row: dict[str, int] = {}  # of each different sentence, in order of first use
    said = [row.setdefault(text, len(row)) for _, text in spoken]
    if not file.exists():
        embedded = SentenceEncoder(text_encoder).encode(list(row))
        write_whole(file, partial(_save_array, array=embedded))
    features = torch.from_numpy(np.load(file))[said]
    behaviors = torch.tensor([behavior for behavior, _ in spoken])
    return Conditions(features, behaviors, len(rounds[0]))


def walks(archive: TrainingArchive) -> BehaviorSet:
    """Trajectories without words, for training the behaviour embedding."""
    segments = torch.empty(*archive.trajectory.shape[:2], TRAJECTORY_DIM + 1)
    for rows, block in archive.trajectory.blocks():
        segments[rows] = torch.from_numpy(segment_features(block))
    nothing = torch.zeros(len(segments), 0)
    return replace(BehaviorSet.uncaptioned(archive.measures, nothing, segments),
                   actor=archive.actor)


@torch.no_grad()
def trajectory_conditions(encoder: BehaviorEncoder, data: BehaviorSet,
                          seed: int = 0) -> Conditions:
    """
    Embed each behaviour's whole trajectory, and random clips of one to four segments.

    Clips are blurred and sometimes lack targets, as a prompt does that was recorded.
    """
    torch.manual_seed(seed)  # `augment` draws from torch; what ran before must not matter
    rng = np.random.default_rng(seed)
    everything = torch.arange(len(data))
    rows = data.segments.shape[1]
    starts = range(0, rows - SEGMENT_ROWS + 1, SEGMENT_ROWS // 2)
    views = [_mean([_embed(encoder, data.segments[:, s:s + SEGMENT_ROWS]) for s in starts])]
    for cut in range(CUTS):
        views.append(_mean([_embed(encoder, data.cut(everything, rng)[0], rng)
                            for _ in range(1 + cut % MOST_SEGMENTS)]))
    return Conditions(torch.cat(views), everything.repeat(len(views)), len(data))


def _embed(encoder: BehaviorEncoder, segments: Tensor,
           rng: np.random.Generator | None = None) -> Tensor:
    return torch.cat([encoder(part if rng is None else augment(part, rng))
                      for part in segments.split(BATCH)])


def _mean(parts: list[Tensor]) -> Tensor:
    return torch.stack(parts).mean(dim=0)


def _save_array(path: Path, array: np.ndarray) -> None:
    np.save(path, array)
