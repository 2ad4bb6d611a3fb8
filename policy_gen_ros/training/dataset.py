# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What the generator learns from: the training behaviours of an archive, as tensors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.domains.measures import Measures
from policy_gen_ros.models.text_encoder import sentence_encoder
from policy_gen_ros.training.stages import finished_array
import torch
from torch import Tensor


@dataclass(frozen=True)
class BehaviorSet:
    """
    Behaviours of the training actors.

    Shapes: ``actor`` (n,) row of each behaviour's actor; ``measures`` (n, measures); ``extras``
    (n, extras); ``segments`` (n, 200, columns + 1); ``text`` (sentences, text_dim), each sentence
    once; ``caption`` (captions,) rows of ``text``, those of one behaviour side by side;
    ``captions_before`` (n + 1,) where those of each behaviour begin.

    :param originals: how many, from the first, are the archive's own; 0: all
    """

    domain: Domain
    actor: np.ndarray
    measures: np.ndarray
    extras: Tensor
    segments: Tensor
    text: Tensor
    caption: np.ndarray
    captions_before: np.ndarray
    originals: int = 0

    def __len__(self) -> int:
        return len(self.actor)

    @classmethod
    def uncaptioned(cls, domain: Domain, measures: np.ndarray, extras: Tensor,
                    segments: Tensor) -> BehaviorSet:
        """Behaviours that have no words, each of an actor of its own."""
        count = len(measures)
        return cls(domain, np.arange(count), measures, extras, segments, torch.zeros(0, 0),
                   np.zeros(0, int), np.zeros(count + 1, int))

    def joined(self, others: BehaviorSet) -> BehaviorSet:
        """Return these behaviours and, after them, others of other actors."""
        return BehaviorSet(
            self.domain, np.concatenate([self.actor, self.actor.max() + 1 + others.actor]),
            np.concatenate([self.measures, others.measures]),
            torch.cat([self.extras, others.extras]),
            torch.cat([self.segments, others.segments]), torch.cat([self.text, others.text]),
            np.concatenate([self.caption, len(self.text) + others.caption]),
            np.concatenate([self.captions_before,
                            self.captions_before[-1] + others.captions_before[1:]]),
            self.originals or len(self))

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draw rows, half of them originals where others were joined. Shape: (count,)."""
        rows = rng.integers(0, self.originals or len(self), count)
        if self.originals < len(self) and self.originals:
            others = rng.integers(self.originals, len(self), count)
            rows = np.where(rng.random(count) < 0.5, rows, others)
        return rows

    def cut(self, pick: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """
        Random segments of the picked behaviours, and the segments after them.

        Where the end of a trajectory counts there is one segment, which holds it: it comes twice.

        Shapes: (n,) -> (n, segment_rows + outcome_rows, columns + 1) twice
        """
        length = self.domain.trajectory.segment_rows
        if self.domain.trajectory.outcome_rows:
            whole = self.segments[pick]
            return whole, whole
        rows = self.segments.shape[1] - 2 * length
        start = torch.from_numpy(rng.integers(0, rows + 1, len(pick)))
        index = start[:, None] + torch.arange(length)
        later = index + length
        return self.segments[pick[:, None], index], self.segments[pick[:, None], later]

    def say(self, pick: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """
        Draw a caption of each picked behaviour.

        :return: embeddings (n, text_dim), and whether the behaviour has a caption at all (n,)
        """
        if not len(self.text):
            nothing = torch.zeros(len(pick), self.text.shape[1])
            return nothing, torch.zeros(len(pick), dtype=torch.bool)
        begin, end = (self.captions_before[pick.numpy() + i] for i in (0, 1))
        drawn = begin + (rng.random(len(pick)) * (end - begin)).astype(int)
        rows = self.caption[np.minimum(drawn, len(self.caption) - 1)]
        return self.text[torch.from_numpy(rows)], torch.from_numpy(end > begin)


def load_behaviors(archive: TrainingArchive, text_file: Path,
                   text_encoder: str = '') -> BehaviorSet:
    """
    Read the behaviours.

    :param text_file: NPY of sentence embeddings; written where it does not exist yet
    :param text_encoder: which encoder writes it
    :raises ValueError: no behaviour has a caption, in a domain with words
    """
    sentences = [[caption.text for caption in group] for group in archive.captions]
    if archive.domain.captions is not None and not any(sentences):
        raise ValueError('no behaviour of the archive has a caption to train on')
    return BehaviorSet(
        archive.domain, archive.actor, archive.measures,
        torch.from_numpy(archive.domain.extras.encode(archive.controls, archive.measures)),
        read_segments(archive), *_embed(sentences, text_file, text_encoder))


def put_into_words(behaviors: BehaviorSet, templates: Collection[str], count: int,
                   text_file: Path, text_encoder: str = '', seed: int = 0) -> BehaviorSet:
    """
    Give behaviours that have no words captions of what was measured.

    :param templates: that training may use
    :param count: captions of each
    :param text_file, text_encoder: as for :func:`load_behaviors`
    """
    rng, language = np.random.default_rng(seed), behaviors.domain.captions
    names = behaviors.domain.measures.names
    sentences = [[caption.text for caption in language.write(
        dict(zip(names, row)), count, rng, templates)] if language else []
        for row in behaviors.measures.tolist()]
    text, caption, before = _embed(sentences, text_file, text_encoder)
    return replace(behaviors, text=text, caption=caption, captions_before=before)


def _embed(sentences: list[list[str]], file: Path,
           encoder: str) -> tuple[Tensor, np.ndarray, np.ndarray]:
    """Return ``text``, ``caption`` and ``captions_before`` of the sentences of each behaviour."""
    text, caption = embed_once([text for group in sentences for text in group], file, encoder)
    return text, caption, np.cumsum([0, *(len(group) for group in sentences)])


def embed_once(sentences: Sequence[str], file: Path, encoder: str) -> tuple[Tensor, np.ndarray]:
    """
    Embed each different sentence once.

    :param file: NPY of the embeddings; written where it does not exist yet
    :return: embeddings in order of first use (k, text_dim), and the row of each sentence (n,)
    """
    row: dict[str, int] = {}
    rows = [row.setdefault(text, len(row)) for text in sentences]
    embedded = finished_array(file, lambda: sentence_encoder(encoder).encode(list(row)))
    return torch.from_numpy(embedded), np.array(rows, int)


def read_segments(archive: TrainingArchive) -> Tensor:
    """Read the trajectories of all behaviours, as features. Shape: (m, 200, columns + 1)."""
    spec = archive.domain.trajectory
    segments = torch.empty(*archive.trajectory.shape[:2], spec.dim + 1)
    for rows, block in archive.trajectory.blocks():
        segments[rows] = torch.from_numpy(spec.features(block))
    return segments


def measure_features(measures: Measures, values: np.ndarray) -> Tensor:
    """Measure condition as a tensor. Shape: (n, measures) -> (n, features)."""
    return torch.from_numpy(measures.encode(values))
