# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Walk base policies under single conditions, and print how many stay up in their gait and how fast.

    python tools/base_robustness.py base                    # the one that ships
    python tools/base_robustness.py nominal                 # the one that it learned from
    python tools/base_robustness.py expert                  # the same, told what was drawn
    python tools/base_robustness.py archives/x/foundation   # of an archive
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
import json
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.expert import Expert
from policy_gen_ros.domains.go2.building.hidden import HiddenReader
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.domains.go2.building.symmetric import SymmetricPolicy
from policy_gen_ros.domains.go2.gait.measures import nearest_family
from policy_gen_ros.domains.go2.robot.observation import RobotState
from policy_gen_ros.domains.go2.shipped import NOMINAL_FOLDER, SHIPPED_FOUNDATION
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters, sample_walks
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.closed_loop import ClosedLoop, run_loop
from policy_gen_ros.domains.go2.twin.conditions import CONDITIONS
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation, RANDOMISED
from policy_gen_ros.utils.workers import one_thread
import torch

SLOWEST_MPS = 0.2
"""Commands below are left out of the ratio of speeds."""
Act = Callable[[np.ndarray, RobotState, ClosedLoop], np.ndarray]


def walker(subject: str, gaits: GaitParameters, command: np.ndarray) -> tuple[Act, Adaptor]:
    """Return what acts, and the adaptor whose latent it reads."""
    nominal = SHIPPED_FOUNDATION / NOMINAL_FOLDER
    folder = {'base': SHIPPED_FOUNDATION, 'nominal': nominal, 'expert': nominal}.get(
        subject, Path(subject))
    kind = ConditionedPolicy if subject == 'nominal' else SymmetricPolicy
    base, adaptor = kind.load_with_adaptor(folder)
    told = torch.from_numpy(gaits.features().astype(np.float32))
    if subject != 'expert':
        return lambda seen, *_: base.act(seen, told), adaptor
    expert = Expert(base, GaitController())
    reader: HiddenReader | None = None

    def act(_: np.ndarray, state: RobotState, loop: ClosedLoop) -> np.ndarray:
        nonlocal reader
        assert isinstance(loop.twin, BatchTwin)
        reader = reader or HiddenReader(loop.twin)
        return expert.actions(state, loop, command, gaits, reader)

    return act, adaptor


def judge(results: list[EpisodeResult], gaits: GaitParameters,
          command: np.ndarray) -> dict[str, float]:
    """Return shares that stay up and that walk in their family, and their speed over asked."""
    right = [r.survived and r.family == nearest_family(phase)
             for r, phase in zip(results, gaits.phase)]
    velocity = np.array([r.mean_velocity[:2] for r in results])
    along = (velocity * command[:, :2]).sum(axis=1)
    square = (command[:, :2]**2).sum(axis=1)
    walks = np.array(right) & (square > SLOWEST_MPS**2)
    return {'up': float(np.mean([r.survived for r in results])), 'family': float(np.mean(right)),
            'speed': float(np.median(along[walks] / square[walks])) if walks.any()
            else float('nan')}


def main() -> None:
    """Print one line a condition, and JSON at last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('subject')
    parser.add_argument('--count', type=int, default=100)
    parser.add_argument('--seconds', type=float, default=20.0)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--conditions', help='names, separated by commas; default: all')
    options = parser.parse_args()
    grounds: dict[str, Perturbation] = {name: c.ground for name, c in CONDITIONS.items()}
    grounds['all at once'] = RANDOMISED
    gaits, command = sample_walks(options.count, np.random.default_rng([options.seed, 7]))
    table = {}
    for name in options.conditions.split(',') if options.conditions else grounds:
        act, adaptor = walker(options.subject, gaits, command)
        with one_thread():
            results = run_loop(act, gaits.frequency_hz, command, options.seconds, options.seed,
                               adaptor, grounds[name])
        table[name] = judge(results, gaits, command)
        print(f'{name:22s}' + ' '.join(f'{key} {value:.2f}' for key, value in
                                       table[name].items()), flush=True)
    print(json.dumps({'subject': options.subject, 'count': options.count,
                      'seconds': options.seconds, 'seed': options.seed, 'table': table}))


if __name__ == '__main__':
    main()
