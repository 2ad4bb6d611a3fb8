# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen archive info``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
import math
from pathlib import Path
import sys
from typing import Any, TextIO

from policy_gen_ros.commands.options import add_domain_option
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json
from policy_gen_ros.domains import DEFAULT, find_domain


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``archive info``."""
    parser = actions.add_parser('info', help='what is inside, and whether it is damaged')
    parser.add_argument('path', type=Path, nargs='?',
                        help='default: the index of the archive of the shipped version')
    add_domain_option(parser)
    parser.add_argument('--plot', type=Path, metavar='FILE.png', help='draw heat maps')
    add_json_option(parser)


def run_info(args: argparse.Namespace) -> int:
    """Print what is inside; damage is listed instead, and gives exit code 1."""
    from policy_gen_ros.archive.store import Archive

    if args.plot and args.plot.suffix != '.png':
        raise ValueError(f'--plot: {args.plot} does not end with .png, and no other picture is '
                         'drawn')
    archive = Archive(args.path or find_domain(args.domain).archive_index)
    out = progress_stream(args.json)
    if args.plot and archive.domain.name != DEFAULT:
        raise ValueError(f'--plot draws archives of the {DEFAULT} only, and {archive.path} is of '
                         f'{archive.domain.name}')
    damage = archive.damage()
    if damage:
        print(*damage, sep='\n', file=out)
        print(f'policy_gen: {archive.path} is damaged ({len(damage)} files): '
              f'{cure(damage, "index_of" in archive.header)}', file=sys.stderr)
        write_json({'damage': damage}, args.json)
        return 1
    from policy_gen_ros.archive.describe import describe

    info = describe(archive)
    print_info(info, archive.path, out)
    if args.plot:
        from policy_gen_ros.evaluation.report.archive_plots import draw_archive

        draw_archive(archive, args.plot)
        print(f'wrote {args.plot}', file=out)
    write_json(info, args.json)
    return 0


def print_info(info: dict[str, Any], path: object, out: TextIO) -> None:
    """Print the result of :func:`policy_gen_ros.archive.describe.describe` for people."""
    print(f'{path}: {info["actors"]:,} actors of {info["parameters_per_actor"]:,} parameters, '
          f'{info["qualified"]:,} qualified ({percent(info["qualified_share"]["all"])})', file=out)
    for text in _origin(info):
        print(f'  {text}', file=out)
    print(file=out)
    for rows in (_families(info), _sources(info), _contents(info)):
        _print_table(rows, out)
    if not info['held_out']['as_built']:
        print('  The list of what is held out has changed since this archive was created.\n',
              file=out)
    units = info['domain']['units']
    _print_table([('measure', 'spread (std)', ' unit'), *(
        (name, f'{value:.3f}', f' {units[name].removesuffix(" after FL")}')
        for name, value in info['spread'].items())], out)
    print('  no damage', file=out)


def _print_table(rows: Iterable[Sequence[str]], out: TextIO) -> None:
    for text in columns(rows):
        print(f'  {text}', file=out)
    print(file=out)


def _origin(info: dict[str, Any]) -> Iterator[str]:
    """Where an archive comes from, how large it is, and what it took."""
    source, base_policies = info['provenance'], info['foundation_seconds']
    if info['stored'] < info['actors']:
        yield f'an index: weights of {info["stored"]} actors are stored here'
    yield source['command']
    yield f'seed {source["seed"]}, commit {source["commit"]}, version {source["version"]}'
    yield f'{info["bytes"] / 1e6:,.1f} MB, fingerprint {info["fingerprint"]}'
    yield f'chunks took {duration(info["chunk_seconds"])} in all, each on one core'
    if base_policies:
        yield f'base policies took {duration(sum(base_policies.values()))} in all: ' + ', '.join(
            f'{name} {duration(seconds)}' for name, seconds in base_policies.items())
    if not info['complete']:
        yield unfinished(info)


def _families(info: dict[str, Any]) -> list[Sequence[str]]:
    group, meant = info['domain']['group'], info['meant']
    if not meant:
        return [(group, 'qualified'), *((name, f'{count:,}')
                                        for name, count in info['families'].items())]
    return [(group, 'qualified', 'meant', 'qualified of these'), *(
        (name, f'{count:,}', f'{meant[name]:,}', percent(info['qualified_share'][name]))
        for name, count in info['families'].items())]


def _sources(info: dict[str, Any]) -> list[Sequence[str]]:
    return [('source', 'actors', 'qualified', 'variance in first bias', ' runs'), *(
        (name, f'{row["actors"]:,}', f'{row["qualified"]:,}', percent(row['first_bias_share'], 2),
         f' {shortened(row["runs"])}') for name, row in info['lineages'].items())]


def _contents(info: dict[str, Any]) -> list[Sequence[str]]:
    held_out, nearest = info['held_out'], info['nearest_distance']
    # Where nothing can fall, as a HalfCheetah, this would say nothing.
    rough = [('rough ground', f' {percent(info["mean_robust"])} of perturbed episodes walked to '
              'the end')] if info['mean_robust'] < 1 else []
    return [
        ('grid', f' coverage {info["coverage"]:.3f} ({info["filled_cells"]} of '
         f'{info["cells"]} cells), QD score {info["qd_score"]:.1f}'),
        ('reward', f' median {info["median_reward"]:.3f}'),
        *rough,
        ('nearest neighbour', f' median {nearest["median"]:.2f}, min {nearest["min"]:.3f}, in '
         'measures of about unit spread'),
        ('behaviours', f' {info["qualified_behaviors"]:,} qualified'),
        ('captions', f' {info["captions"]:,} from {info["caption_templates"]} templates'),
        ('held out', f' {held_out["actors"]:,} qualified actors: {held_out["regions"]} regions, '
         f'{len(held_out["caption_templates"])} caption templates, runs '
         f'{shortened(held_out["runs"]) or "none"}')]


def cure(damage: Sequence[str], is_index: bool) -> str:
    """Say how damage is mended: only chunks can be made again."""
    if is_index or not all(line.startswith('chunks/') for line in damage):
        return 'copy the archive again'
    folders = sorted({'/'.join(line.split('/')[:2]) for line in damage})
    return f'delete {shortened(folders)}, then build or import again'


def unfinished(info: dict[str, Any]) -> str:
    """Say how far an archive is that is not complete."""
    if info['built'] < (info['planned'] or 0):
        return (f'incomplete: {info["built"]:,} of {info["planned"]:,} actors; where no build '
                'runs, "policy_gen archive build" goes on with it')
    return ('unfinished: the manifest does not name all chunks; a build or an import still runs, '
            'or was stopped')


def columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """Align a table: first column left, the others right; cells that begin with a blank left."""
    rows = list(rows)
    width = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ['  '.join(cell.ljust(size) if i == 0 or cell.startswith(' ') else cell.rjust(size)
                      for i, (cell, size) in enumerate(zip(row, width))).rstrip() for row in rows]


def percent(share: float | None, digits: int = 0) -> str:
    """Write a share as a percentage; a dash where there is none."""
    return '-' if share is None or math.isnan(share) else f'{100 * share:.{digits}f} %'


def duration(seconds: float) -> str:
    """Hours and minutes, or seconds."""
    minutes = round(seconds / 60)
    return f'{minutes // 60} h {minutes % 60} min' if minutes >= 60 \
        else f'{minutes} min' if minutes else f'{seconds:.0f} s'


def shortened(names: Sequence[str], limit: int = 6) -> str:
    """Write a list that may be long."""
    shown = [*names[:limit], f'... ({len(names)})'] if len(names) > limit else names
    return ', '.join(shown)
