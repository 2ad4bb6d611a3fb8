# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Options of ``go2_twin`` that make it as unkind as a real robot; all are off by default."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.twin.conditions import GROUNDS
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation, ROUGH

REHEARSAL_BUMPS_M, REHEARSAL_LOSS, REHEARSAL_JITTER_S = 0.02, 0.01, 0.002


@dataclass(frozen=True)
class Wire:
    """
    Faults of the wire.

    :param loss: share of frames lost, in each direction
    :param jitter_s: longest extra time that a state takes; how long is drawn each time
    """

    loss: float = 0.0
    jitter_s: float = 0.0

    def loses(self, rng: np.random.Generator) -> bool:
        """Whether the next frame gets lost."""
        return bool(self.loss) and rng.random() < self.loss

    def late_s(self, rng: np.random.Generator) -> float:
        """How much later the next state is sent."""
        return float(rng.uniform(0, self.jitter_s)) if self.jitter_s else 0.0


_SENSORS = ('joint_pos_noise_rad', 'joint_vel_noise_rad_s', 'gravity_noise', 'ang_vel_noise_rad_s')
_OPTIONS = {
    'friction': (0.05, 3.0, 'sliding friction of the feet (default 0.8)'),
    'payload-kg': (0.0, 8.0, 'on the back'),
    'motor-strength': (0.3, 2.0, 'torque given over torque asked for'),
    'delay': (0.0, 0.1, 'seconds until the motors follow'),
    'noise': (0.0, 10.0, 'of all sensors; 1: as in training'),
    'push': (0.0, 2.0, 'm/s of a kick every 4 s'),
    'bumps': (0.0, 0.1, 'm between the deepest and highest point of the ground'),
    'loss': (0.0, 0.9, 'share of frames lost on the wire, each way'),
    'jitter': (0.0, 0.1, 'longest extra seconds that a state takes on the wire')}


def add_realism_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--rehearsal`` and one option for each part of it."""
    group = parser.add_argument_group('realism', 'all off by default')
    group.add_argument('--rehearsal', action='store_true',
                       help='all of the following, as a robot may meet them, drawn by --seed; '
                       'options given beside it win')
    group.add_argument('--perturb', metavar='NAME', choices=tuple(GROUNDS), help='a condition '
                       'such as "slope 10 deg", or "randomised", the widest (docs/robustness.md); '
                       'options given beside it win')
    for name, (low, high, text) in _OPTIONS.items():
        group.add_argument(f'--{name}', type=_between(name, low, high), help=text)


def _between(name: str, low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float('nan')
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f'{text} is not a number from {low:g} to {high:g}')
        return value

    read.__name__ = name
    return read


def perturbation_of(options: argparse.Namespace) -> Perturbation:
    """Return what the options ask of the twin."""
    usual = replace(ROUGH, bumps_m=REHEARSAL_BUMPS_M) if options.rehearsal else NOMINAL
    if options.perturb:
        usual = GROUNDS[options.perturb]
    given: dict[str, Any] = {'push_mps': options.push, 'bumps_m': options.bumps}
    for name, value in (('friction', options.friction), ('payload_kg', options.payload_kg),
                        ('motor_strength', options.motor_strength), ('delay_s', options.delay)):
        given[name] = None if value is None else (value, value)
    if options.noise is not None:
        given.update({name: options.noise * getattr(ROUGH, name) for name in _SENSORS})
    return replace(usual, **{name: value for name, value in given.items() if value is not None})


def wire_of(options: argparse.Namespace) -> Wire:
    """Return what the options ask of the wire."""
    usual = Wire(REHEARSAL_LOSS, REHEARSAL_JITTER_S) if options.rehearsal else Wire()
    return Wire(usual.loss if options.loss is None else options.loss,
                usual.jitter_s if options.jitter is None else options.jitter)
