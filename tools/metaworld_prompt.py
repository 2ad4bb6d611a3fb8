# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Records a prompt: what MetaWorld's own script of a task sees and does.

``python tools/metaworld_prompt.py window-close prompt.npz`` writes a file for ``policy_gen
generate --domain metaworld --trajectory prompt.npz``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.metaworld.building.experts import Expert, Variation
from policy_gen_ros.domains.metaworld.constants import PROMPT_LAYOUT, TASKS
from policy_gen_ros.domains.metaworld.episodes import run_task

PLAIN = Variation(1.0, 1.0, np.zeros(3))
"""The script as it is."""


def record(task: str, layout: int = PROMPT_LAYOUT) -> np.ndarray:
    """
    Return the trajectory of the script. Shape: (63, 43).

    :raises ValueError: the script does not do its task in that layout
    """
    episode = run_task(task, Expert(task, PLAIN), layout, record=True)
    if episode.success < 0:
        raise ValueError(f'the script of {task} does not succeed in layout {layout}: choose '
                         'another')
    return episode.trajectory


def main() -> None:
    """Record and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('task', choices=TASKS)
    parser.add_argument('out', type=Path)
    parser.add_argument('--layout', type=int, default=PROMPT_LAYOUT,
                        help='where objects and goal stand (default: where those of all prompts '
                        'of training stand)')
    args = parser.parse_args()
    np.savez(args.out, trajectory=record(args.task, args.layout))


if __name__ == '__main__':
    main()
