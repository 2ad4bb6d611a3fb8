# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Reading an archive: its index at once, the weights and trajectories row by row."""

from __future__ import annotations

from functools import cached_property
import json
from pathlib import Path
import warnings

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import (
    BASE_WEIGHTS_FILE,
    BUILD_MANIFEST_FILE,
    file_hash,
    SECONDS_FILE,
)
from policy_gen_ros.archive.index import ArchiveIndex, load_array, read_file
from policy_gen_ros.archive.rows import RowView
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.policies.weights import ActorWeights, Layers, load_layers
from policy_gen_ros.utils.files import is_pointer, POINTER
from policy_gen_ros.utils.progress import progress


class Archive(ArchiveIndex):
    """A read-only view of an archive folder: its index, its large fields, and its health."""

    @cached_property
    def weights(self) -> RowView:
        """Shape: (actors, parameters), float16."""
        return self._large('weights')

    @cached_property
    def trajectory(self) -> RowView:
        """Shape: (actors, behaviours, 200, columns), float16."""
        return self._large('trajectory')

    @cached_property
    def probe(self) -> RowView:
        """Observations that each actor met. Shape: (actors, 128, inputs), float16."""
        return self._large('probe')

    def actor(self, index: int, behavior: int = 0) -> ActorWeights:
        """
        One actor, with the controls and measures of one of its behaviours.

        :raises ArchiveError: its weights are not stored here, or it is a foreign policy
        """
        chunk = int(np.searchsorted(self.starts, index, side='right')) - 1
        sizes = self.about[chunk].get('layer_sizes')
        if sizes is None:
            raise ArchiveError(f'actor {index} is a foreign policy with an interface of its own: '
                               'only "archive export --format pyribs" takes it')
        measures = dict(zip(self.domain.measures.names,
                            self.measures[index, behavior].tolist()))
        return self.domain.make_policy(
            ActorWeights.layers_from_vector(self.weights[index], tuple(sizes)),
            self.controls[index, behavior], measures, f'archive actor {index}')

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Layers that most actors have; empty where all policies are foreign."""
        count: dict[tuple[int, ...], int] = {}
        for about in self.about:
            if 'layer_sizes' in about:
                sizes = tuple(about['layer_sizes'])
                count[sizes] = count.get(sizes, 0) + about['rows']
        return max(count, key=count.__getitem__) if count else ()

    @property
    def alike(self) -> np.ndarray:
        """Actors whose layers are :attr:`layer_sizes`. Shape: (actors,), bool."""
        same = ['layer_sizes' in about and tuple(about['layer_sizes']) == self.layer_sizes
                for about in self.about]
        return np.repeat(same, self.rows)

    @property
    def seen(self) -> np.ndarray:
        """Return the qualified actors that training may read. Shape: (n,)."""
        return np.flatnonzero(self.qualified[:, 0] & ~self.held_out_mask & self.alike)

    def first_bias_share(self) -> dict[str, float]:
        """
        Share of the weights' variance that lies in the first bias, by source and over ``all``.

        Of qualified actors whose weights are stored, and within runs: squared distances to the
        mean of the actor's own run, summed over runs. Between runs, networks of independent seeds
        differ in everything, which would hide what this is to show. Near 1, the archive would be
        a gait vector in disguise: one network a run with its condition folded into a bias. A run
        with one such actor adds nothing; sources of such runs only are left out.
        """
        usable = np.flatnonzero(self.qualified[:, 0] & self.alike & self.weights.stored)
        sums: dict[str, np.ndarray] = {}
        for source, run in sorted(set(zip(self.source[usable], self.run[usable]))):
            mine = usable[(self.source[usable] == source) & (self.run[usable] == run)]
            if len(mine) > 1:
                inputs, units = self.layer_sizes[:2]
                squares = _squares(self.weights.select(mine))
                bias = squares[inputs * units:(inputs + 1) * units]
                for name in (str(source), 'all'):
                    sums[name] = sums.get(name, 0.0) + np.array([bias.sum(), squares.sum()])
        return {name: float(bias / whole) for name, (bias, whole) in sums.items() if whole > 0}

    def base_weights(self) -> Layers:
        """
        Return the weights at which the training of all actors began.

        :raises ArchiveError: the archive has none
        """
        file = self.path / BASE_WEIGHTS_FILE
        if not file.is_file():
            cure = 'an index has none, give the whole archive' if 'index_of' in self.header else \
                'imports have none, give an archive that "archive build" made'
            raise ArchiveError(f'no base weights of the actors at {file}, which training needs: '
                               f'{cure}')
        return load_layers(file)

    def training(self) -> TrainingArchive:
        """
        Return what training may read: qualified actors of the archive's own layers.

        Warns where the archive is unfinished: once it is, training would see more.

        :raises ArchiveError: there are none
        """
        actors = self.seen
        if not len(actors):
            raise ArchiveError(f'the archive at {self.path} has no qualified actor to train on '
                               'that is not held out: build a larger one')
        if not self.complete:
            warnings.warn(f'the archive at {self.path} is unfinished: training on it sees what is '
                          'there so far', stacklevel=2)
        row, behavior = np.nonzero(self.qualified[actors] & (self.region[actors] < 0))
        actor = actors[row]
        unseen = set(self.split.caption_templates)
        captions = [[caption for caption in self.captions[a][b] if caption.template not in unseen]
                    for a, b in zip(actor, behavior)]
        return TrainingArchive(
            self.domain, self.layer_sizes, self.training_fingerprint,
            self.weights.select(actors), self.probe.select(actors), row,
            self.controls[actor, behavior], self.measures[actor, behavior],
            self.trajectory.pairs(actor, behavior), captions, self.split)

    @property
    def complete(self) -> bool:
        """
        Whether the last build or import has come to its end: the manifest names all chunks.

        A build has then made all actors that it planned.

        :raises ArchiveError: the manifest cannot be read
        """
        if not (self.path / 'manifest.json').is_file():
            return False
        named = read_file(self.path, lambda path: dict(json.loads(
            (path / 'manifest.json').read_text())))
        return self.built >= (self.planned or 0) and all(
            f'chunks/{folder.name}/hashes.json' in named for folder in self.folders)

    @property
    def planned(self) -> int | None:
        """
        How many actors the build is to make; None where that is not recorded or nothing was built.

        :raises ArchiveError: the build manifest cannot be read
        """
        if not (self.path / BUILD_MANIFEST_FILE).is_file():
            return None
        return read_file(self.path, lambda path: dict(json.loads(
            (path / BUILD_MANIFEST_FILE).read_text())).get('actors'))

    @property
    def built(self) -> int:
        """How many actors were not imported."""
        return int((self.source != 'imported').sum())

    def damage(self) -> list[str]:
        """Files that are missing or altered, as lines for the user."""
        found = []
        for folder in progress(self.folders, about='checking', unit='chunk'):
            name = f'chunks/{folder.name}'
            try:
                recorded = dict(json.loads((folder / 'hashes.json').read_text()))
            except (OSError, ValueError, TypeError):
                found.append(f'{name}/hashes.json is missing or not readable')
                continue
            found += _differences(folder, recorded, name)
            known = {*recorded, 'hashes.json', SECONDS_FILE}
            found += [f'{name}/{file.name} does not belong there'
                      for file in sorted(folder.iterdir()) if file.name not in known]
        return found + self.manifest_damage()

    def manifest_damage(self) -> list[str]:
        """Chunks and shared files that are missing or altered, without a look into the chunks."""
        manifest = self.path / 'manifest.json'
        if not manifest.is_file():
            return []
        try:
            return _differences(self.path, dict(json.loads(manifest.read_text())), '')
        except (ValueError, TypeError):
            return ['manifest.json is not readable']

    def _large(self, name: str) -> RowView:
        parts: list[np.ndarray] = []
        part, row = np.full(len(self), -1), np.zeros(len(self), int)
        for folder, start, count in zip(self.folders, self.starts, self.rows):
            stored = load_array(folder, 'stored') if (folder / 'stored.npy').exists() \
                else np.arange(count)
            if len(stored):
                array = load_array(folder, name, mmap_mode='r')
                if len(array) != len(stored):
                    raise ArchiveError(f'{folder}/{name}.npy has {len(array)} rows, expected '
                                       f'{len(stored)}')
                part[start + stored], row[start + stored] = len(parts), np.arange(len(stored))
                parts.append(array)
        return RowView(name, parts, part, row)


def _differences(folder: Path, recorded: dict[str, str], name: str) -> list[str]:
    found = []
    for file, digest in recorded.items():
        where = f'{name}/{file}' if name else file
        if not (folder / file).is_file():
            found.append(f'{where} is missing')
        elif is_pointer(folder / file):
            found.append(f'{where} {POINTER}')
        elif file_hash(folder / file) != digest:
            found.append(f'{where} was altered')
    return found


def _squares(weights: RowView) -> np.ndarray:
    """
    Squared distances to the mean of each parameter, summed over the actors.

    Read a block at a time. Shape: (parameters,)
    """
    total = np.zeros(weights.shape[1])
    square = np.zeros(weights.shape[1])
    reference = weights[0].astype(np.float64)  # near all rows, so little is lost in the squares
    for _, block in weights.blocks():
        apart = block - reference
        total += apart.sum(axis=0)
        square += (apart**2).sum(axis=0)
    return square - total**2 / len(weights)
