"""Held-out goals: behaviours of actors that no training has read, small enough to ship."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.goal.goal import Goal
from policy_gen_ros.goal.measures import MEASURE_NAMES, nearest_family

KINDS = ('measures', 'text', 'trajectory')
CLIP_ROWS = 100


@dataclass(frozen=True)
class HeldOutGoals:
    """
    Goals whose actors were held out of training.

    Shapes: ``measures`` (n, 13), complete; ``text`` (n,) a caption of the same behaviour;
    ``trajectory`` (n, 100, 42); ``actor`` (n,) index in the archive.
    """

    measures: np.ndarray
    text: np.ndarray
    trajectory: np.ndarray
    actor: np.ndarray

    def __len__(self) -> int:
        return len(self.measures)

    @property
    def family(self) -> list[str]:
        """Gait family of each behaviour."""
        return [nearest_family(row[5:8]) for row in self.measures]

    def goals(self, kind: str) -> list[Goal]:
        """All goals of one kind."""
        if kind == 'measures':
            return [Goal(measures=dict(zip(MEASURE_NAMES, row.tolist()))) for row in self.measures]
        if kind == 'text':
            return [Goal(text=str(text)) for text in self.text]
        return [Goal(trajectory=rows.astype(np.float32)) for rows in self.trajectory]

    def first(self, count: int) -> HeldOutGoals:
        """Return the first goals."""
        return HeldOutGoals(self.measures[:count], self.text[:count], self.trajectory[:count],
                            self.actor[:count])

    def save(self, path: Path) -> None:
        """Write as NPZ."""
        np.savez_compressed(path, measures=self.measures, text=self.text, actor=self.actor,
                            trajectory=self.trajectory.astype(np.float16))

    @classmethod
    def load(cls, path: Path) -> HeldOutGoals:
        """
        Read what :meth:`save` wrote.

        :raises ValueError: missing file
        """
        if not path.is_file():
            raise ValueError(f'no held-out goals at {path}; give --archive to draw some')
        with np.load(path, allow_pickle=False) as stored:
            return cls(**{name: stored[name] for name in stored.files})


def draw_held_out(archive: Archive, count: int, seed: int) -> HeldOutGoals:
    """Random qualified behaviours of held-out actors, one caption and one clip each."""
    rng = np.random.default_rng(seed)
    actor, behavior = np.nonzero(archive.qualified[archive.held_out])
    actor = archive.held_out[actor]
    pick = rng.permutation(len(actor))[:count]
    actor, behavior = actor[pick], behavior[pick]
    text = [str(rng.choice(archive.captions[a][b])) for a, b in zip(actor, behavior)]
    return HeldOutGoals(archive.measures[actor, behavior], np.array(text),
                        archive.trajectory[actor, behavior, :CLIP_ROWS], actor)
