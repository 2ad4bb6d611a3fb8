# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen train``: from an archive to a bundle."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, TYPE_CHECKING

from policy_gen_ros.commands.options import (
    add_config_options,
    add_domain_option,
    check_domain,
    config_from,
    natural,
)
from policy_gen_ros.commands.output import add_json_option, command_line, write_json
from policy_gen_ros.models.encoder_files import MULTILINGUAL_E5
from policy_gen_ros.utils.config import to_yaml
from policy_gen_ros.utils.files import hold
from policy_gen_ros.utils.progress import note, silence

if TYPE_CHECKING:
    from policy_gen_ros.archive.store import Archive
    from policy_gen_ros.archive.view import TrainingArchive
    from policy_gen_ros.baselines.baseline import Config
    from policy_gen_ros.training.config import TrainConfig

PAPER_PRESETS = ('make_an_agent', 'policy_diffusion')
PRESET_NAMES = ('default', 'short', 'debug', *PAPER_PRESETS)
HELD_OUT_GOALS = 100


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``train``."""
    parser = subparsers.add_parser('train', help='train a bundle from an archive',
                                   description='Train decoder, behaviour embedding and '
                                   'diffusion model, and walk what they make. Stopped at any '
                                   'time, it goes on after the last finished stage.')
    add_domain_option(parser)
    parser.add_argument('--archive', type=Path, help='default: archives/DOMAIN')
    parser.add_argument('--output', type=Path, default=Path('outputs/bundle'))
    parser.add_argument('--preset', choices=PRESET_NAMES, default='default',
                        help='default: two and a half hours on a busy machine, whatever '
                        'the size of the archive; short: a fifth of the steps; debug: minutes, '
                        'shows that everything runs; make_an_agent and policy_diffusion: networks '
                        'of the papers, for "evaluate --paper"')
    add_config_options(parser, 'decoder.steps=2000', 'in the preset')
    parser.add_argument('--seed', type=natural, help='the setting "seed" (default: 0)')
    parser.add_argument('--text-encoder', metavar='MODEL',
                        help='folder or cached name of another text encoder for transformers, '
                        'such as google/flan-t5-small (default: multilingual-e5-small, from its '
                        'wheel)')
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Train and write."""
    config = _paper_config(args) if args.preset in PAPER_PRESETS else _config(args)
    if args.print_config:
        print(to_yaml(config), end='')
        return 0
    from policy_gen_ros.archive.store import Archive
    from policy_gen_ros.training.stages import leads

    if not leads():
        silence()
    archive = Archive(args.archive or Path('archives') / args.domain)
    check_domain(archive, args.domain)
    if args.output.resolve() == archive.path.resolve():
        raise ValueError(f'{args.output} is the archive itself: give another folder to --output')
    training = archive.training()
    if args.text_encoder is None:
        args.text_encoder = getattr(config, 'text_encoder', MULTILINGUAL_E5)
    args.text_encoder = _loadable(args.text_encoder)
    provenance = {
        'command': command_line(), 'archive': archive.provenance,
        'archive_fingerprint': archive.fingerprint, 'training_fingerprint': training.fingerprint,
        'held_out': len(archive.held_out)}
    train = _train_paper if args.preset in PAPER_PRESETS else _train_bundle
    with hold(args.output) if leads() else nullcontext():
        result = train(args, archive, training, provenance)
    if not leads():
        return 0
    note(f'wrote {args.output}')
    write_json({'bundle': str(args.output), **result}, args.json)
    return 0


def _loadable(text_encoder: str) -> str:
    """
    Make sure, before anything is trained, that an encoder loads; of a folder, the absolute path.

    :raises TextEncoderError: it does not
    """
    from policy_gen_ros.models.text_encoder import sentence_encoder

    sentence_encoder(text_encoder)
    is_folder = text_encoder and Path(text_encoder).is_dir()
    return str(Path(text_encoder).resolve()) if is_folder else text_encoder


def _train_bundle(args: argparse.Namespace, archive: Archive, training: TrainingArchive,
                  provenance: dict[str, object]) -> dict[str, Any]:
    from policy_gen_ros.evaluation.metrics.held_out import draw_held_out, GOALS_FILE
    from policy_gen_ros.training.pipeline import train_bundle, TrainingInputs
    from policy_gen_ros.training.stages import leads

    config = _config(args)
    inputs = TrainingInputs(training, archive.base_weights(), archive.path,
                            archive.domain.training_rollout(archive.path))
    info = train_bundle(inputs, args.output, args.output / 'stages', config, provenance)
    if leads() and len(archive.held_out) and archive.domain.captions is not None:
        draw_held_out(archive, HELD_OUT_GOALS, config.seed).save(args.output / GOALS_FILE)
    return {'name': info.name, **info.provenance}


def _train_paper(args: argparse.Namespace, archive: Archive, training: TrainingArchive,
                 provenance: dict[str, object]) -> dict[str, Any]:
    from policy_gen_ros.baselines.preset import PresetSettings, train_preset

    settings = PresetSettings(args.preset, args.seed or 0, _paper_config(args),
                              text_encoder=args.text_encoder)
    info = train_preset(training, archive.base_weights(), args.output, settings,
                        provenance=provenance)
    return {'name': info.kind, **info.figures, **info.provenance}


def _config(args: argparse.Namespace) -> TrainConfig:
    from policy_gen_ros.domains import find_domain
    from policy_gen_ros.training.presets import preset_of

    given = {name: value for name in ('seed', 'text_encoder')
             if (value := getattr(args, name)) is not None}
    return replace(config_from(args, preset_of(find_domain(args.domain), args.preset)), **given)


def _paper_config(args: argparse.Namespace) -> Config:
    from policy_gen_ros.baselines.baseline import CONFIGS

    return config_from(args, CONFIGS[args.preset]())
