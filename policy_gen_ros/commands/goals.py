# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Goals on the command line: ``--text``, ``--measures``, ``--trajectory``, ``--bag``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from policy_gen_ros.commands.options import natural
from policy_gen_ros.commands.output import progress_stream
from policy_gen_ros.deployment.recording.resample import CLIP_S
from policy_gen_ros.domains import DEFAULT, find_domain
from policy_gen_ros.domains.measures import Measures
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import RestError
from policy_gen_ros.goals.sequence import parse_sequence
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.files import refuse_pointer

_TOPIC_KINDS = {
    'joint': 'topic of sensor_msgs/JointState (default /joint_states)',
    'imu': 'topic of sensor_msgs/Imu (default /imu)',
    'lowstate': 'topic of unitree_go/LowState (default /lowstate, unless there are both above)',
    'lowcmd': 'topic of unitree_go/LowCmd, for the targets (default /lowcmd, where there is one)'}


def add_goal_options(parser: argparse.ArgumentParser) -> None:
    """Options of a goal; they combine."""
    parser.add_argument('--text', help='a sentence, e.g. "trot forward slowly"')
    parser.add_argument('--measures', metavar='NAME=VALUE,...',
                        help='behaviour measures, e.g. contact_fl=0.5,vx_mps=0.4')
    parser.add_argument('--trajectory', metavar='FILE.npz|FILE.csv', type=Path,
                        help='behaviour to imitate: key "trajectory", shape (time, 42), or a '
                        'table with a header (docs/formats.md); other domains have other columns')
    _add_bag_options(parser)
    parser.add_argument('--current', metavar='ACTOR.safetensors', type=Path,
                        help='actor that walks now: texts such as "faster" change what it does')
    parser.add_argument('--seed', type=natural, default=0,
                        help='the same seed gives the same weights')
    parser.add_argument('--steps', type=int, help="sampler steps (default: the bundle's)")
    parser.add_argument('--guidance', type=float,
                        help='1 follows the goal plainly, more exaggerates it')
    parser.add_argument('--bundle', type=Path, help='trained bundle (default: the shipped one)')


def _add_bag_options(parser: argparse.ArgumentParser) -> None:
    bag = parser.add_argument_group('a recording as the goal')
    bag.add_argument('--bag', metavar='PATH', type=Path,
                     help='behaviour to imitate: a rosbag2 folder, .mcap or .db3 file with '
                     '/joint_states and /imu, or with /lowstate of a Unitree Go2')
    bag.add_argument('--bag-start', metavar='S', type=float,
                     help='seconds from the first sample (default: the end of the newest part '
                     'that walks)')
    bag.add_argument('--bag-seconds', metavar='S', type=float,
                     help=f'imitate at most so much (default {CLIP_S:g})')
    for name, kind in _TOPIC_KINDS.items():
        bag.add_argument(f'--{name}-topic', metavar='NAME', help=kind)
    bag.add_argument('--joint-map', metavar='THEIRS=OURS,...',
                     help='names in joint states for those of a Go2, e.g. FR_0=FR_hip_joint '
                     '(default: their own names, or such as end in them)')


def goal_from_options(args: argparse.Namespace) -> Goal:
    """
    Build the goal, and say what of a recording became part of it.

    :raises ValueError: none given, or one is malformed
    """
    domain = getattr(args, 'domain', DEFAULT)
    known = find_domain(domain).measures
    measures = parse_measures(args.measures, known) if args.measures is not None else None
    trajectory = _trajectory_from_options(args)
    if args.text is None and measures is None and trajectory is None:
        raise ValueError('say what to generate: --text, --measures, --trajectory or --bag')
    text = args.text
    if text is not None and find_domain(domain).rests:
        text = one_goal(text)
    current = ActorWeights.load(args.current) if args.current else None
    return Goal(text=text, measures=measures, trajectory=trajectory, domain=domain,
                current=current)


def one_goal(text: str) -> str:
    """
    Return a text that asks for one thing.

    :raises ValueError: it is a sequence, or its words ask for a failure
    :raises RestError: it asks for rest
    """
    steps = [step for step in parse_sequence(text).steps if not step.keeps]
    if steps[0].goal is None:
        raise RestError(text, steps[0].rest)
    if len(steps) > 1:
        raise ValueError(f'{text!r} is a sequence of goals: `policy_gen demo` and the node '
                         'policy_generator play these')
    return text


def _trajectory_from_options(args: argparse.Namespace) -> np.ndarray | None:
    if args.bag is not None and args.trajectory is not None:
        raise ValueError('give --trajectory or --bag, not both')
    source: Path | None = args.bag or args.trajectory
    table = args.bag is None and source is not None and source.suffix.lower() == '.csv'
    given = {'start_s': args.bag_start, 'seconds': args.bag_seconds}
    window = {name: value for name, value in given.items() if value is not None}
    topics = {name: getattr(args, f'{name}_topic') for name in _TOPIC_KINDS}
    of_a_bag = [*topics.values(), args.joint_map]
    if args.bag is None and (any(value is not None for value in of_a_bag)
                             or (window and not table)):
        raise ValueError('topics, joints or seconds of a recording were given, but no --bag')
    if source is None:
        return None
    if args.bag or table:
        return _read_recording(args, source, topics, window)
    return read_trajectory(source)


def _read_recording(args: argparse.Namespace, source: Path, topics: Mapping[str, str | None],
                    window: Mapping[str, float]) -> np.ndarray:
    """Read a clip of a bag or a table, and say what became of it."""
    if (domain := getattr(args, 'domain', DEFAULT)) != DEFAULT:
        raise ValueError(f'{source}: recordings are of a Go2; give an NPZ file for {domain}')
    from policy_gen_ros.deployment.recording.clip import read_clip
    from policy_gen_ros.deployment.recording.joint_names import JointMap
    from policy_gen_ros.deployment.recording.tracks import Topics

    clip = read_clip(source, Topics(**topics), joint_map=JointMap.parse(args.joint_map or ''),
                     **window)
    for line in clip.describe():
        print(f'{source}: {line}', file=progress_stream(args.json), flush=True)
    return clip.trajectory


def parse_measures(text: str, known: Measures) -> dict[str, float]:
    """
    Parse ``name=value,name=value``.

    :param known: of the domain: categories are given by name
    """
    categories = {measure.name: measure.categories for measure in known}
    measures = {}
    for part in filter(None, (piece.strip() for piece in text.split(','))):
        name, separator, value = part.partition('=')
        name, words = name.strip(), categories.get(name.strip(), ())
        if name in measures:
            raise ValueError(f'--measures: {name} is given twice')
        try:
            measures[name] = float(words.index(value) if value in words else value)
        except ValueError:
            problem = 'expected NAME=VALUE' if not separator else \
                f'{value!r} is none of {", ".join(words)}' if words else \
                f'{value!r} is not a number'
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
    refuse_pointer(path, ValueError)
    try:
        with np.load(path, allow_pickle=False) as stored:
            rows = stored.get('trajectory')
            keys = list(stored)
    except (OSError, EOFError, AttributeError, TypeError, BadZipFile) as error:
        raise ValueError(f'{path} is not an NPZ file: {error}') from error
    except ValueError as error:  # NumPy takes all else for a pickle, and says how to load that
        raise ValueError(f'{path} is not an NPZ file of numbers') from error
    if rows is None:
        raise ValueError(f'{path} has no key "trajectory" (keys: {keys})')
    return rows
