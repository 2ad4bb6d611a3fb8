# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen archive export``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from policy_gen_ros.commands.options import natural
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json

if TYPE_CHECKING:
    from policy_gen_ros.archive.store import Archive

FORMATS = ('pyribs', 'torch', 'index')


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``archive export``."""
    parser = actions.add_parser(
        'export', help='for pyribs, for PyTorch, or as a small index',
        description='pyribs: OUT is an NPZ for GridArchive.add(**...), with a CSV table beside '
        'it. torch: OUT is a folder with a state dict and a JSON for each actor. index: OUT is an '
        'archive with all that is known of every actor, and the weights of a few.')
    parser.add_argument('path', type=Path)
    parser.add_argument('out', type=Path)
    parser.add_argument('--format', choices=FORMATS, required=True)
    which = parser.add_mutually_exclusive_group()
    which.add_argument('--indices', metavar='I,J,...', help='these actors (default: all)')
    which.add_argument('--qualified', action='store_true', help='qualified actors only')
    parser.add_argument('--actors', type=int, default=50, metavar='N',
                        help='index: how many keep their weights (default: %(default)s)')
    parser.add_argument('--seed', type=natural, default=0, help='index: of their choice')
    add_json_option(parser)


def run_export(args: argparse.Namespace) -> int:
    """Write the archive in another form."""
    from policy_gen_ros.archive.export import export_index, export_pyribs, export_torch
    from policy_gen_ros.archive.store import Archive

    archive = Archive(args.path)
    if args.format == 'index':
        if args.indices or args.qualified:
            raise ValueError('an index holds all actors: use --actors to say how many keep their '
                             'weights')
        export_index(archive, args.out, args.actors, args.seed)
        actors = np.arange(len(archive))
        wrote = f'{args.out} ({len(actors):,} actors, {args.actors:,} of them with weights)'
    else:
        actors = _chosen(archive, args.indices, args.qualified)
        if args.format == 'pyribs':
            export_pyribs(archive, actors, args.out)
            wrote = f'{args.out}, {args.out.with_suffix(".csv")} ({len(actors):,} rows)'
        else:
            export_torch(archive, actors, args.out)
            wrote = f'{args.out} ({len(actors):,} actors)'
    print(f'wrote {wrote}', file=progress_stream(args.json))
    write_json({'out': args.out, 'format': args.format, 'actors': len(actors)}, args.json)
    return 0


def _chosen(archive: Archive, indices: str | None, qualified: bool) -> np.ndarray:
    if indices is None:
        return np.flatnonzero(archive.qualified[:, 0]) if qualified else np.arange(len(archive))
    try:
        chosen = np.array([int(part) for part in indices.split(',')])
    except ValueError:
        raise ValueError(f'--indices is {indices!r}, expected numbers joined by commas') from None
    outside = chosen[(chosen < 0) | (chosen >= len(archive))]
    if len(outside):
        raise ValueError(f'there is no actor {outside[0]}: the archive has actors 0 to '
                         f'{len(archive) - 1}')
    return chosen
