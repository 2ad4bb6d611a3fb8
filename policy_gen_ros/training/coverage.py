# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a bundle's training covers, for goals that lie outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.domains.measures import Measures, one_hot
from policy_gen_ros.generation.coverage import (
    check_shape,
    Coverage,
    motion_features,
    motion_features_of,
    nearest_gap,
    squared_gaps,
)
from policy_gen_ros.goals.language.off_topic import OFF_TOPIC
from policy_gen_ros.models.text_encoder import sentence_encoder
from policy_gen_ros.training.config import CoverageConfig, TrainConfig
from policy_gen_ros.training.dataset import BehaviorSet


def find_coverage(archive: TrainingArchive, data: BehaviorSet, config: TrainConfig) -> Coverage:
    """
    Work out what training covers: measures of all behaviours, own ones included, captions, clips.

    :param data: behaviours of the archive and, after them, those that training made for itself
    """
    rng, domain = np.random.default_rng(config.seed), archive.domain
    longest = config.coverage.longest_clip
    motions = np.empty((len(archive.actor), motion_features_of(domain.trajectory)))
    for rows, block in archive.trajectory.blocks():
        length = int(rng.integers(domain.trajectory.min_rows, longest + 1))
        start = int(rng.integers(block.shape[1] - length + 1))
        motions[rows] = motion_features(domain.trajectory, block[:, start:start + length])
    texts: tuple[np.ndarray, ...] = ()
    if domain.captions:
        encoder = sentence_encoder(config.text_encoder)
        texts = (data.text.numpy(), encoder.encode(domain.captions.on_topic),
                 encoder.encode(OFF_TOPIC))
    return fit_coverage(domain, SeenPoints(data.measures, data.actor), rng, texts,
                        SeenPoints(motions, archive.actor), config.coverage)


@dataclass(frozen=True, eq=False)
class SeenPoints:
    """
    Points that training has seen.

    :param points: Shape: (n, dimensions)
    :param actor: of each: points of one actor do not show how far apart others lie. Shape: (n,)
    """

    points: np.ndarray
    actor: np.ndarray


def fit_coverage(domain: Domain, measures: SeenPoints, rng: np.random.Generator,
                 texts: Sequence[np.ndarray] = (), motions: SeenPoints | None = None,
                 config: CoverageConfig | None = None) -> Coverage:
    """
    Work out what a training set covers.

    :param measures: of its behaviours
    :param motions: :func:`motion_features` of clips, some of them as short as goals may be
    :param texts: sentence embeddings of the training captions, of other wordings, and of texts
        about other things; all three or none. Shapes: (texts, text_dim)
    :raises ValueError: no behaviour, shapes that do not fit, or captions without the others
    """
    config = config or CoverageConfig()
    values, actor = np.asarray(measures.points, float), measures.actor
    if not len(values) or values.shape != (len(actor), len(domain.measures)) \
            or not np.isfinite(values).all():
        raise ValueError(f'coverage needs finite measures (n, {len(domain.measures)}) with n '
                         f'actors, got {values.shape} and {np.shape(actor)}')
    if len(texts) not in (0, 3):
        raise ValueError('coverage of texts needs captions, wordings and texts off topic')
    width = motion_features_of(domain.trajectory)
    motions = motions or SeenPoints(np.zeros((0, width)), np.zeros(0))
    check_shape('motions', motions.points, (len(motions.actor), width))
    kept = _spread_out(_unit_scale(domain.measures, values), config.measure_points)
    kept_motions = _spread_out(motions.points, config.motion_points)
    return Coverage(domain, values[kept],
                    _measure_limits(domain.measures, SeenPoints(values, actor), kept, rng, config),
                    _probe(texts, rng, config) if texts else np.zeros(0),
                    motions.points[kept_motions],
                    np.array([_motion_limit(motions, kept_motions, rng, config)]))


