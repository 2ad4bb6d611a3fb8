"""Goals on the command line: ``--text``, ``--measures``, ``--trajectory``."""

from __future__ import annotations

import argparse
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from policy_gen_ros.goal.goal import Goal


def add_goal_options(parser: argparse.ArgumentParser) -> None:
    """Options of a goal; they combine."""
    parser.add_argument('--text', help='an English sentence, e.g. "trot forward slowly"')
    parser.add_argument('--measures', metavar='NAME=VALUE,...',
                        help='behaviour measures, e.g. contact_fl=0.5,vx_mps=0.4')
    parser.add_argument('--trajectory', metavar='FILE.npz', type=Path,
                        help='behaviour to imitate: key "trajectory", shape (time, 42)')
    parser.add_argument('--seed', type=int, default=0, help='the same seed gives the same weights')
    parser.add_argument('--steps', type=int, help="sampler steps (default: the bundle's)")
    parser.add_argument('--guidance', type=float,
                        help='1 follows the goal plainly, more exaggerates it')
    parser.add_argument('--bundle', type=Path, help='trained bundle (default: the shipped one)')


def goal_from_options(args: argparse.Namespace) -> Goal:
    """
    Build the goal.

    :raises ValueError: none given, or one is malformed
    """
    measures = parse_measures(args.measures) if args.measures is not None else None
    trajectory = read_trajectory(args.trajectory) if args.trajectory is not None else None
    if args.text is None and measures is None and trajectory is None:
        raise ValueError('say what to generate: --text, --measures or --trajectory')
    return Goal(text=args.text, measures=measures, trajectory=trajectory)


def parse_measures(text: str) -> dict[str, float]:
    """Parse ``name=value,name=value``."""
    measures = {}
    for part in filter(None, (piece.strip() for piece in text.split(','))):
        name, separator, value = part.partition('=')
        try:
            measures[name.strip()] = float(value)
        except ValueError:
            problem = f'{value!r} is not a number' if separator else 'expected NAME=VALUE'
            raise ValueError(f'--measures: {part!r}: {problem}') from None
    return measures


def read_trajectory(path: Path) -> np.ndarray:
    """
    Read the key ``trajectory`` of an NPZ file; nothing is unpickled.

    :raises ValueError: not such a file
    """
    if not path.is_file():
        raise ValueError(f'no trajectory file at {path}: numpy.savez(FILE, trajectory=rows) '
                         'writes one')
    try:
        with np.load(path, allow_pickle=False) as stored:
            if 'trajectory' not in stored:
                raise ValueError(f'{path} has no key "trajectory" (keys: {list(stored)})')
            return stored['trajectory']
    except (OSError, EOFError, AttributeError, TypeError, BadZipFile) as error:
        raise ValueError(f'{path} is not an NPZ file: {error}') from error
