"""``policy_gen train``: from an archive to a bundle."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
import sys

from policy_gen_ros.commands.output import add_json_option, command_line, write_json

PRESET_NAMES = ('default', 'debug')
HELD_OUT_GOALS = 100


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``train``."""
    parser = subparsers.add_parser('train', help='train a bundle from an archive',
                                   description='Train autoencoder, behaviour embedding and '
                                   'diffusion model. Stopped at any time, it goes on after the '
                                   'last finished stage.')
    parser.add_argument('--archive', type=Path, default=Path('archives/go2'))
    parser.add_argument('--output', type=Path, default=Path('outputs/bundle'))
    parser.add_argument('--preset', choices=PRESET_NAMES, default='default')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--text-encoder', default='', metavar='MODEL',
                        help='folder or cached name of another text encoder for transformers, '
                        'such as google/flan-t5-small (default: all-MiniLM-L6-v2)')
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Train and write."""
    from policy_gen_ros.archive.store import Archive
    from policy_gen_ros.evaluation.held_out import draw_held_out
    from policy_gen_ros.training.pipeline import PRESETS, train_bundle

    archive = Archive(args.archive)
    training = archive.training()
    config = replace(PRESETS[args.preset](), seed=args.seed, text_encoder=args.text_encoder)
    provenance = {
        'command': command_line(), 'archive': archive.provenance,
        'archive_fingerprint': archive.fingerprint, 'training_fingerprint': training.fingerprint,
        'held_out': len(archive.held_out)}
    info = train_bundle(training, archive.common_start(), archive.adaptor(), args.output,
                        args.output / 'stages', config, provenance)
    if len(archive.held_out):
        draw_held_out(archive, HELD_OUT_GOALS, args.seed).save(args.output / 'held_out_goals.npz')
    print(f'wrote {args.output} ({info.name})', file=sys.stderr)
    write_json({'bundle': str(args.output), 'name': info.name, **info.provenance}, args.json)
    return 0
