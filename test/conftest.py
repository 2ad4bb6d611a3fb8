# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Fixtures of the whole suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import fcntl
import os
from pathlib import Path
import tempfile

from policy_gen_ros.utils.progress import SILENCED
import pytest

# Above 101 the ports of a DDS domain lie in Linux' ephemeral range, where any program may sit; 0
# and 1 are the robot's and the simulators' own.
_DOMAIN_IDS = range(2, 102)


@pytest.fixture(autouse=True)
def progress_as_it_was() -> Iterator[None]:
    """Take back what a command that was called with ``--quiet`` leaves for the whole process."""
    before = os.environ.get(SILENCED)
    yield
    os.environ.pop(SILENCED, None)
    if before is not None:
        os.environ[SILENCED] = before


@pytest.fixture
def free_domain() -> Iterator[Callable[[], int]]:
    """
    Give a function that hands out DDS domains nobody else uses, until the test ends.

    Each is a locked file, so tests that run in other processes at the same time get others.
    """
    folder = Path(tempfile.gettempdir()) / f'dds-domains-{os.getuid()}'
    folder.mkdir(exist_ok=True)
    held = []

    def take() -> int:
        start = os.getpid() * 7 + len(held)
        for i in range(len(_DOMAIN_IDS)):
            domain_id = _DOMAIN_IDS[(start + i) % len(_DOMAIN_IDS)]
            lock = (folder / str(domain_id)).open('w')
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
                continue
            held.append(lock)
            return domain_id
        raise RuntimeError(f'all DDS domains from {_DOMAIN_IDS[0]} to {_DOMAIN_IDS[-1]} are taken')

    yield take
    for lock in held:
        lock.close()


@pytest.fixture
def domain_id(free_domain: Callable[[], int]) -> int:
    """One DDS domain for the robot wire of this test."""
    return free_domain()


@pytest.fixture
def ros_domain_id(free_domain: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> int:
    """Another DDS domain for ROS, set as ``ROS_DOMAIN_ID`` of this test and its children."""
    chosen = free_domain()
    monkeypatch.setenv('ROS_DOMAIN_ID', str(chosen))
    return chosen
