# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen archive specialists``: what the specialists are worth beside strong controls."""

from __future__ import annotations

import argparse
from pathlib import Path
import time

import numpy as np
from policy_gen_ros.commands.options import natural
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``archive specialists``."""
    parser = actions.add_parser(
        'specialists', help='what specialists are worth beside the conditioned base',
        description='Walk the niches of some specialists by the specialists themselves, by the '
        'base policy conditioned on their gait, by the base with gait and command searched '
        'anew for each niche, and by one conditioned network distilled from all elites but '
        'for every second one of those compared.')
    parser.add_argument('path', type=Path)
    parser.add_argument('--niches', type=int, default=100)
    parser.add_argument('--seed', type=natural, default=0)
    add_json_option(parser)


def run_specialists(args: argparse.Namespace) -> int:
    """Compare, and print a table by family."""
    from policy_gen_ros.archive.store import Archive
    from policy_gen_ros.domains.go2.adaptor import archive_adaptor
    from policy_gen_ros.domains.go2.building.base_policies import load_elites
    from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
    from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES
    from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
    from policy_gen_ros.evaluation.studies.specialists import compare_specialists, elite_of

    if args.niches < 2:
        raise ValueError(f'--niches must be at least 2, got {args.niches}')
    started = time.perf_counter()
    archive = Archive(args.path)
    base_policies = args.path / 'foundation'
    elites = load_elites(base_policies)
    base = ConditionedPolicy.load(base_policies / 'base-0.safetensors')
    actors = np.flatnonzero(archive.source == 'specialist')
    if not len(actors):
        raise ValueError(f'the archive at {args.path} holds no specialists: build it with '
                         'the setting specialists')
    actors = np.sort(np.random.default_rng(args.seed).permutation(actors)[:args.niches])
    adaptor = archive_adaptor(archive)
    walked = rollout_actors([archive.actor(int(i)) for i in actors], adaptor, 10.0,
                            seed=args.seed + 1)
    rows = elite_of(elites, archive.small('style')[actors], archive.small('gain_offset')[actors])
    scores = compare_specialists(elites, rows, walked, base, adaptor, args.seed)
    out = progress_stream(args.json)
    for method, by_family in scores.items():
        print(f'{method}\n  {"":8s} niches walks reward contact-error reached', file=out)
        for family in ('all', *GAIT_FAMILIES):
            if family in by_family:
                s = by_family[family]
                print(f'  {family:8s} {s.niches:6d} {s.walks:5.2f} {s.reward:6.3f} '
                      f'{s.contact_error:13.3f} {s.reached:7d}', file=out)
    write_json({'scores': {method: {family: s.to_dict() for family, s in by_family.items()}
                           for method, by_family in scores.items()},
                'seed': args.seed, 'seconds': time.perf_counter() - started}, args.json)
    return 0
