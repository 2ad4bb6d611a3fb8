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
from policy_gen_ros.domains.measures import Measures
from policy_gen_ros.generation.coverage import (
    check_shape,
    Coverage,
    motion_features,
    motion_features_of,
    nearest_gap,
    squared_gaps,
)
from policy_gen_ros.goals.language.off_topic import OFF_TOPIC
from policy_gen_ros.models.text_encoder import SentenceEncoder
from policy_gen_ros.training.dataset import BehaviorSet

LONGEST_CLIP_ROWS = 100
SHARE_UNKNOWN = 0.01
"""About how many of the training's own behaviours and captions are called unknown, at most."""
MIN_LIMIT_SPREADS = 0.3
"""In spreads: goals nearer than that, such as 0.15 m/s, are within what actors miss."""
MEASURE_POINTS, MOTION_POINTS = 4096, 2048
"""Behaviours and clips that are kept: 0.1 and 0.4 MB as float16."""
COVERAGE_SAMPLES, MAX_CAPTIONS = 2000, 8000
"""How many behaviours the limits, and captions the probe, are worked out from: drawn at random."""
RIDGE_PENALTY = 0.003
"""Of the probe, in squared units of a sentence embedding; 0.001 to 0.01 do as well."""


def find_coverage(archive: TrainingArchive, data: BehaviorSet, text_encoder: str,
                  seed: int) -> Coverage:
    """
    Work out what training covers: measures of all behaviours, own ones included, captions, clips.

    :param data: behaviours of the archive and, after them, those that training made for itself
    :param text_encoder: that embedded the captions
    """
    rng, domain = np.random.default_rng(seed), archive.domain
    motions = np.empty((len(archive.actor), motion_features_of(domain.trajectory)))
    for rows, block in archive.trajectory.blocks():
        length = int(rng.integers(domain.trajectory.min_rows, LONGEST_CLIP_ROWS + 1))
        start = int(rng.integers(block.shape[1] - length + 1))
        motions[rows] = motion_features(domain.trajectory, block[:, start:start + length])
    texts: tuple[np.ndarray, ...] = ()
    if domain.captions:
        encoder = SentenceEncoder(text_encoder)
        texts = (data.text.numpy(), encoder.encode(domain.captions.on_topic),
                 encoder.encode(OFF_TOPIC))
    return fit_coverage(domain, data.measures, data.actor, rng, texts,
                        Motions(motions, archive.actor))


@dataclass(frozen=True, eq=False)
class Motions:
    """
    Clips of trajectories, some of them as short as goals may be.

    :param features: :func:`motion_features` of each. Shape: (k, 3 * states)
    :param actor: of each. Shape: (k,)
    """

    features: np.ndarray
    actor: np.ndarray


def fit_coverage(domain: Domain, measures: np.ndarray, actor: np.ndarray, rng: np.random.Generator,
                 texts: Sequence[np.ndarray] = (), motions: Motions | None = None) -> Coverage:
    """
    Work out what a training set covers.

    :param measures: of its behaviours. Shape: (n, measures)
    :param actor: of each behaviour: those of one actor do not show how far apart others lie.
        Shape: (n,)
    :param texts: sentence embeddings of the training captions, of other wordings, and of texts
        about other things; all three or none. Shapes: (texts, text_dim)
    :raises ValueError: no behaviour, shapes that do not fit, or captions without the others
    """
    measures = np.asarray(measures, float)
    if not len(measures) or measures.shape != (len(actor), len(domain.measures)) \
            or not np.isfinite(measures).all():
        raise ValueError(f'coverage needs finite measures (n, {len(domain.measures)}) with n '
                         f'actors, got {measures.shape} and {np.shape(actor)}')
    if len(texts) not in (0, 3):
        raise ValueError('coverage of texts needs captions, wordings and texts off topic')
    width = motion_features_of(domain.trajectory)
    motions = motions or Motions(np.zeros((0, width)), np.zeros(0))
    check_shape('motions', motions.features, (len(motions.actor), width))
    kept = _spread_out(_unit_scale(domain.measures, measures), MEASURE_POINTS)
    kept_motions = _spread_out(motions.features, MOTION_POINTS)
    return Coverage(domain, measures[kept],
                    _measure_limits(domain.measures, measures, actor, kept, rng),
                    _probe(texts, rng) if texts else np.zeros(0), motions.features[kept_motions],
                    np.array([_motion_limit(motions, kept_motions, rng)]))


