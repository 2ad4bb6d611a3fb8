"""``policy_gen archive``: build and describe policy archives."""

from __future__ import annotations

import argparse
from pathlib import Path
import shlex
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json

if TYPE_CHECKING:
    from policy_gen_ros.archive.store import Archive

COVERAGE_BINS = 5
"""The contact grid of the paper: five bins for each of the four feet."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``archive`` and its actions."""
    parser = subparsers.add_parser('archive', help='build and describe policy archives')
    actions = parser.add_subparsers(dest='action', required=True, metavar='ACTION')
    build = actions.add_parser('build', help='clone styles of the teacher; resumable',
                               description='Build an archive, or go on with one that was stopped.')
    build.add_argument('path', type=Path)
    build.add_argument('--actors', type=int, default=1920)
    build.add_argument('--seed', type=int, default=0)
    add_json_option(build)
    info = actions.add_parser('info', help='what is inside, and whether it is damaged')
    info.add_argument('path', type=Path)
    add_json_option(info)


def run(args: argparse.Namespace) -> int:
    """Build or describe."""
    return _build(args) if args.action == 'build' else _info(args)


def _build(args: argparse.Namespace) -> int:
    from policy_gen_ros.archive.build import build_archive, BuildConfig
    from policy_gen_ros.archive.store import Archive

    started = time.perf_counter()
    build_archive(args.path, BuildConfig(args.actors, seed=args.seed),
                  shlex.join(['policy_gen', *sys.argv[1:]]))
    archive = Archive(args.path)
    write_json({'actors': len(archive), 'qualified': int(archive.qualified[:, 0].sum()),
                'seconds': time.perf_counter() - started}, args.json)
    return 0


def _info(args: argparse.Namespace) -> int:
    from policy_gen_ros.archive.store import Archive

    archive = Archive(args.path)
    damage = archive.damage()
    result = {'damage': damage} if damage else _describe(archive)
    for name, value in result.items():
        print(f'{name:26s} {value}', file=progress_stream(args.json))
    write_json(result, args.json)
    return 1 if damage else 0


def _describe(archive: Archive) -> dict[str, object]:
    qualified = archive.qualified[:, 0]
    contacts = archive.measures[qualified, 0, :4]
    cells = {tuple(cell) for cell in np.clip(contacts * COVERAGE_BINS, 0,
                                             COVERAGE_BINS - 1).astype(int)}
    return {
        'actors': len(archive), 'qualified': int(qualified.sum()),
        'families': archive.family_counts(), 'coverage': len(cells) / COVERAGE_BINS**4,
        'held_out': {'regions': 0, 'actors': len(archive.held_out)},
        'parameters_per_actor': archive.weights.shape[1],
        'first_bias_variance_share': archive.first_bias_share(),
        'median_reward': float(np.median(archive.reward[qualified, 0])), 'damage': []}
