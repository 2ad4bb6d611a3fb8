# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen archive import``: policies of others, verified in the twin."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
import sys
import time
from typing import TYPE_CHECKING

from policy_gen_ros.commands.options import natural
from policy_gen_ros.commands.output import (
    add_json_option,
    command_line,
    progress_stream,
    write_json,
)

if TYPE_CHECKING:
    from policy_gen_ros.domains.go2.importers.importer import ImportedBehavior

NOTHING_IMPORTED = 1
DESCRIPTION = """\
Read a folder of policies (TorchScript or state dicts of multilayer perceptrons, rsl_rl
checkpoints, safetensors, or runs of walk-these-ways), walk each in the twin under four velocity
commands on nominal and on rough ground, report what it did, and put it into an archive as source
"imported".

One spec says what the weights do not: observation, joints, pose, gains, history. It is spec.json
in the folder, a file of yours, or one of the shipped ones (config/foreign_*.json, good to copy).
An archive holds policies of one spec. Those of another spec than our own ("policy_gen") cannot be
swapped in by our controller: such an archive is for measuring, for prompting (its trajectories
come from a controller outside of your archive) and for export. Files that cannot be read are
listed and skipped. An import that was stopped goes on when it is started again."""


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``archive import``."""
    parser = actions.add_parser(
        'import', help='policies of others, verified in the twin', description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=Path, metavar='FOLDER')
    parser.add_argument('archive', type=Path, metavar='ARCHIVE',
                        help='a new archive, or one of policies of the same spec')
    parser.add_argument('--spec', metavar='NAME|FILE',
                        help='robot_lab_go2, walk_these_ways_go2, policy_gen, or a file '
                        '(default: spec.json in the folder)')
    parser.add_argument('--commands', metavar='"VX,VY,YAW; ..."',
                        help='four velocity commands in m/s, m/s, rad/s, the nominal one first '
                        "(default: the spec's, or forward, back, left, turning left); write "
                        '--commands="-0.3,0,0; ..." where the first is negative')
    parser.add_argument('--name', help="of the run in the archive (default: the folder's)")
    parser.add_argument('--seed', type=natural, default=0)
    add_json_option(parser)


def run_import(args: argparse.Namespace) -> int:
    """Import, and report each policy in a line."""
    from policy_gen_ros.domains.go2.importers.importer import import_folder
    from policy_gen_ros.domains.go2.importers.spec import load_spec

    started = time.perf_counter()
    spec, commands = load_spec(args.spec, args.folder), _parse_commands(args.commands)
    report = import_folder(args.folder, args.archive, spec, command_line(), commands, args.seed,
                           args.name)
    out = progress_stream(args.json)
    if spec.simulation_only:
        print(f'note: {spec.name} reads the base velocity, which no Go2 measures: its policies '
              'walk in simulation only', file=out)
    width = max(map(len, [*report.walks, *report.skipped]), default=0)
    for name, walks in report.walks.items():
        print(f'{name:{width}s}  {_line(walks)}', file=out)
    for name, why in report.skipped.items():
        print(f'{name:{width}s}  skipped: {why}', file=out)
    walking = sum(walks[0].verdict == 'walks' for walks in report.walks.values())
    qualified = sum(walks[0].qualified for walks in report.walks.values())
    write_json({
        'archive': args.archive, 'run': report.run, 'spec': report.spec.name,
        'imported': [{'name': name, 'verdict': walks[0].verdict,
                      'behaviors': [asdict(walk) for walk in walks]}
                     for name, walks in report.walks.items()],
        'skipped': report.skipped, 'walking': walking, 'qualified': qualified,
        'seconds': time.perf_counter() - started}, args.json)
    if not report.walks:
        print(f'policy_gen: nothing imported from {args.folder}: none of the '
              f'{len(report.skipped)} files can be read as {spec.name}', file=sys.stderr)
        return NOTHING_IMPORTED
    print(f'{len(report.walks)} imported into {args.archive} as {report.run}: {walking} walk, '
          f'{qualified} qualified; {len(report.skipped)} skipped', file=out)
    if not walking:
        print(f'policy_gen: warning: no policy of {args.folder} walks under its nominal command; '
              f'does {spec.name} fit them?', file=sys.stderr)
    return 0


def _line(walks: list[ImportedBehavior]) -> str:
    nominal = walks[0]
    ratios = ' '.join(f'{walk.speed_ratio:.2f}' if walk.survived == 1 else 'falls'
                      for walk in walks)
    return (f'{nominal.verdict:7s}  {nominal.family:5s}  '
            f'{"qualified" if nominal.qualified else "not qualified"}  reward '
            f'{nominal.reward:.2f}  speed over asked: {ratios}  on rough ground: '
            f'{sum(walk.robust for walk in walks) / len(walks):.2f}')


def _parse_commands(text: str | None) -> list[list[float]]:
    if text is None:
        return []
    try:
        commands = [[float(part) for part in command.split(',')] for command in text.split(';')]
    except ValueError:
        commands = [[]]
    if any(len(command) != 3 or not all(-3 <= part <= 3 for part in command)
           for command in commands):
        raise ValueError('--commands: expected VX,VY,YAW; VX,VY,YAW; ... within -3 to 3, got '
                         f'{text!r}')
    return commands
