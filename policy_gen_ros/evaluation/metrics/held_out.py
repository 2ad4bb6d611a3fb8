# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Goals drawn from an archive's behaviours: held-out ones, small enough to ship, and seen ones.

What is new to the generator about a goal is one of NOVELTIES: ``region``, the whole region of
behaviour that it lies in; ``run``, everything trained together with its actor; ``actor``, no more
than its actor, held out for what it does under another command; ``nothing``: it was trained on.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.sentences import Caption
from policy_gen_ros.utils.files import refuse_pointer, write_stream

KINDS = ('measures', 'text', 'trajectory')
NOVELTIES = ('region', 'run', 'actor', 'nothing')
CLIP_ROWS = 100
GOALS_FILE = 'held_out_goals.npz'
"""In a bundle: goals to evaluate it with where its archive is not at hand."""


@dataclass(frozen=True, eq=False)
class Sentences:
    """
    What sentences ask for.

    :param measures: of the behaviours that they are about. Shape: (n, measures)
    :param family: group, such as a gait family, that each names; None where it names none
    """

    measures: np.ndarray
    family: list[str | None]


@dataclass(frozen=True, eq=False)
class BehaviorGoals:
    """
    Goals that ask for behaviours of an archive's actors.

    Shapes: ``measures`` (n, measures), complete; ``text`` (n,) a caption of the same behaviour;
    ``trajectory`` (n, 100, columns); ``actor`` (n,) index in the archive; ``novelty`` (n,) what is
    new about each, of NOVELTIES; ``new_wording`` (n,) whether the caption's template was held out.
    """

    domain: Domain
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
        """Group of each behaviour, such as a gait family."""
        return self.domain.label(self.measures).tolist()

    def goals(self, kind: str) -> list[Goal]:
        """All goals of one kind."""
        name, names = self.domain.name, self.domain.measures.names
        if kind == 'measures':
            return [Goal(measures=dict(zip(names, row)), domain=name)
                    for row in self.measures.tolist()]
        if kind == 'text':
            return [Goal(text=str(text), domain=name) for text in self.text]
        return [Goal(trajectory=rows.astype(np.float32), domain=name) for rows in self.trajectory]

    def asked(self, kind: str) -> Sentences | BehaviorGoals:
        """Return what goals of one kind ask for: a sentence may leave the group open."""
        language = self.domain.captions
        if kind == 'text' and language is not None:
            return Sentences(self.measures, [language.group(str(text)) for text in self.text])
        return self

    def select(self, which: np.ndarray | slice) -> BehaviorGoals:
        """Return some of the goals."""
        return BehaviorGoals(self.domain, *(getattr(self, name)[which] for name in _arrays()))

    def save(self, path: Path) -> None:
        """Write as NPZ."""
        values = {name: getattr(self, name) for name in _arrays()}
        values['trajectory'] = self.trajectory.astype(np.float16)
        write_stream(path, partial(np.savez_compressed, **values))

    @classmethod
    def load(cls, path: Path, domain: Domain) -> BehaviorGoals:
        """
        Read what :meth:`save` wrote.

        :raises ValueError: missing file, or not such a file
        """
        if not path.is_file():
            raise ValueError(f'no held-out goals at {path}; give --archive to draw some')
        refuse_pointer(path, ValueError)
        try:
            with np.load(path, allow_pickle=False) as stored:
                return cls(domain, **{name: stored[name] for name in stored.files})
        except (ValueError, TypeError, EOFError, BadZipFile) as error:
            raise ValueError(f'{path} holds no goals ({error}): copy it again') from error


def _arrays() -> list[str]:
    return [f.name for f in fields(BehaviorGoals) if f.name != 'domain']


def draw_held_out(archive: Archive, count: int, seed: int) -> BehaviorGoals:
    """
    Random qualified behaviours of held-out actors, one caption and one clip each.

    Novelties that the archive has are drawn equally often, as far as their behaviours go. Captions
    come from held-out templates where a behaviour has such.

    :raises ArchiveError: the archive has no described behaviour of a held-out actor
    """
    rng = np.random.default_rng(seed)
    unseen = set(archive.split.caption_templates)
    actor, behavior = _described(archive, archive.held_out, archive.captions)
    if not len(actor):
        raise ArchiveError(f'the archive at {archive.path} has no behaviour of a held-out actor '
                           'to ask for, with caption and trajectory: build a larger one')
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
    captions = []
    for a, b in zip(actor[pick], behavior[pick]):
        every = archive.captions[a][b]
        captions.append([caption for caption in every if caption.template in unseen] or every)
    return _goals(archive, actor[pick], behavior[pick], captions, novelty[pick], rng)


def draw_seen(archive: Archive, count: int, seed: int) -> BehaviorGoals:
    """
    Random behaviours that training read, one caption and one clip each.

    Of an index, those whose trajectories it holds.

    :raises ArchiveError: the archive has no described behaviour to train on
    """
    rng = np.random.default_rng(seed)
    unseen = set(archive.split.caption_templates)
    seen_captions = [[[caption for caption in behavior if caption.template not in unseen]
                      for behavior in actor] for actor in archive.captions]
    actor, behavior = _described(archive, archive.seen, seen_captions)
    read = archive.region[actor, behavior] < 0
    actor, behavior = actor[read], behavior[read]
    if not len(actor):
        raise ArchiveError(f'the archive at {archive.path} has no behaviour to train on, with '
                           'caption and trajectory: build a larger one')
    pick = rng.permutation(len(actor))[:count]
    captions = [seen_captions[a][b] for a, b in zip(actor[pick], behavior[pick])]
    return _goals(archive, actor[pick], behavior[pick], captions,
                  np.full(len(pick), NOVELTIES[3]), rng)


def _described(archive: Archive, actors: np.ndarray,
               captions: list[list[list[Caption]]]) -> tuple[np.ndarray, np.ndarray]:
    """Qualified behaviours with caption and trajectory: their actors, and which of theirs."""
    row, behavior = np.nonzero(archive.qualified[actors])
    actor = actors[row]
    usable = archive.trajectory.pairs(actor, behavior).stored & np.array(
        [bool(captions[a][b]) for a, b in zip(actor, behavior)], bool)
    return actor[usable], behavior[usable]


def _goals(archive: Archive, actor: np.ndarray, behavior: np.ndarray,
           captions: list[list[Caption]], novelty: np.ndarray,
           rng: np.random.Generator) -> BehaviorGoals:
    unseen = set(archive.split.caption_templates)
    chosen = [choices[int(rng.integers(len(choices)))] for choices in captions]
    return BehaviorGoals(
        archive.domain, archive.measures[actor, behavior],
        np.array([caption.text for caption in chosen]),
        archive.trajectory.pairs(actor, behavior)[:][:, :CLIP_ROWS], actor, novelty,
        np.array([caption.template in unseen for caption in chosen]))
