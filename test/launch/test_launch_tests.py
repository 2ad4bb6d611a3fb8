# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Runs the tests of ``launch_testing``, each in a process, as its command ``launch_test`` does."""

from __future__ import annotations

import os
from pathlib import Path
import subprocess
import sys

from launch_harness import SHARE
import pytest


@pytest.mark.parametrize('name', [
    'launch_go2_sim.py', 'launch_go2_real.py', 'launch_unitree_simulator.py'])
def test_launch_file_for_real(name: str) -> None:
    assert (SHARE / 'launch').is_dir()
    done = subprocess.run(
        [sys.executable, '-m', 'launch_testing.launch_test', str(Path(__file__).with_name(name))],
        capture_output=True, text=True, timeout=300, check=False, env={
            **os.environ, 'PYTHONPATH': os.pathsep.join([str(Path(__file__).parent), *sys.path])})
    assert done.returncode == 0, done.stdout + done.stderr
