# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen rollout``: an actor in the twin."""

from __future__ import annotations

import argparse
from pathlib import Path

from policy_gen_ros.commands.options import add_model_option, natural
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json
from policy_gen_ros.domains import DEFAULT, domain_names, find_domain
from policy_gen_ros.domains.domain import Episode
from policy_gen_ros.policies.weights import ActorWeights


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``rollout``."""
    parser = subparsers.add_parser('rollout', help='run an actor in the twin',
                                   description='Walk an actor in the MuJoCo twin and measure it.')
    parser.add_argument('actor', type=Path, metavar='ACTOR.safetensors')
    parser.add_argument('--domain', choices=domain_names(),
                        help='that the actor has to be for (default: any)')
    parser.add_argument('--seconds', type=float, help='default: 10 s, or what the domain has')
    parser.add_argument('--command', metavar='VX,VY,YAW',
                        help='m/s, m/s, rad/s (default: the nominal command of the actor); '
                        'write --command=-0.3,0,0 for a negative vx')
    parser.add_argument('--seed', type=natural, default=0)
    parser.add_argument('--bundle', type=Path, help='whose adaptor to use (default: shipped)')
    add_model_option(parser)
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Walk and report."""
    actor = ActorWeights.load(args.actor)
    if args.domain not in (None, actor.spec.domain):
        raise ValueError(f'{args.actor} is for the domain {actor.spec.domain}, not {args.domain}')
    command = _parse_command(args.command, actor.spec.command_dim)
    result = _walk(actor, command, args)
    out, domain = progress_stream(args.json), find_domain(actor.spec.domain)
    outcome = domain.outcomes[0 if result.survived else 1]
    print(f'{outcome}, {result.family}, success rate {result.reward:.2f}' if domain.prompted else
          f'{outcome} after {result.seconds:.1f} s, {_gait(result.family)}, reward '
          f'{result.reward:.2f}', file=out)
    categories = [measure.name for measure in domain.measures if measure.categories]
    for name, value in result.measures.items():
        if name not in categories:
            print(f'  {name:15s} {value:7.3f}', file=out)
    velocity = getattr(result, 'mean_velocity', None)  # of a robot that goes somewhere
    write_json({'survived': result.survived, 'seconds': result.seconds,
                **({} if velocity is None else {'mean_velocity': velocity}),
                'measures': result.measures, 'family': result.family, 'reward': result.reward},
               args.json)
    return 0


def _walk(actor: ActorWeights, command: tuple[float, ...] | None,
          args: argparse.Namespace) -> Episode:
    domain = find_domain(actor.spec.domain)
    seconds = domain.episode_s if args.seconds is None else args.seconds
    if args.model is None:
        return domain.episode(actor, seconds, command, args.seed, args.bundle)
    if actor.spec.domain != DEFAULT:
        raise ValueError(f'--model is for actors of the domain {DEFAULT}, and {args.actor} is for '
                         f'{actor.spec.domain}')
    from policy_gen_ros.domains.go2.twin.rollout import rollout

    return rollout(actor, seconds, command, args.seed, args.bundle, args.model)


def _gait(family: str) -> str:
    return 'no rhythm' if family == 'none' else family


def _parse_command(text: str | None, size: int) -> tuple[float, ...] | None:
    if text is None:
        return None
    if not size:
        raise ValueError('--command: policies of this domain take no command')
    try:
        values = tuple(float(part) for part in text.split(','))
    except ValueError:
        values = ()
    if len(values) != size:
        raise ValueError(f'--command: expected {size} numbers such as 0.5,0,0, got {text!r}')
    return values