def _unit_scale(measures: Measures, values: np.ndarray) -> np.ndarray:
    """Features whose distances are those of squared_gaps. Shape: (n, measures) -> (n, any)."""
    angle = 2 * np.pi * values[:, measures.circular]
    numbers = ~measures.circular & ~measures.categorical
    return np.concatenate([
        (values / measures.spread)[:, numbers], np.sin(angle), np.cos(angle),
        *(one_hot(values[:, place], measure.categories)
          for place, measure in enumerate(measures) if measure.categories)], axis=1)


def _spread_out(points: np.ndarray, count: int) -> np.ndarray:
    """
    Rows that lie as far apart as possible, so that the rim stays: farthest first. Shape: (k,).

    All rows where there are no more than ``count``.
    """
    if len(points) <= count:
        return np.arange(len(points))
    points = points.astype(np.float32)
    chosen = [0]
    apart = np.full(len(points), np.inf, np.float32)
    for _ in range(count - 1):
        apart = np.minimum(apart, ((points - points[chosen[-1]])**2).sum(axis=1))
        chosen.append(int(apart.argmax()))
    return np.array(chosen)


def _limit(distances: np.ndarray, share: float) -> float:
    """Distance that about ``share`` of all exceed; infinite where nobody has a neighbour."""
    return float(np.quantile(distances, 1 - share, method='higher'))


def _measure_limits(measures: Measures, seen: SeenPoints, kept: np.ndarray,
                    rng: np.random.Generator, config: CoverageConfig) -> np.ndarray:
    """
    Distances of the training's behaviours from the nearest kept one of another actor.

    Half of the share may be unknown for its pairs, half for the whole. Shape: (measures,)
    """
    count, values, actor = len(measures), seen.points, seen.actor
    sampled = rng.permutation(len(values))[:config.samples]
    squares = np.zeros((len(sampled), count))
    points = values[kept].astype(np.float32)
    for i, row in enumerate(sampled):
        gaps = squared_gaps(measures, values[row].astype(np.float32), points)
        gaps[:, actor[kept] == actor[row]] = np.inf
        # Which measures are given together is the user's choice: a random order has all sizes.
        squares[i] = np.cumsum(gaps[rng.permutation(count)], axis=0).min(axis=1)
        squares[i, 0] = gaps.min(axis=1).max()
        squares[i, 1] = max(nearest_gap(gaps, pair) for pair in combinations(range(count), 2))
    return np.array([max(_limit(column, config.unknown_share / 2), config.least_limit)
                     for column in np.sqrt(squares).T])


def _motion_limit(motions: SeenPoints, kept: np.ndarray, rng: np.random.Generator,
                  config: CoverageConfig) -> float:
    features, actor = motions.points, motions.actor
    sampled = rng.permutation(len(features))[:config.samples]
    points = features[kept]
    squares = [np.where(actor[kept] == actor[row], np.inf,
                        ((points - features[row])**2).sum(axis=1)).min() for row in sampled]
    return _limit(np.sqrt(squares), config.unknown_share) if squares else np.inf


def _probe(embeddings: Sequence[np.ndarray], rng: np.random.Generator,
           config: CoverageConfig) -> np.ndarray:
    """
    Ridge regression onto +1 for gait and -1 for the rest, either side with half of the weight.

    :param embeddings: of captions, other wordings, and texts about other things
    :return: Shape: (text_dim + 1,)
    """
    captions, wordings, off_topic = embeddings
    captions = captions[rng.permutation(len(captions))[:config.captions]].astype(float)
    groups = (captions, wordings, off_topic)
    texts = np.concatenate(groups)
    weight = np.repeat([share / len(group) for share, group in zip((0.25, 0.25, 0.5), groups)],
                       [len(group) for group in groups])
    wanted = np.where(np.arange(len(texts)) < len(captions) + len(wordings), 1.0, -1.0)
    mean = weight @ texts
    centred = texts - mean
    weighted = centred.T * weight
    slope = np.linalg.solve(weighted @ centred + config.ridge_penalty * np.eye(texts.shape[1]),
                            weighted @ wanted)  # the weighted mean of what is wanted is zero
    # Zero lies between the two; but not so that more captions than that are unknown.
    lowest = float(np.quantile(captions @ slope, config.unknown_share))
    return np.append(slope, -min(float(mean @ slope), lowest))