def _unit_scale(measures: Measures, values: np.ndarray) -> np.ndarray:
    """Features whose distances are those of squared_gaps. Shape: (n, measures) -> (n, any)."""
    angle = 2 * np.pi * values[:, measures.circular]
    return np.concatenate([(values / measures.spread)[:, ~measures.circular], np.sin(angle),
                           np.cos(angle)], axis=1)


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


def _measure_limits(measures: Measures, values: np.ndarray, actor: np.ndarray, kept: np.ndarray,
                    rng: np.random.Generator) -> np.ndarray:
    """
    Distances of the training's behaviours from the nearest kept one of another actor.

    Half of the share may be unknown for its pairs, half for the whole. Shape: (measures,)
    """
    count = len(measures)
    sampled = rng.permutation(len(values))[:COVERAGE_SAMPLES]
    squares = np.zeros((len(sampled), count))
    points = values[kept].astype(np.float32)
    for i, row in enumerate(sampled):
        gaps = squared_gaps(measures, values[row].astype(np.float32), points)
        gaps[:, actor[kept] == actor[row]] = np.inf
        # Which measures are given together is the user's choice: a random order has all sizes.
        squares[i] = np.cumsum(gaps[rng.permutation(count)], axis=0).min(axis=1)
        squares[i, 0] = gaps.min(axis=1).max()
        squares[i, 1] = max(nearest_gap(gaps, pair) for pair in combinations(range(count), 2))
    return np.array([max(_limit(column, SHARE_UNKNOWN / 2), MIN_LIMIT_SPREADS)
                     for column in np.sqrt(squares).T])


def _motion_limit(motions: Motions, kept: np.ndarray, rng: np.random.Generator) -> float:
    features, actor = motions.features, motions.actor
    sampled = rng.permutation(len(features))[:COVERAGE_SAMPLES]
    points = features[kept]
    squares = [np.where(actor[kept] == actor[row], np.inf,
                        ((points - features[row])**2).sum(axis=1)).min() for row in sampled]
    return _limit(np.sqrt(squares), SHARE_UNKNOWN) if squares else np.inf


def _probe(embeddings: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """
    Ridge regression onto +1 for gait and -1 for the rest, either side with half of the weight.

    :param embeddings: of captions, other wordings, and texts about other things
    :return: Shape: (text_dim + 1,)
    """
    captions, wordings, off_topic = embeddings
    captions = captions[rng.permutation(len(captions))[:MAX_CAPTIONS]].astype(float)
    groups = (captions, wordings, off_topic)
    texts = np.concatenate(groups)
    weight = np.repeat([share / len(group) for share, group in zip((0.25, 0.25, 0.5), groups)],
                       [len(group) for group in groups])
    wanted = np.where(np.arange(len(texts)) < len(captions) + len(wordings), 1.0, -1.0)
    mean = weight @ texts
    centred = texts - mean
    weighted = centred.T * weight
    slope = np.linalg.solve(weighted @ centred + RIDGE_PENALTY * np.eye(texts.shape[1]),
                            weighted @ wanted)  # the weighted mean of what is wanted is zero
    # Zero lies between the two; but not so that more captions than that are unknown.
    lowest = float(np.quantile(captions @ slope, SHARE_UNKNOWN))
    return np.append(slope, -min(float(mean @ slope), lowest))
