"""
Held-out goals: behaviours of actors that no training has read, small enough to ship.

What is new to the generator about a goal is one of NOVELTIES: ``region``, the whole region of
behaviour that it lies in; ``run``, everything trained together with its actor; ``actor``, no more
than its actor, held out for what it does under another command.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.goal.goal import Goal
from policy_gen_ros.goal.measures import MEASURE_NAMES, nearest_families

KINDS = ('measures', 'text', 'trajectory')
NOVELTIES = ('region', 'run', 'actor')
CLIP_ROWS = 100


@dataclass(frozen=True)
class HeldOutGoals:
    """
    Goals whose actors were held out of training.

    Shapes: ``measures`` (n, 13), complete; ``text`` (n,) a caption of the same behaviour;
    ``trajectory`` (n, 100, 42); ``actor`` (n,) index in the archive; ``novelty`` (n,) what is new
    about each, of NOVELTIES; ``new_wording`` (n,) whether the caption's template was held out.
    """

    measures: np.ndarray
    text: np.ndarray
    trajectory: np.ndarray
    actor: np.ndarray
    novelty: np.ndarray
    new_wording: np.ndarray

    def __len__(self) -> int:
        return len(self.measures)

    @property
    def family(self) -> list[str]:
        """Gait family of each behaviour."""
        return nearest_families(self.measures)

    def goals(self, kind: str) -> list[Goal]:
        """All goals of one kind."""
        if kind == 'measures':
            return [Goal(measures=dict(zip(MEASURE_NAMES, row.tolist()))) for row in self.measures]
        if kind == 'text':
            return [Goal(text=str(text)) for text in self.text]
        return [Goal(trajectory=rows.astype(np.float32)) for rows in self.trajectory]

    def select(self, which: np.ndarray | slice) -> HeldOutGoals:
        """Return some of the goals."""
        return HeldOutGoals(*(getattr(self, f.name)[which] for f in fields(self)))

    def save(self, path: Path) -> None:
        """Write as NPZ."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        np.savez_compressed(path, **{**values, 'trajectory': self.trajectory.astype(np.float16)})

    @classmethod
    def load(cls, path: Path) -> HeldOutGoals:
        """
        Read what :meth:`save` wrote.

        :raises ValueError: missing file
        """
        if not path.is_file():
            raise ValueError(f'no held-out goals at {path}; give --archive to draw some')
        with np.load(path, allow_pickle=False) as stored:
            values = {name: stored[name] for name in stored.files}
        # Bundles of the first archives held out single actors and no wordings.
        count = len(values['actor'])
        return cls(**{'novelty': np.full(count, 'actor'), 'new_wording': np.zeros(count, bool),
                      **values})


def draw_held_out(archive: Archive, count: int, seed: int) -> HeldOutGoals:
    """
    Random qualified behaviours of held-out actors, one caption and one clip each.

    Novelties that the archive has are drawn equally often, as far as their behaviours go. Captions
    come from held-out templates where a behaviour has such.

    :raises ArchiveError: the archive has no described behaviour of a held-out actor
    """
    rng = np.random.default_rng(seed)
    row, behavior = np.nonzero(archive.qualified[archive.held_out])
    actor = archive.held_out[row]
    usable = archive.trajectory.pairs(actor, behavior).stored & np.array(
        [bool(archive.captions[a][b]) for a, b in zip(actor, behavior)], bool)
    actor, behavior = actor[usable], behavior[usable]
    if not len(actor):
        raise ArchiveError(f'the archive at {archive.path} has no behaviour of a held-out actor '
                           'to ask for, with caption and trajectory')
    in_region = archive.region[actor, behavior] >= 0
    of_run = np.isin(archive.run[actor], archive.split.runs)
    novelty = np.select([in_region, of_run], NOVELTIES[:2], NOVELTIES[2])
    order = rng.permutation(len(actor))
    # Sorted by how many of the same novelty come before, goals take turns.
    turn = np.empty(len(actor), int)
    for name in NOVELTIES:
        mine = order[novelty[order] == name]
        turn[mine] = np.arange(len(mine))
    pick = order[np.argsort(turn[order], kind='stable')][:count]
    unseen = set(archive.split.caption_templates)
    text, new_wording = [], []
    for a, b in zip(actor[pick], behavior[pick]):
        captions = archive.captions[a][b]
        new = [caption for caption in captions if caption.template in unseen]
        choices = new or captions
        text.append(choices[int(rng.integers(len(choices)))].text)
        new_wording.append(bool(new))
    return HeldOutGoals(
        archive.measures[actor[pick], behavior[pick]], np.array(text),
        archive.trajectory.pairs(actor[pick], behavior[pick])[:][:, :CLIP_ROWS], actor[pick],
        novelty[pick], np.array(new_wording))
