"""``policy_gen archive build``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
import resource
import time
from typing import Any

import numpy as np
from policy_gen_ros.commands.options import natural
from policy_gen_ros.commands.output import add_json_option, command_line, write_json

ACTORS = {'clones': 'styles cloned from the first base policy',
          'other_clones': 'styles cloned from each further base policy',
          'specialists': 'elites of the quality-diversity search to clone',
          'runs': 'reinforcement-learning runs; nine checkpoints of each are kept'}
FOUNDATION = {'bases': 'independent seeds of the base policy',
              'practice': 'stages of reinforcement learning of the first base policy',
              'other_practice': 'of each further one',
              'seed': 'everything follows from it'}
SEARCH = {'generations': 'length of the quality-diversity search'}


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``archive build``."""
    parser = actions.add_parser(
        'build', help='train, clone, search and verify actors; resumable',
        description='Build an archive, or go on with one that was stopped at any time.')
    parser.add_argument('path', type=Path)
    for name, text in {**ACTORS, **FOUNDATION, **SEARCH}.items():
        parser.add_argument('--' + name.replace('_', '-'), type=natural, metavar='N',
                            help=text)
    parser.add_argument('--from-scratch', action='store_true',
                        help='train the foundation of the default configuration as well '
                        '(base policies, search), instead of taking that of the package')
    parser.add_argument('--ray', metavar='ADDRESS',
                        help='spread the work over a Ray cluster; "local" starts one here')
    add_json_option(parser)


def run_build(args: argparse.Namespace) -> int:
    """Build, and say what it took."""
    from policy_gen_ros.archive.store import Archive
    from policy_gen_ros.building.build import build_archive, BuildConfig
    from policy_gen_ros.building.foundation import FoundationConfig
    from policy_gen_ros.building.search import SearchConfig

    def chosen(names: Iterable[str]) -> dict[str, Any]:
        return {name: value for name in names if (value := getattr(args, name)) is not None}

    started = time.perf_counter()
    search = SearchConfig(**chosen(SEARCH))
    config = BuildConfig(**chosen(ACTORS), foundation=FoundationConfig(
        **chosen(FOUNDATION), search=search))
    build_archive(args.path, config, command_line(), args.ray, args.from_scratch)
    archive = Archive(args.path)
    usage = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF,
                                                           resource.RUSAGE_CHILDREN)]
    write_json({'actors': len(archive), 'qualified': int(np.sum(archive.qualified[:, 0])),
                'seconds': time.perf_counter() - started,
                'memory_mb': {'main': usage[0] / 1024, 'largest_worker': usage[1] / 1024}},
               args.json)
    return 0
