# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen finetune``: a bundle's own actors walk, and it learns from that."""

from __future__ import annotations

import argparse
from dataclasses import replace
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from policy_gen_ros.commands.options import natural, positive
from policy_gen_ros.commands.output import add_json_option, command_line, write_json
from policy_gen_ros.utils.files import copy_whole, hold
from policy_gen_ros.utils.progress import note

if TYPE_CHECKING:
    from policy_gen_ros.archive.store import Archive
    from policy_gen_ros.generation.bundle import BundleInfo

SUFFIX = '-finetuned'


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``finetune``."""
    parser = subparsers.add_parser(
        'finetune', help='let the actors of a bundle walk, and train it on that',
        description='Answer the training behaviours of an archive, walk the answers, and train '
        'the drawing of actors with a critic of these walks: the last stage of "train", for a '
        'bundle that is there already. Stopped at any time, it goes on after the last finished '
        'part.')
    parser.add_argument('--bundle', type=Path, help='trained bundle (default: the shipped one)')
    parser.add_argument('--archive', type=Path,
                        help='that it was trained on; an index does (default, for the shipped '
                        'bundle: the index in the package)')
    parser.add_argument('--output', type=Path, default=Path('outputs/finetuned'))
    parser.add_argument('--rounds', type=positive, metavar='N', help='default: as "train"')
    parser.add_argument('--walks', type=positive, metavar='N',
                        help='in each round; default: as "train"')
    parser.add_argument('--seed', type=natural, default=0)
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Fine-tune and write."""
    from policy_gen_ros.evaluation.metrics.held_out import GOALS_FILE
    from policy_gen_ros.generation.bundle import bundle_path, read_info
    from policy_gen_ros.generation.coverage import COVERAGE_FILE
    from policy_gen_ros.generation.networks import load_networks, save_bundle
    from policy_gen_ros.training.finetune import finetune, TrainedNetworks
    from policy_gen_ros.training.pipeline import stage_inputs
    from policy_gen_ros.training.presets import preset_of
    from policy_gen_ros.training.stages import claim_stages
    from policy_gen_ros.utils.config import to_dict, updated

    bundle = bundle_path(args.bundle)
    info = read_info(bundle)
    archive = _archive(args, bundle, info)
    training = archive.training()
    given = {name: value for name in ('rounds', 'walks')
             if (value := getattr(args, name)) is not None}
    config = updated(preset_of(training.domain), {
        'seed': args.seed, 'text_encoder': info.text_encoder, 'finetune': given})
    work = args.output / 'stages'
    weights = (bundle / 'generator.safetensors').read_bytes()
    with hold(args.output):
        claim_stages(work, {'bundle': hashlib.sha256(weights).hexdigest()[:16],
                            **stage_inputs(training.fingerprint, config)})
        networks = load_networks(bundle, info, 'cpu')
        walks = finetune(TrainedNetworks(networks.diffusion, networks.decoder, networks.behavior),
                         training, training.domain.training_rollout(bundle), work, config)
        about = {'command': command_line(), 'archive_fingerprint': archive.fingerprint,
                 'walks': walks, 'seed': args.seed, 'config': to_dict(config.finetune)}
        for name in (COVERAGE_FILE, GOALS_FILE):
            if (bundle / name).is_file():
                copy_whole(bundle / name, args.output / name)
        made = replace(info, name=info.name.removesuffix(SUFFIX) + SUFFIX,
                       provenance={**info.provenance, 'finetuned': about})
        save_bundle(args.output, made, networks, bundle)
    note(f'wrote {args.output}')
    write_json({'bundle': args.output, 'name': made.name, **about}, args.json)
    return 0


def _archive(args: argparse.Namespace, bundle: Path, info: BundleInfo) -> Archive:
    """Return the archive that the bundle was trained on."""
    from policy_gen_ros.evaluation.studies.trained_on import archive_of

    archive = archive_of(args.archive, info.provenance)
    if archive is None:
        raise ValueError(f'the bundle at {bundle} is not of the index in the package: give the '
                         'archive that it was trained on (--archive)')
    if args.output.resolve() in (bundle.resolve(), archive.path.resolve()):
        raise ValueError(f'{args.output} is what is read: give another folder to --output')
    return archive
