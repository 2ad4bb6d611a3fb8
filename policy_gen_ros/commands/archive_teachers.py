# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen archive teachers``: how well those walk that actors learn from."""

from __future__ import annotations

import argparse
from pathlib import Path
import time

from policy_gen_ros.commands.options import natural
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``archive teachers``."""
    parser = actions.add_parser(
        'teachers', help='how well the analytic teacher and the base policies walk',
        description='Draw gaits and commands from all that the legs can do, and walk them on '
        'nominal and on rough ground.')
    parser.add_argument('path', type=Path, nargs='?',
                        help="an archive, for its base policies; without, only the teacher's own")
    parser.add_argument('--count', type=int, default=500)
    parser.add_argument('--seconds', type=float, default=20.0)
    parser.add_argument('--seed', type=natural, default=0)
    add_json_option(parser)


def run_teachers(args: argparse.Namespace) -> int:
    """Walk, and print a table."""
    from policy_gen_ros.domains.go2.building.learn_base import BASE_FILE, ConditionedPolicy
    from policy_gen_ros.domains.go2.building.symmetric import SymmetricPolicy
    from policy_gen_ros.domains.go2.shipped import NOMINAL_FOLDER
    from policy_gen_ros.evaluation.studies.teachers import possible_share, score_teachers

    if args.count < 1 or not 1.0 <= args.seconds <= 600.0:
        raise ValueError('--count must be at least 1 and --seconds 1 to 600, got '
                         f'{args.count} and {args.seconds:g}')
    started = time.perf_counter()
    bases = {}
    if args.path is not None:
        folder = args.path / 'foundation'
        bases = {name: kind.load_with_adaptor(folder / inside)
                 for name, inside, kind in (('nominal base', NOMINAL_FOLDER, ConditionedPolicy),
                                            ('base', '.', SymmetricPolicy))
                 if (folder / inside / BASE_FILE).exists()}
    scores = score_teachers(bases, args.count, args.seconds, args.seed)
    out = progress_stream(args.json)
    print(f'{"":12s} ground  walks tracks family velocity-error yaw-error  walks by family',
          file=out)
    for name, by_ground in scores.items():
        for ground, s in by_ground.items():
            families = ' '.join(f'{family} {share:.2f}'
                                for family, share in s.walks_by_family.items())
            print(f'{name:12s} {ground:7s} {s.walks:5.3f} {s.tracks:6.2f} {s.right_family:6.2f} '
                  f'{s.velocity_error_mps:14.3f} {s.yaw_rate_error_rps:9.3f}  {families}',
                  file=out)
    write_json({'possible_share': possible_share(10_000, args.seed),
                'teachers': {name: {ground: s.to_dict() for ground, s in by_ground.items()}
                             for name, by_ground in scores.items()},
                'seed': args.seed, 'seconds': time.perf_counter() - started}, args.json)
    return 0
