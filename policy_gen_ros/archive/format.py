# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The archive on disk: its fields, and how chunks are written.

::

    archive.json        format, provenance, and what each field and its columns mean
    foundation.json     build manifest: its settings, sizes too; archives of imports have none
    foundation/         what all actors were made from: adaptor, base policies, base weights
    seconds.json        wall time of base policies, adaptor and search; not hashed
    chunks/<name>/      actors that were built together
        <field>.npy     one array a field, see fields_of
        captions.json   by actor and behaviour; captions.json.xz in an exported index
        chunk.json      lineage (the source), run, number of actors, layer sizes or foreign spec,
                        seed of an import; in an exported index, parts: a lineage, a run and a
                        number for each chunk that was joined into this one
        stored.npy      only where the large fields hold some of the actors: which
        hashes.json     SHA-256 of all the files above
        seconds.json    wall time; not hashed, because no two builds take the same
    manifest.json       SHA-256 of archive.json, of foundation/ and of each chunk's hashes.json,
                        once all is built: an archive with chunks that it does not name, or
                        with less actors than its build planned, is unfinished

Everything that is hashed follows from seeds. A finished chunk is never rewritten: it is filled in
``chunks/.building-<name>`` and then renamed, so a build that is killed goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.provenance import provenance
from policy_gen_ros.archive.split import HeldOut
from policy_gen_ros.domains import DEFAULT, DomainError, find_domain
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.goals.language.sentences import Caption
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.utils.files import write_text

ARCHIVE_FORMAT = 'policy_gen_ros/archive/2'
BUILD_MANIFEST_FILE = 'foundation.json'
BASE_WEIGHTS_FILE = 'foundation/start-0.safetensors'
PROBE_STATES = 128


@dataclass(frozen=True)
class Field:
    """One array of a chunk. ``large`` fields are memory-mapped, the others are the index."""

    name: str
    axes: tuple[str, ...]
    dtype: str
    unit: str
    meaning: str
    large: bool = False


_BEHAVIOR = ('actor', 'behavior')
_WEIGHTS = Field('weights', ('actor', 'parameter'), 'float16', '',
                 'all parameters, layer by layer, weight before bias', large=True)
_FIELDS = (
    Field('progress', ('actor',), 'float32', 'share', 'of its training that the actor has had'),
    Field('measures', (*_BEHAVIOR, 'measure'), 'float32', 'see measures',
          'mean over nominal episodes; NaN without a rhythm'),
    Field('reward', _BEHAVIOR, 'float32', '', 'mean over nominal episodes'),
    Field('survived', _BEHAVIOR, 'float32', 'share', 'of nominal episodes that were completed'),
    Field('robust', _BEHAVIOR, 'float32', 'share', 'of perturbed episodes that were completed'),
    Field('trajectory', (*_BEHAVIOR, 'row', 'feature'), 'float16', 'see observation',
          'rows of behaviour, one each control period; NaN after an early end, so never where '
          'all nominal episodes were completed', large=True),
    Field('probe', ('actor', 'state', 'observation'), 'float16', 'see observation',
          'observations that the actor met', large=True))
SECONDS_FILE = 'seconds.json'


def fields_of(domain: Domain) -> tuple[Field, ...]:
    """Return the arrays of a chunk: those of every archive, and those of the domain."""
    own = [Field(**asdict(field)) for field in domain.archive_fields]
    return (_WEIGHTS, *own, *_FIELDS)


def axis_sizes(domain: Domain) -> dict[str, int]:
    """Axes that have the same size in every archive of a domain. The others may be of any size."""
    return {'behavior': domain.behaviors, 'measure': len(domain.measures),
            'row': domain.trajectory.rows, 'feature': domain.trajectory.dim, 'state': PROBE_STATES,
            **dict(domain.axis_sizes)}


@dataclass(frozen=True)
class Chunk:
    """
    Policies that were built together.

    :param source: one of the domain's ``sources``: how the policies came to be
    :param run: what was trained together from one seed, such as ``base-0`` or ``ppo-03``
    :param arrays: by name. Shapes and units: :func:`fields_of`, field by field
    :param captions: by actor and behaviour
    :param layer_sizes: units of input, hidden and output layers; None: those of the domain
    :param foreign: spec of policies that are no actors of this robot's own kind; their weights may
        be of any number
    :param seed: of an import, which may have another than the archive
    :param seconds: wall time that building them took
    """

    source: str
    run: str
    arrays: Mapping[str, np.ndarray]
    captions: Sequence[Sequence[Sequence[Caption]]]
    layer_sizes: tuple[int, ...] | None = None
    foreign: Mapping[str, object] | None = None
    seed: int | None = None
    seconds: float = 0.0


