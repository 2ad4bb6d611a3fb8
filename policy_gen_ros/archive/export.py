# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Archives for other programs: pyribs, PyTorch, and the small index that a repository carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
import csv
from functools import partial
import io
import json
from pathlib import Path
from typing import Any, BinaryIO
import zipfile

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.grid import measure_grid, spaced_actors
from policy_gen_ros.archive.index import parts_of
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.writing import ChunkFiles, seal_archive, write_folder
from policy_gen_ros.utils.files import copy_whole, hold, whole_folder, write_stream, write_text
from policy_gen_ros.utils.progress import progress


def export_pyribs(archive: Archive, actors: np.ndarray, out: Path) -> None:
    """
    Write an NPZ for ``GridArchive.add(**numpy.load(out))``, and a table beside it.

    ``solution`` (n, parameters) float16, ``objective`` (n,) the reward, ``measures`` those that
    span the grid. The table ``<out>.csv`` has the columns of pyribs' ArchiveDataFrame but for the
    solutions, and all that is known of an actor's nominal behaviour.

    :raises ArchiveError: ``out`` is no NPZ, or weights are not stored or of several sizes
    """
    if out.suffix != '.npz':
        raise ArchiveError(f'{out}: an export for pyribs is a file that ends with .npz')
    weights = archive.weights.select(actors)
    measures = archive.measures[actors, 0]
    spanning = measures[:, archive.domain.measures.grid]
    header = {'shape': weights.shape, 'fortran_order': False, 'descr': '<f2'}

    def write(stream: BinaryIO) -> None:
        with zipfile.ZipFile(stream, 'w', zipfile.ZIP_STORED, allowZip64=True) as packed:
            for name, array in (('objective', archive.reward[actors, 0]), ('measures', spanning)):
                with packed.open(f'{name}.npy', 'w') as file:
                    np.lib.format.write_array(file, array)
            with packed.open('solution.npy', 'w', force_zip64=True) as file:
                np.lib.format.write_array_header_1_0(file, header)
                for _, block in weights.blocks():
                    file.write(block.astype('<f2').tobytes())

    out.parent.mkdir(parents=True, exist_ok=True)
    write_stream(out, write)
    cells = measure_grid(archive).index_of(spanning)
    text = io.StringIO(newline='')
    table = csv.writer(text)
    domain = archive.domain
    table.writerow(['objective', *(f'measures_{i}' for i in range(spanning.shape[1])),
                    'index', 'actor', 'lineage', 'run', 'progress', domain.group_word,
                    'qualified', 'robust', *(control.name for control in domain.controls),
                    *domain.measures.names])
    for row, (a, cell) in enumerate(zip(actors, cells)):
        table.writerow([
            archive.reward[a, 0], *spanning[row], cell, a, archive.source[a], archive.run[a],
            archive.progress[a], archive.family[a, 0], archive.qualified[a, 0],
            archive.robust[a, 0], *archive.controls[a, 0], *measures[row]])
    write_text(out.with_suffix('.csv'), text.getvalue())


def export_torch(archive: Archive, actors: np.ndarray, out: Path) -> None:
    """
    Write a state dict an actor, and its spec, nominal command and measures as JSON beside it.

    A state dict fits ``nn.Sequential(Linear, ELU, Linear, ELU, Linear)``.

    :raises ArchiveError: weights that are not stored, or of a foreign policy
    """
    import torch

    with hold(out):
        for a in progress(actors.tolist(), about='actors', unit='actor'):
            actor = archive.actor(a)
            state = {f'{2 * i}.{part}': torch.from_numpy(value.copy())
                     for i, layer in enumerate(actor.layers)
                     for part, value in zip(('weight', 'bias'), layer)}
            write_stream(out / f'actor_{a:05d}.pt', partial(torch.save, state))
            about = {'actor': a, 'spec': json.loads(actor.spec.to_json()),
                     'nominal_command': actor.nominal_command,
                     'measures': {name: value if np.isfinite(value) else None
                                  for name, value in actor.measures.items()},
                     'family': str(archive.family[a, 0]),
                     'qualified': bool(archive.qualified[a, 0]),
                     'lineage': str(archive.source[a]), 'run': str(archive.run[a])}
            write_text(out / f'actor_{a:05d}.json', json.dumps(about, indent=1) + '\n')


def export_index(archive: Archive, out: Path, actors: int, seed: int) -> None:
    """
    Write an archive of the same actors that holds the weights of a few only.

    The few are spread over all measures of the qualified ones. Of their trajectories only that
    under the nominal command is kept. Actors keep their numbers. Where policies are asked for by
    trajectories, the few are held out of training: evaluation takes their trajectories as prompts.

    :param actors: how many keep their weights
    :raises ArchiveError: there is something at ``out``, or fewer qualified actors with weights
    """
    if out.exists():
        raise ArchiveError(f'{out} is there already; remove it or choose another place')
    among = archive.qualified[:, 0] & archive.alike & archive.weights.stored
    if archive.domain.prompted:
        among &= archive.held_out_mask
    chosen = spaced_actors(archive, np.flatnonzero(among), actors, seed)
    with whole_folder(out, out.with_name(f'partial_{out.name}')) as building:
        _fill_index(archive, chosen, seed, building)


def _fill_index(archive: Archive, chosen: np.ndarray, seed: int, building: Path) -> None:
    header = {**archive.header, 'index_of': {'fingerprint': archive.fingerprint, 'seed': seed}}
    write_text(building / 'archive.json', json.dumps(header, indent=1))
    for first, last in _like_chunks(archive):
        start, stop = archive.starts[first], archive.starts[last]
        stored = chosen[(chosen >= start) & (chosen < stop)]
        arrays = {field.name: archive.small(field.name)[start:stop]
                  for field in archive.fields if not field.large}
        arrays['stored'] = stored - start
        if len(stored):
            arrays['weights'], arrays['probe'] = archive.weights[stored], archive.probe[stored]
            nominal = archive.trajectory.pairs(stored, np.zeros_like(stored))
            arrays['trajectory'] = nominal[:][:, None]
        write_folder(building, archive.folders[first].name, ChunkFiles(
            arrays, archive.captions[start:stop],
            _joined(archive.about[first:last]),
            float(archive.seconds[first:last].sum())), compress=True)
    for name in archive.domain.index_files:
        if (archive.path / name).is_file():  # not where all actors were imported
            (building / name).parent.mkdir(exist_ok=True)
            copy_whole(archive.path / name, building / name)
    seal_archive(building)


def _joined(about: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Say of one chunk what was said of several."""
    parts = [part for each in about for part in parts_of(each)]
    return {'rows': sum(each['rows'] for each in about), **_kind(about[0]),
            **(parts[0] if len(parts) == 1 else {'parts': parts})}


def _kind(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what all actors of a chunk share, wherever they came from."""
    return {name: value for name, value in about.items()
            if name not in ('lineage', 'run', 'rows', 'parts')}


def _like_chunks(archive: Archive) -> Iterator[tuple[int, int]]:
    """Yield neighbours whose policies are alike: the first, and the one after the last."""
    kind = [_kind(about) for about in archive.about]
    first = 0
    for last in range(1, len(kind) + 1):
        if last == len(kind) or kind[last] != kind[first]:
            yield first, last
            first = last
