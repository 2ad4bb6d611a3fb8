# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen rehearse``: candidates for a goal walk in perturbed twins, the best is kept."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
import sys
from typing import TextIO, TYPE_CHECKING

from policy_gen_ros.commands.goals import add_goal_options, goal_from_options
from policy_gen_ros.commands.options import add_model_option
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json
from policy_gen_ros.domains.go2.twin.conditions import GROUNDS
from policy_gen_ros.utils.files import write_bytes
from policy_gen_ros.utils.progress import line

if TYPE_CHECKING:
    from policy_gen_ros.deployment.rehearsal.rehearse import Rehearsal, RehearsalConfig

EXIT_NOT_QUALIFIED = 1


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``rehearse``."""
    parser = subparsers.add_parser(
        'rehearse', help='try candidates in perturbed twins, keep the best',
        description='Generate candidates for a goal, walk each in perturbed twins, and keep the '
        'best that qualifies. Exit code 1 when none does.')
    add_goal_options(parser)
    parser.add_argument('--candidates', type=int, default=8, metavar='K',
                        help='actors generated for the goal (default 8)')
    parser.add_argument('--twins', type=int, default=4,
                        help='perturbed twins that each candidate meets, beside one that is '
                        'not (default 4)')
    parser.add_argument('--seconds', type=float, default=4.0,
                        help='of walking in each twin (default 4)')
    parser.add_argument('-o', '--output', type=Path, metavar='ACTOR.safetensors',
                        help='write the best candidate there')
    parser.add_argument('--report', type=Path, metavar='FILE.html',
                        help='write a page with the measures and gaits of all candidates there')
    parser.add_argument('--perturb', metavar='NAME', choices=tuple(GROUNDS), help='what the '
                        'perturbed twins are and meet: a condition such as "slope 10 deg", or '
                        '"randomised", the widest (default: as in training, pushed)')
    add_model_option(parser)
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Rehearse, and say how each candidate did."""
    goal = goal_from_options(args)
    from policy_gen_ros.deployment.rehearsal.rehearse import (
        RehearsalConfig,
        RehearsalError,
        rehearse,
    )
    from policy_gen_ros.domains.go2.adaptor import Adaptor
    from policy_gen_ros.domains.go2.shipped import ADAPTOR_FILE
    from policy_gen_ros.generation.bundle import bundle_path
    from policy_gen_ros.generation.generator import PolicyGenerator

    config = RehearsalConfig(args.candidates, args.twins, args.seconds, model=args.model)
    if args.perturb:
        config = replace(config, perturbation=GROUNDS[args.perturb])
    adaptor = Adaptor.load(bundle_path(args.bundle) / ADAPTOR_FILE)
    generator = PolicyGenerator.load(args.bundle, domain='go2')
    rehearsal = rehearse(generator, adaptor, goal, config, args.seed, args.steps, args.guidance)
    write_json(rehearsal.to_dict(), args.json)
    if args.report:
        from policy_gen_ros.deployment.rehearsal.page import rehearsal_page
        from policy_gen_ros.evaluation.report.page import write_page

        write_page(rehearsal_page(rehearsal), args.report)
    out = progress_stream(args.json)
    _print_candidates(rehearsal, config, out)
    for warning in rehearsal.warnings:
        print(f'warning: {warning}', file=sys.stderr)
    try:
        best = rehearsal.actor
    except RehearsalError as error:
        print(f'policy_gen: {error}', file=sys.stderr)
        return EXIT_NOT_QUALIFIED
    if args.output:
        args.output.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(args.output, best.to_bytes())
        line(f'{args.output}: candidate {rehearsal.chosen}', out)
    return 0


def _print_candidates(rehearsal: Rehearsal, config: RehearsalConfig, out: TextIO) -> None:
    for number, candidate in enumerate(rehearsal.candidates):
        mark = '*' if number == rehearsal.chosen else '+' if candidate.qualified else '-'
        line(f'{mark} {number}: stays up {candidate.survived:.2f}, as asked '
             f'{candidate.as_asked:.2f}, reward {candidate.reward:.2f}; '
             f'{candidate.why_not or "qualifies"}', out)
    line('* kept, + qualifies (as asked on level ground, up in '
         f'{config.upright:.2f} of the perturbed twins), - does not; "as asked": share of the '
         'perturbed twins', out)
    line(f'{len(rehearsal.candidates)} candidates in {config.twins} twins for '
         f'{config.seconds:g} s: generated in {rehearsal.generated_s:.2f} s, walked in '
         f'{rehearsal.walked_s:.2f} s', out)
