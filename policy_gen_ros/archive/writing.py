# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Writing an archive: chunks, checked and whole, and the manifest at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
import json
import lzma
from pathlib import Path
import re

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import (
    axis_sizes,
    Chunk,
    domain_of,
    Field,
    fields_of,
    file_hash,
    finished_chunks,
    read_header,
    SECONDS_FILE,
)
from policy_gen_ros.goals.language.sentences import Caption
from policy_gen_ros.policies.spec import parameter_count
from policy_gen_ros.utils.files import whole_folder, write_bytes, write_stream, write_text


def write_chunk(path: Path, name: str, chunk: Chunk) -> None:
    """
    Write one chunk; it appears under its name only when complete.

    :param name: chunks are read in the order of their names
    :raises ArchiveError: an array has the wrong shape or is not finite, or the name is taken
    """
    domain = domain_of(read_header(path))
    if chunk.source not in domain.sources:
        raise ArchiveError(f'source {chunk.source!r} is not one of '
                           + ', '.join(domain.sources))
    fields = fields_of(domain)
    if {field.name for field in fields} != set(chunk.arrays):
        raise ArchiveError(f'the chunk has the arrays {sorted(chunk.arrays)}, expected '
                           f'{sorted(field.name for field in fields)}')
    sizes = {**axis_sizes(domain), 'actor': len(chunk.arrays['weights'])}
    may_be_nan = {'measures', 'trajectory', *domain.may_be_nan}
    if chunk.foreign:  # runs without what the domain's own policies are run with
        may_be_nan |= {field.name for field in domain.archive_fields}
    arrays = {field.name: _checked(field, chunk.arrays[field.name], sizes,
                                   field.name in may_be_nan) for field in fields}
    if not np.isfinite(arrays['trajectory'][arrays['survived'] == 1]).all():
        raise ArchiveError('trajectory holds values that are not finite, of behaviours that were '
                           'completed')
    about: dict[str, object] = {'lineage': chunk.source, 'run': chunk.run, 'rows': sizes['actor']}
    if chunk.seed is not None:
        about['seed'] = chunk.seed
    if chunk.foreign is None:
        layer_sizes = chunk.layer_sizes or domain.network.layer_sizes
        about['layer_sizes'] = list(layer_sizes)
        if parameter_count(layer_sizes) != arrays['weights'].shape[1]:
            raise ArchiveError(f'{arrays["weights"].shape[1]} parameters do not fit layers '
                               f'{layer_sizes}')
    else:
        about['foreign'] = dict(chunk.foreign)
    if [len(actor) for actor in chunk.captions] != [domain.behaviors] * sizes['actor']:
        raise ArchiveError('captions do not fit the behaviours: expected a list for each of '
                           f'{sizes["actor"]} actors with {domain.behaviors} lists')
    write_folder(path, name, ChunkFiles(arrays, chunk.captions, about, chunk.seconds))


def _checked(field: Field, value: np.ndarray, sizes: Mapping[str, int],
             may_be_nan: bool) -> np.ndarray:
    expected = tuple(sizes.get(axis) for axis in field.axes)
    fits = len(value.shape) == len(expected) and all(
        want in (None, size) for want, size in zip(expected, value.shape))
    if not fits:
        named = ', '.join(f'{axis}={size or "any"}' for axis, size in zip(field.axes, expected))
        raise ArchiveError(f'{field.name} has shape {value.shape}, expected ({named})')
    with np.errstate(over='ignore'):  # what does not fit becomes infinite, and is refused below
        stored = value.astype(field.dtype)
    if not may_be_nan and not np.isfinite(stored).all():
        raise ArchiveError(f'{field.name} holds values that are not finite as {field.dtype}')
    return stored


@dataclass(frozen=True, eq=False)
class ChunkFiles:
    """
    What the files of a chunk hold, in order and checked.

    :param about: contents of ``chunk.json``
    """

    arrays: Mapping[str, np.ndarray]
    captions: Sequence[Sequence[Sequence[Caption]]]
    about: Mapping[str, object]
    seconds: float


def write_folder(path: Path, name: str, files: ChunkFiles, compress: bool = False) -> None:
    """
    Write the files of a chunk.

    :param compress: pack the captions, for an archive that goes into a repository
    """
    if not re.fullmatch(r'[a-z0-9][a-z0-9_.-]*', name):
        raise ArchiveError(f'{name!r} cannot name a chunk: use a-z, 0-9, - and _')
    folder, building = path / 'chunks' / name, path / 'chunks' / f'.building-{name}'
    if folder.exists():
        raise ArchiveError(f'chunk {name} of {path} is finished and cannot be written again')
    with whole_folder(folder, building):
        _fill(building, files, compress)


def _fill(building: Path, files: ChunkFiles, compress: bool) -> None:
    for field, array in files.arrays.items():
        write_stream(building / f'{field}.npy', partial(np.save, arr=array))
    words = json.dumps([[[asdict(caption) for caption in behavior] for behavior in actor]
                        for actor in files.captions], separators=(',', ':')).encode()
    if compress:
        write_bytes(building / 'captions.json.xz', lzma.compress(words))
    else:
        write_bytes(building / 'captions.json', words)
    write_text(building / 'chunk.json', json.dumps(dict(files.about), indent=1))
    hashes = {file.name: file_hash(file) for file in sorted(building.iterdir())}
    write_text(building / 'hashes.json', json.dumps(hashes, indent=1))
    write_text(building / SECONDS_FILE, json.dumps(round(files.seconds, 1)))


def seal_archive(path: Path) -> None:
    """Write a finished archive's manifest, by which lost chunks and base policies are found."""
    files = [path / 'chunks' / name / 'hashes.json' for name in finished_chunks(path)]
    files += sorted(file for file in (path / 'foundation').glob('*') if file.is_file())
    files.append(path / 'archive.json')
    manifest = {str(file.relative_to(path)): file_hash(file) for file in files}
    text = json.dumps(manifest, indent=1)
    write_text(path / 'manifest.json', text)