def create_archive(path: Path, domain: Domain, seed: int, command: str) -> None:
    """
    Begin an archive; one that is there already is kept.

    :raises ArchiveError: there is one of another version or domain, or built with another seed; or
        a file
    """
    if path.exists() and not path.is_dir():
        raise ArchiveError(f'{path} is a file, not a folder')
    path.mkdir(parents=True, exist_ok=True)
    file = path / 'archive.json'
    if not file.exists() and not (path / 'index.json').exists():
        _write_header(path, {
            'format': ARCHIVE_FORMAT, 'provenance': provenance(command, seed),
            'domain': {'name': domain.name, 'version': domain.version},
            'held_out_sha256': HeldOut.load(domain).sha256, 'measures': domain.measures.names,
            **domain.archive_header(),
            'fields': {field.name: asdict(field) for field in fields_of(domain)}})
    header = read_header(path)
    if (found := domain_of(header).name) != domain.name:
        raise ArchiveError(f'the archive at {path} is of the domain {found}, not {domain.name}: '
                           'build into another folder')
    recorded_seed = header['provenance']['seed']
    if recorded_seed != seed:
        raise ArchiveError(f'the archive at {path} records seed {recorded_seed}, not {seed}: '
                           f'give the seed {recorded_seed}, or build into another folder')


def reopen_archive(path: Path, command: str) -> None:
    """Let a finished archive grow: it is unfinished from now on, and comes of another command."""
    (path / 'manifest.json').unlink(missing_ok=True)
    header = read_header(path)
    seed = header['provenance']['seed']
    _write_header(path, {**header, 'provenance': provenance(command, seed)})


def domain_of(header: Mapping[str, Any]) -> Domain:
    """
    Return the domain of an archive; those made before there were several are of the Go2.

    :raises ArchiveError: it is not known here, or was of another version
    """
    named = header.get('domain', {'name': DEFAULT, 'version': 1})
    if not isinstance(named, dict) or set(named) != {'name', 'version'}:
        raise ArchiveError(f'domain is {repr(named)[:80]}, expected its name and version')
    try:
        domain = find_domain(str(named['name']))
    except DomainError as error:
        raise ArchiveError(f'an archive of a domain that is not installed: {error}') from error
    if domain.version != named['version']:
        raise ArchiveError(f'an archive of version {named["version"]} of the domain '
                           f'{domain.name}, this version reads {domain.version}: build it anew')
    return domain


def _write_header(path: Path, header: Mapping[str, Any]) -> None:
    text = json.dumps(header, indent=1)
    write_text(path / 'archive.json', text)


def read_header(path: Path) -> dict[str, Any]:
    """
    Contents of ``archive.json``.

    :raises ArchiveError: no archive there, or of another version
    """
    file, old = path / 'archive.json', path / 'index.json'
    if not file.is_file() and not old.is_file():
        raise ArchiveError(f'no policy archive at {path} (build one with '
                           '"policy_gen archive build")')
    file = file if file.is_file() else old
    try:
        header = dict(json.loads(file.read_text()))
    except (ValueError, TypeError) as error:
        raise ArchiveError(f'{file} is not readable ({error}): copy it again') from error
    if header.get('format') != ARCHIVE_FORMAT:
        raise ArchiveError(f'the archive at {path} has format {header.get("format")!r}, this '
                           f'version reads {ARCHIVE_FORMAT!r}: build it anew with "policy_gen '
                           'archive build"')
    if 'seed' not in header.get('provenance', ()):
        raise ArchiveError(f'{file} does not say from which seed the archive was built: copy it '
                           'again')
    return header


def finished_chunks(path: Path) -> list[str]:
    """Names of the chunks that are complete, in the order of the archive's actors."""
    return sorted(folder.name for folder in (path / 'chunks').glob('[!.]*') if folder.is_dir())


def stored_precision(layers: Layers) -> Layers:
    """
    Round weights to what an archive keeps of them: half precision, here as float32.

    :raises ArchiveError: a value that half precision cannot hold
    """
    with np.errstate(over='ignore'):
        rounded = tuple((weight.astype(np.float16).astype(np.float32),
                         bias.astype(np.float16).astype(np.float32)) for weight, bias in layers)
    for i, (weight, bias) in enumerate(rounded):
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise ArchiveError(f'layer {i} holds values that are not finite or beyond half '
                               f'precision ({np.finfo(np.float16).max:g})')
    return rounded


def file_hash(file: Path) -> str:
    """SHA-256 of a file's contents."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
