# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen archive build``."""

from __future__ import annotations

import argparse
from pathlib import Path
import resource
import time

import numpy as np
from policy_gen_ros.commands.options import (
    add_domain_option,
    natural,
    positive,
    settings_from,
)
from policy_gen_ros.commands.output import (
    add_json_option,
    command_line,
    progress_stream,
    write_json,
)
from policy_gen_ros.domains import DEFAULT, find_domain
from policy_gen_ros.domains.go2.building.config import BasePolicyConfig, BuildConfig, SearchConfig

SIZES = {
    BuildConfig: {
        'clones': 'styles cloned from the first base policy',
        'other_clones': 'styles cloned from each further base policy',
        'specialists': 'elites of the quality-diversity search to clone',
        'runs': 'reinforcement-learning runs; nine checkpoints of each are kept'},
    BasePolicyConfig: {
        'bases': 'independent seeds of the base policy',
        'practice': 'stages of reinforcement learning of the first base policy',
        'other_practice': 'of each further one',
        'seed': 'everything follows from it'},
    SearchConfig: {'generations': 'length of the quality-diversity search'}}
"""Options by what they configure, and what they mean."""
MAY_BE_ZERO = ('other_clones', 'specialists', 'runs', 'seed')


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``archive build``."""
    parser = actions.add_parser(
        'build', help='train, clone, search and verify actors; resumable',
        description='Build an archive, or go on with one that was stopped at any time: with the '
        'sizes that it was begun with, or with larger ones, which make it grow.')
    parser.add_argument('path', type=Path)
    add_domain_option(parser)
    parser.add_argument('--set', metavar='NAME=VALUE', action='append', default=[], dest='options',
                        help='a setting of the domain, other than the Go2, which has the options '
                        'below; can be given several times; an unknown name lists all')
    for config, options in SIZES.items():
        for name, text in options.items():
            # No default of argparse: what is not given is as an archive was begun.
            parser.add_argument('--' + name.replace('_', '-'), metavar='N',
                                type=natural if name in MAY_BE_ZERO else positive,
                                help=f'{text} (default: {getattr(config, name)})')
    parser.add_argument('--from-scratch', action='store_true',
                        help='train the foundation of the default configuration as well '
                        '(base policies, search), instead of taking that of the package')
    parser.add_argument('--ray', metavar='ADDRESS',
                        help='spread the work over a Ray cluster; "local" starts one here')
    add_json_option(parser)


def run_build(args: argparse.Namespace) -> int:
    """Build, and say what came of it."""
    from policy_gen_ros.archive.store import Archive
    from policy_gen_ros.domains.go2.building.build import build_archive
    from policy_gen_ros.domains.go2.building.manifest import config_for

    started = time.perf_counter()
    given = {name: value for options in SIZES.values() for name in options
             if (value := getattr(args, name)) is not None}
    if args.domain == DEFAULT:
        if args.options:
            raise ValueError(f'--set is for other domains than the {DEFAULT}, which has options')
        build_archive(args.path, config_for(args.path, given), command_line(), args.ray,
                      args.from_scratch)
    else:
        if unused := sorted({*given} - {'seed'}):
            raise ValueError(f'--{unused[0].replace("_", "-")} is an option of the Go2; give '
                             '--set NAME=VALUE')
        if args.ray or args.from_scratch:
            raise ValueError('--ray and --from-scratch are options of the Go2')
        settings = settings_from(args.options)
        if args.seed is not None:
            settings['seed'] = str(args.seed)
        find_domain(args.domain).build_archive(args.path, settings, command_line())
    archive = Archive(args.path)
    qualified = int(np.sum(archive.qualified[:, 0]))
    print(f'{args.path}: {len(archive):,} actors, {qualified:,} qualified',
          file=progress_stream(args.json))
    usage = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF,
                                                           resource.RUSAGE_CHILDREN)]
    write_json({'actors': len(archive), 'qualified': qualified,
                'seconds': time.perf_counter() - started,
                'memory_mb': {'main': usage[0] / 1024, 'largest_worker': usage[1] / 1024}},
               args.json)
    return 0
