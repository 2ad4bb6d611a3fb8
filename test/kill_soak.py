# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Kill builds and trainings at random moments, go on with them, and compare with undisturbed ones.

Moments are counted in time computed, which other work on the machine does not change.

    python test/kill_soak.py build --kills 20
    python test/kill_soak.py train --kills 20

Both are too short to be of use, with the code, files and worker processes of long ones.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
import hashlib
import multiprocessing
from multiprocessing.context import ForkProcess
from pathlib import Path
import random
import sys
import tempfile
import time

import numpy as np
from policy_gen_ros.archive.format import SECONDS_FILE
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.building import build as building
from policy_gen_ros.domains.go2.building import evaluate
from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
from policy_gen_ros.training import loop
from policy_gen_ros.training.pipeline import train_bundle, TrainingInputs
from policy_gen_ros.training.presets import debug_preset
from policy_gen_ros.utils.config import updated
from policy_gen_ros.utils.files import hold, LOCK_FILE
from policy_gen_ros.utils.progress import silence
import psutil
from small_archive import HELD_OUT, pretend_walk, write_small_archive
from tiny_encoder import write_tiny_encoder

END_S = 1800.0
"""Longer than a run takes on a machine with much other work."""
SMALL = updated(Go2ArchiveConfig(), {
    'clones': 4, 'specialists': 0, 'runs': 0, 'chunk_size': 4,
    'cloning': {'rounds': 1, 'steps': 20, 'ticks': 20}})
SHORT = updated(debug_preset(), {'network': {'latent_dim': 8}, 'threads': 1})
ENCODER = 'encoder'
"""Folder of a small text encoder, beside the folders that are written."""


def build(folder: Path) -> None:
    """Build a chunk of four clones, in a worker process."""
    building.build_archive(folder, SMALL, 'test')


def train(folder: Path) -> None:
    """Train a bundle, as the command does, on an archive made up for tests."""
    with tempfile.TemporaryDirectory() as made:
        archive = Archive(write_small_archive(Path(made) / 'archive'), HELD_OUT)
        config = updated(SHORT, {'text_encoder': str(folder.with_name(ENCODER))})
        with hold(folder):
            train_bundle(TrainingInputs(archive.training(), archive.base_weights(), archive.path,
                                        pretend_walk),
                         folder, folder / 'stages', config, {'command': 'test'})


WORK = {'build': build, 'train': train}


def kill_and_resume(what: str, kills: int, seed: int = 0) -> tuple[int, list[str]]:
    """
    Kill so many runs, each at its own moment, and go on with each until it ends by itself.

    :return: how many were killed before they ended; and what is not as in an undisturbed run, a
        line each
    """
    rng, wrong, hit = random.Random(seed), [], 0
    with tempfile.TemporaryDirectory(prefix='policy_gen_kill_') as temporary:
        folder = Path(temporary)
        write_tiny_encoder(folder / ENCODER)
        seconds = _cpu_s_of(_run(what, folder / 'undisturbed'))
        expected = contents(folder / 'undisturbed')
        print(f'{what}: undisturbed {seconds:.1f} s of CPU, {len(expected)} files', flush=True)
        for number in range(kills):
            there, moment = folder / f'killed-{number}', rng.uniform(0.0, 1.0) * seconds
            run = _run(what, there)
            _cpu_s_of(run, moment)
            run.kill()
            run.join()
            hit += run.exitcode != 0
            left = sum(file.is_file() for file in there.rglob('*'))
            again = _run(what, there)
            again.join(END_S)
            differs = differences(expected, contents(there))
            if again.exitcode != 0:
                differs.append('the second run does not end' if again.is_alive()
                               else f'the second run ends with {again.exitcode}')
            how = f'killed after {moment:.1f} s' if run.exitcode else 'ended before it was killed'
            print(f'{what} {number}: {how}, {left} files left; '
                  f'{", ".join(differs) or "then the same bytes"}', flush=True)
            wrong += differs
    return hit, wrong


def contents(folder: Path) -> dict[str, str]:
    """Return hashes of all files, but for those that say how long something took."""
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(folder.rglob('*'))
            if file.is_file() and file.name != SECONDS_FILE}


def differences(expected: dict[str, str], found: dict[str, str]) -> list[str]:
    """Name the files that are missing, too many, or not the same."""
    assert LOCK_FILE not in expected
    return [f'{name} differs' for name in sorted(expected.keys() | found.keys())
            if expected.get(name) != found.get(name)]


def _run(what: str, folder: Path) -> ForkProcess:
    # A fork of a process that did nothing yet: the libraries are loaded once only.
    run = multiprocessing.get_context('fork').Process(target=WORK[what], args=(folder,))
    run.start()
    return run


def _cpu_s_of(run: ForkProcess, until_s: float = float('inf')) -> float:
    """Wait until a run has computed for so long, with its workers, or has ended."""
    assert run.pid
    process, seconds, end = psutil.Process(run.pid), 0.0, time.monotonic() + END_S
    while run.is_alive() and seconds < until_s and time.monotonic() < end:
        run.join(0.02)
        with suppress(psutil.NoSuchProcess):
            seconds = max(seconds, sum(sum(each.cpu_times()[:4]) for each in (
                process, *process.children(recursive=True))))
    return seconds


def shorten() -> None:
    """Leave the files as they are, and most of the work out; in worker processes, too."""
    building.screened_walks = lambda _, __, count, ___, seed, family=None: sample_walks(
        count, np.random.default_rng(seed))
    evaluate.EPISODE_S = 5.0  # of which the archive keeps four
    loop.CHECKPOINT_STEPS = 7


def main() -> int:
    """Run the tool."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('what', choices=WORK)
    parser.add_argument('--kills', type=int, default=20)
    parser.add_argument('--seed', type=int, default=0)
    options = parser.parse_args()
    silence()
    hit, wrong = kill_and_resume(options.what, options.kills, options.seed)
    print(f'{hit} of {options.kills} killed before they ended, {len(wrong)} differences')
    return 1 if wrong else 0


shorten()
if __name__ == '__main__':
    sys.exit(main())
