# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen generate``: actors without ROS."""

from __future__ import annotations

import argparse
from pathlib import Path
import sys
import time
from typing import Any

from policy_gen_ros.commands.goals import add_goal_options, goal_from_options
from policy_gen_ros.commands.options import add_domain_option
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json
from policy_gen_ros.domains import find_domain
from policy_gen_ros.generation.bundle import bundle_path, read_info
from policy_gen_ros.generation.cloning import CLONING, generate_or_clone, PromptedPolicy
from policy_gen_ros.generation.goal_validation import UNKNOWN_GOALS
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.files import write_bytes


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``generate``."""
    parser = subparsers.add_parser('generate', help='make actors from a goal',
                                   description='Generate actors and write them as safetensors.')
    add_goal_options(parser)
    add_domain_option(parser)
    parser.add_argument('--count', type=int, default=1, help='how many different actors')
    parser.add_argument('-o', '--output', type=Path, required=True, metavar='ACTOR.safetensors',
                        help='with --count above 1, a number is added before the suffix')
    parser.add_argument('--clone', choices=CLONING, default='auto',
                        help='train the actor on the trajectory alone, in domains that do so: '
                        'where it is far from those of training (auto, the default), always, or '
                        'never')
    parser.add_argument('--unknown', choices=UNKNOWN_GOALS, default='warn',
                        help='goals that the bundle does not cover or that contradict themselves: '
                        'warn, refuse, or ask for the nearest covered measures')
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Generate and write."""
    read_info(bundle_path(args.bundle, args.domain), args.domain)  # else the goal is to blame
    goal = goal_from_options(args)
    from policy_gen_ros.generation.generator import PolicyGenerator, repeated

    generator = PolicyGenerator.load(args.bundle, unknown=args.unknown, domain=args.domain)
    started = time.perf_counter()
    found = generate_or_clone(generator, repeated(goal, args.count), args.seed, args.clone,
                              args.steps, args.guidance)
    milliseconds = (time.perf_counter() - started) * 1e3
    described = []
    for index, each in enumerate(found):
        path = args.output if args.count == 1 else args.output.with_stem(
            f'{args.output.stem}_{index}')
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, each.policy.to_bytes())
        described.append({'path': str(path), **_fields(each)})
        print(f'{path}: {_summary(each)}', file=progress_stream(args.json))
    for warning in dict.fromkeys(warning for each in found for warning in each.policy.warnings):
        print(f'warning: {warning}', file=sys.stderr)
    write_json({'actors': described, 'milliseconds': milliseconds}, args.json)
    return 0


def _fields(found: PromptedPolicy) -> dict[str, Any]:
    """For JSON."""
    actor = found.policy
    clock_hz = _clock_hz(actor)
    return {'sha256': actor.sha256, 'nominal_command': actor.nominal_command,
            'measures': dict(actor.measures), 'warnings': list(actor.warnings),
            **({'clock_hz': clock_hz} if clock_hz else {}),
            **({'cloned': found.cloned, 'reason': found.reason} if found.reason else {})}


def _summary(found: PromptedPolicy) -> str:
    """How an actor is run, and how it came to be where that was a question."""
    actor = found.policy
    if clock_hz := _clock_hz(actor):
        return f'clock {clock_hz:.2f} Hz, nominal command ' + ' '.join(
            f'{v:+.2f}' for v in actor.nominal_command)
    domain = find_domain(actor.spec.domain)
    categories = [measure.describe(actor.measures[measure.name]) for measure in domain.measures
                  if measure.categories]
    came = f'{"cloned" if found.cloned else "generated"}: {found.reason}' if found.reason else ''
    return ', '.join(filter(None, [domain.name, *categories, came]))


def _clock_hz(actor: ActorWeights) -> float | None:
    """Return the rate of the clock that an actor of the Go2 has."""
    return getattr(actor.spec, 'clock_hz', None)
