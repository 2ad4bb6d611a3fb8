# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Tuning the teacher's gain schedule by an evolution strategy.

``python -m policy_gen_ros.domains.go2.teacher.tune`` writes ``config/teacher.safetensors``.
Contexts (a gait and a command) are drawn from all that the legs can do; each is walked twice,
with the same ground, pushes and noise, under the schedule's gains plus and minus a random step.
The difference of the two scores is a sample of the score's slope in gain space (antithetic
evolution strategy, Salimans et al. 2017, eq. 3), and backpropagation carries it into the
schedule's weights. So all walks teach one smooth function, instead of one search a family.
Resumable: the optimiser lies beside the file.
"""

from __future__ import annotations

import argparse
from functools import partial
from itertools import pairwise
from pathlib import Path
import time

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.teacher.gains import (
    COMMAND_FEATURE_SCALE,
    GAIN_LOWER,
    GAIN_NAMES,
    GAIN_UPPER,
    gains_of,
    GainSchedule,
)
from policy_gen_ros.domains.go2.teacher.gait_controller import gait_targets, TeacherInput
from policy_gen_ros.domains.go2.teacher.gait_parameters import (
    GaitParameters,
    sample_gaits,
    sample_walks,
)
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation, ROUGH
from policy_gen_ros.utils.files import write_stream
import torch

HIDDEN = (64, 64)
HALVES = 2
"""Gains are tried on either side of those of now, in the same twins."""
CALIBRATION = 0.5
"""Weight of signed errors beside the slope of the score."""
DEFAULT_GAINS = {
    'lead_s': 0.03, 'step_stance': 0.45, 'step_velocity_s': 0.05, 'step_max_m': 0.12,
    'level_feet': 0.4, 'force_shape': 0.4, 'force_scale': 1.0,
    'height_n_m': 160.0, 'height_ns_m': 40.0, 'roll_nm': 85.0, 'roll_nms': 5.0,
    'pitch_nm': 85.0, 'pitch_nms': 5.0, 'velocity_ns_m': 30.0, 'yaw_nms': 7.0,
    'vx_scale': 1.1, 'vy_scale': 1.1, 'yaw_scale': 1.2, 'vx_bias_mps': 0.0,
    'forward_shift_m': 0.0, 'height_bias_m': 0.0, 'pitch_bias_rad': 0.0, 'swing_scale': 1.6,
    'touch_down_m': 0.0}
"""Where a search starts that has no file to go on from."""


def score_gains(gains: np.ndarray, gaits: GaitParameters, command: np.ndarray, seconds: float,
                seed: int, perturbation: Perturbation) -> dict[str, np.ndarray]:
    """
    Walk every (gains, gait, command) row; the two halves of the rows meet the same randomness.

    :param gains: Shape: (n, gains)
    :return: ``score`` from 0 (falls at once) to 2, ``survived``, and errors over the last two
        thirds: ``velocity`` m/s, ``yaw`` rad/s, ``mismatch`` (share of time in which a foot is not
        where the schedule wants it), ``height`` m, ``swing`` m. Shapes: (n,); and ``excess``,
        signed errors of vx, vy, yaw rate, height and swing height. Shape: (n, 5)
    """
    n, ticks = len(gains), round(seconds / go2.CONTROL_DT_S)
    twin = BatchTwin(n, seed, perturbation, HALVES)
    phase = np.tile(np.random.default_rng([seed, 1]).random(n // HALVES), HALVES)
    late = ticks // 3
    total = {'velocity': np.zeros((n, 3)), 'height': np.zeros(n), 'tilt': np.zeros(n),
             'mismatch': np.zeros(n), 'alive': np.zeros(n)}
    lift = np.zeros((ticks - late, n, 4), np.float32)
    for t in range(ticks):
        state, truth = twin.sense(), twin.truth()
        seen = TeacherInput(state, truth.base_velocity, truth.height, phase, command)
        twin.step(gait_targets(seen, gaits, gains))
        total['alive'] += ~twin.fallen
        if t >= late:
            truth = twin.truth()
            total['velocity'] += np.c_[truth.base_velocity[:, :2], truth.ang_vel[:, 2]]
            total['height'] += truth.height
            planned = (phase[:, None] - gaits.touch_down) % 1.0 < gaits.duty
            total['mismatch'] += np.abs(truth.contact.mean(axis=1) - planned).mean(axis=1)
            lift[t - late] = truth.foot_height - go2.FOOT_RADIUS_M
            up_x, up_y = -state.gravity[:, 0], -state.gravity[:, 1]
            total['tilt'] += np.hypot(up_x + np.sin(gaits.pitch_rad), up_y)
        phase = (phase + gaits.frequency_hz * go2.CONTROL_DT_S) % 1.0
    mean = {name: value / (ticks - late) for name, value in total.items()}
    swing = np.percentile(lift, 95, axis=0).mean(axis=1)
    excess = np.c_[mean['velocity'] - command, mean['height'] - gaits.body_height_m,
                   swing - gaits.swing_height_m]
    error = np.abs(excess)
    result = {'velocity': np.hypot(error[:, 0], error[:, 1]), 'yaw': error[:, 2],
              'mismatch': mean['mismatch'], 'height': error[:, 3], 'swing': error[:, 4],
              'survived': ~twin.fallen, 'excess': excess}
    quality = (0.35 * np.exp(-5 * result['velocity']) + 0.15 * np.exp(-2.5 * result['yaw'])
               + 0.25 * np.exp(-result['mismatch'] / 0.12)
               + 0.1 * np.exp(-result['height'] / 0.02) + 0.1 * np.exp(-result['swing'] / 0.02)
               + 0.05 * np.exp(-8 * mean['tilt']))
    alive = total['alive'] / ticks
    result['score'] = 0.4 * alive + result['survived'] * (0.6 + quality)
    return result


def _calibration(result: dict[str, np.ndarray], command: np.ndarray, pairs: int) -> np.ndarray:
    """
    Signed errors, put on the gains that answer to them directly. Shape: (pairs, gains).

    Falls drown the slope of the score in speed and height; what a survivor overshoots tells it.
    """
    walked = (result['survived'][:pairs] & result['survived'][pairs:])[:, None]
    excess = np.where(walked, (result['excess'][:pairs] + result['excess'][pairs:]) / 2, 0.0)
    excess = np.clip(excess / [0.2, 0.2, 0.4, 0.03, 0.03], -1, 1)
    push = np.zeros((pairs, len(GAIN_NAMES)))
    for name, value in (('vx_bias_mps', excess[:, 0]), ('vx_scale', excess[:, 0] * command[:, 0]),
                        ('vy_scale', excess[:, 1] * command[:, 1]),
                        ('yaw_scale', excess[:, 2] * command[:, 2]),
                        ('height_bias_m', excess[:, 3]), ('swing_scale', excess[:, 4])):
        push[:, GAIN_NAMES.index(name)] = value
    return push


class ScheduleTuner:
    """The schedule as a torch network, its optimiser and the count of updates done."""

    def __init__(self, file: Path, learning_rate: float) -> None:
        self.file = file
        self.state_file = file.with_suffix('.tuning.pt')
        inputs = sample_gaits(1, np.random.default_rng(0)).features().shape[1] + 3
        torch.manual_seed(0)
        layers: list[torch.nn.Module] = []
        for fan_in, fan_out in pairwise((inputs, *HIDDEN, len(GAIN_NAMES))):
            layers += [torch.nn.Linear(fan_in, fan_out), torch.nn.Tanh()]
        self.network = torch.nn.Sequential(*layers[:-1])
        with torch.no_grad():
            last = layers[-2]
            assert isinstance(last, torch.nn.Linear)
            share = (np.array([DEFAULT_GAINS[name] for name in GAIN_NAMES]) - GAIN_LOWER) \
                / (GAIN_UPPER - GAIN_LOWER)
            share = np.clip(share, 0.05, 0.95)
            last.weight.mul_(0.05)
            last.bias.copy_(torch.from_numpy(np.log(share / (1 - share))))
        self.optimizer = torch.optim.Adam(self.network.parameters(), learning_rate)
        self.done = 0
        if self.state_file.exists():
            stored = torch.load(self.state_file, weights_only=True)
            self.network.load_state_dict(stored['network'])
            self.optimizer.load_state_dict(stored['optimizer'])
            self.done = stored['done']

    def schedule(self) -> GainSchedule:
        """Return the present schedule in NumPy."""
        return GainSchedule([(m.weight.detach().numpy().astype(float),
                              m.bias.detach().numpy().astype(float))
                             for m in self.network if isinstance(m, torch.nn.Linear)])

    def update(self, pairs: int, seconds: float, sigma: float) -> dict[str, float]:
        """One step along the estimated slope; returns means over the walks made for it."""
        rng = np.random.default_rng(self.done)
        gaits, command = sample_walks(pairs, rng)
        logits = self.schedule().logits(gaits.features(), command)
        step = rng.standard_normal(logits.shape)
        both = np.concatenate([logits + sigma * step, logits - sigma * step])
        twice = np.tile(np.arange(pairs), 2)
        # Nominal physics every third time: it is the harder one only for tracking.
        perturbation = NOMINAL if self.done % 3 == 0 else ROUGH
        result = score_gains(gains_of(both), gaits[twice], command[twice], seconds, self.done,
                             perturbation)
        slope = result['score'][:pairs] - result['score'][pairs:]
        weight = np.clip(slope / (slope.std() + 1e-6), -3, 3)[:, None] * step
        weight -= CALIBRATION * _calibration(result, command, pairs)
        inputs = np.concatenate([gaits.features(), command * COMMAND_FEATURE_SCALE], axis=1)
        outputs = self.network(torch.from_numpy(inputs.astype(np.float32)))
        loss = -(torch.from_numpy(weight).float() * outputs).sum(dim=1).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.done += 1
        walked = result['survived']
        errors = {name: float(result[name][walked].mean())
                  for name in ('velocity', 'yaw', 'mismatch', 'height', 'swing')}
        return {'survived': float(walked.mean()), **errors,
                'score': float(result['score'].mean())}

    def save(self) -> None:
        """Write the schedule, and what is needed to go on."""
        self.schedule().save(self.file)
        write_stream(self.state_file, partial(torch.save, {
            'network': self.network.state_dict(), 'optimizer': self.optimizer.state_dict(),
            'done': self.done}))


def main() -> None:
    """Tune for a number of updates and write the schedule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--output', type=Path, default=Path('config/teacher.safetensors'))
    parser.add_argument('--updates', type=int, default=200)
    parser.add_argument('--pairs', type=int, default=512)
    parser.add_argument('--seconds', type=float, default=5.0)
    parser.add_argument('--sigma', type=float, default=0.35)
    parser.add_argument('--learning-rate', type=float, default=3e-3)
    args = parser.parse_args()
    torch.set_num_threads(1)
    tuner = ScheduleTuner(args.output, args.learning_rate)
    while tuner.done < args.updates:
        started = time.perf_counter()
        mean = tuner.update(args.pairs, args.seconds, args.sigma)
        tuner.save()
        line = ' '.join(f'{name} {value:.3f}' for name, value in mean.items())
        print(f'{tuner.done:4d} {line} ({time.perf_counter() - started:.1f} s)', flush=True)


if __name__ == '__main__':
    main()
