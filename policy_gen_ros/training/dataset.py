"""What the generator learns from: behaviours of the archive's training actors, as tensors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.condition.measures import encode_measures
from policy_gen_ros.condition.text import SentenceEncoder
from policy_gen_ros.condition.trajectory import segment_features, SEGMENT_ROWS
from policy_gen_ros.diffusion.sample import encode_extras
from policy_gen_ros.files import write_whole
import torch
from torch import Tensor


@dataclass(frozen=True)
class BehaviorSet:
    """
    Qualified behaviours of a set of actors.

    Shapes: ``actor`` and ``behavior`` (n,) indices into the archive; ``measures`` (n, 13);
    ``extras`` (n, 19); ``segments`` (n, 200, 43); ``text`` (n, captions, 384).
    """

    actor: np.ndarray
    behavior: np.ndarray
    measures: np.ndarray
    extras: Tensor
    segments: Tensor
    text: Tensor

    def __len__(self) -> int:
        return len(self.actor)

    def cut(self, pick: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """
        Random segments of the picked behaviours, and the segments after them.

        Shapes: (n,) -> (n, 40, 43) twice
        """
        rows = self.segments.shape[1] - 2 * SEGMENT_ROWS
        start = torch.from_numpy(rng.integers(0, rows + 1, len(pick)))
        index = start[:, None] + torch.arange(SEGMENT_ROWS)
        later = index + SEGMENT_ROWS
        return self.segments[pick[:, None], index], self.segments[pick[:, None], later]


def load_behaviors(archive: Archive, actors: np.ndarray, text_file: Path,
                   text_encoder: str = '') -> BehaviorSet:
    """
    Read the qualified behaviours of the given actors.

    :param text_file: NPY of sentence embeddings; written where it does not exist yet
    :param text_encoder: which encoder writes it
    """
    actor, behavior = np.nonzero(archive.qualified[actors])
    actor = actors[actor]
    if not text_file.exists():
        captions = [archive.captions[a][b] for a, b in zip(actor, behavior)]
        flat = SentenceEncoder(text_encoder).encode([c for group in captions for c in group])
        text = flat.reshape(len(actor), len(captions[0]), -1)
        write_whole(text_file, lambda path: np.save(path, text))
    return BehaviorSet(
        actor, behavior, archive.measures[actor, behavior],
        torch.from_numpy(encode_extras(archive.clock_hz[actor], archive.command[actor, behavior],
                                       archive.measures[actor, behavior])),
        torch.from_numpy(segment_features(archive.trajectory[actor, behavior])),
        torch.from_numpy(np.load(text_file)))


def measure_features(measures: np.ndarray) -> Tensor:
    """Measure condition as a tensor. Shape: (n, 13) -> (n, 29)."""
    return torch.from_numpy(encode_measures(measures))
