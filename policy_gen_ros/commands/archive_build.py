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

from policy_gen_ros.commands.options import add_config_options, add_domain_option, config_from
from policy_gen_ros.commands.output import (
    add_json_option,
    command_line,
    progress_stream,
    write_json,
)
from policy_gen_ros.domains import find_domain


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``archive build``."""
    parser = actions.add_parser(
        'build', help='train, search and evaluate policies; resumable',
        description='Build an archive, or go on with one that was stopped at any time, with the '
        'settings that it records. An archive of the Go2 grows where clones, '
        'specialists or runs are larger than recorded.')
    parser.add_argument('path', type=Path)
    add_domain_option(parser)
    add_config_options(parser, 'seed=1', 'the archive records, or as by default')
    parser.add_argument('--ray', metavar='ADDRESS',
                        help='spread the work over a Ray cluster; "local" starts one here')
    add_json_option(parser)


def run_build(args: argparse.Namespace) -> int:
    """Build, and say what came of it."""
    from policy_gen_ros.archive.build_manifest import recorded_config
    from policy_gen_ros.archive.store import Archive
    from policy_gen_ros.utils.config import to_yaml

    started = time.perf_counter()
    domain = find_domain(args.domain)
    config = config_from(args, recorded_config(args.path, domain.archive_config()))
    if args.print_config:
        print(to_yaml(config), end='')
        return 0
    domain.build_archive(args.path, config, command_line(), args.ray)
    archive = Archive(args.path)
    qualified = int(archive.qualified[:, 0].sum())
    print(f'{args.path}: {len(archive):,} actors, {qualified:,} qualified',
          file=progress_stream(args.json))
    usage = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF,
                                                           resource.RUSAGE_CHILDREN)]
    write_json({'actors': len(archive), 'qualified': qualified,
                'seconds': time.perf_counter() - started,
                'memory_mb': {'main': usage[0] / 1024, 'largest_worker': usage[1] / 1024}},
               args.json)
    return 0
