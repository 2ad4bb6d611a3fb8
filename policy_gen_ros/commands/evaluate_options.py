# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Options of ``policy_gen evaluate``, and which of them go together."""

from __future__ import annotations

import argparse
from pathlib import Path

from policy_gen_ros.commands.options import (
    add_domain_option,
    add_model_option,
    natural,
    positive,
)
from policy_gen_ros.commands.output import add_json_option
from policy_gen_ros.domains import DEFAULT
from policy_gen_ros.domains.go2.twin.conditions import CONDITIONS

PERTURBATION_NAMES = ('none', 'friction', 'payload', 'motors', 'delay', 'noise', 'push', 'bouncy',
                      'all-but-bouncy', 'all')
LANGUAGE_TEST = Path(__file__).parent.parent / 'domains/go2/gait/language_test.yaml'


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add all of them."""
    add_domain_option(parser)
    parser.add_argument('--bundle', type=Path)
    parser.add_argument('--archive', type=Path, help='what the bundle was trained on (default: '
                        'the index in the package, which has no weights for most archive rows and '
                        'for baselines)')
    parser.add_argument('--output', type=Path, metavar='DIR', help='folder for report.html, '
                        'which needs no other file and no network, for tables, and for trained '
                        'baselines, which a second run finds there')
    parser.add_argument('--paper', type=Path, action='append', default=[], metavar='DIR',
                        help='what "train --preset make_an_agent" or "policy_diffusion" wrote, as '
                        'a further baseline; can be given twice')
    parser.add_argument('--ablations', action='store_true', help='then also train and score '
                        "variants, the papers' studies and ours: several hours, and resumable; "
                        'needs --archive and --output')
    parser.add_argument('--quick', action='store_true', help='a small fixed sample: about a '
                        'minute on two cores, with --archive two to three')
    parser.add_argument('--count', type=int, help='goals of each kind, held out and seen')
    parser.add_argument('--episodes', type=positive, metavar='N', help='of each of the 50 '
                        'behaviours that are spread over the grid (default: 10, with --quick 1; '
                        'Policy Diffusion runs 50)')
    parser.add_argument('--seed', type=natural, default=0)
    parser.add_argument('--steps', type=int)
    parser.add_argument('--guidance', type=float)
    parser.add_argument('--perturb', choices=PERTURBATION_NAMES, default='none',
                        help='walk on random ground, with random robots or pushes')
    parser.add_argument('--adaptor', type=Path, help="another adaptor than the bundle's")
    _add_other_studies(parser)
    _add_robustness_options(parser)
    add_json_option(parser)


def _add_other_studies(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--clips', type=Path, metavar='FOLDER', help='only prompt with walks of '
                        'the foreign policies of a folder, as "archive import" takes them, and '
                        'compare what the actors do with what the clips did')
    parser.add_argument('--spec', metavar='NAME|FILE', help='of these policies (default: '
                        'spec.json in the folder)')
    parser.add_argument('--language', type=Path, nargs='?', const=LANGUAGE_TEST,
                        metavar='FILE.yaml', help='only walk to the sentences of the test set, or '
                        'of a file like it, and count where what they say holds')


def _add_robustness_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group('robustness')
    group.add_argument('--robustness', action='store_true', help='only walk generated actors, the '
                       "archive's own and policies of others under conditions such as \"slope 10 "
                       'deg": a table, and with --output a chart; a run that was killed goes on')
    group.add_argument('--policies', type=positive, default=100, metavar='N',
                       help='of each kind, for one walk of 20 s under each condition (default '
                       '%(default)s)')
    group.add_argument('--foreign', type=Path, metavar='FOLDER', help='policies of others to walk '
                       'beside ours, as "archive import" takes them, with --spec')
    group.add_argument('--condition', action='append', choices=tuple(CONDITIONS), metavar='NAME',
                       help='only these conditions; can be given several times')
    add_model_option(group)


def check_options(args: argparse.Namespace) -> None:
    """
    Find out before the work whether all options have a meaning together.

    :raises ValueError: one is out of range, or would be ignored
    """
    studies = {f'--{name}': getattr(args, name)
               for name in ('robustness', 'clips', 'language', 'ablations')}
    chosen = [name for name, given in studies.items() if given]
    if len(chosen) > 1:
        raise ValueError(f'{" and ".join(chosen)}: choose one of them')
    if chosen and args.domain != DEFAULT:
        raise ValueError(f'{chosen[0]} is for the domain {DEFAULT}, not {args.domain}')
    for name in ('model', 'foreign', 'condition'):
        if getattr(args, name) and not args.robustness:
            raise ValueError(f'--{name} needs --robustness')
    if args.spec and not (args.foreign or args.clips):
        raise ValueError('--spec needs --clips, or --robustness with --foreign')
    if args.ablations and not (args.archive and args.output):
        raise ValueError('--ablations needs --archive and --output')
    if args.count is not None and args.count < 1:
        raise ValueError(f'--count must be at least 1, got {args.count}')
