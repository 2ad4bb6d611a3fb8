# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The Rerun stream of the demo. Without rerun-sdk only its absence is tested."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
import subprocess
import sys

import numpy as np
from policy_gen_ros.deployment.twin.go2_twin import Go2Twin
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
import pytest

HIDDEN = """
import sys
sys.modules['rerun'] = None
from policy_gen_ros.commands.main import main
sys.exit(main(['demo', '--rerun']))
"""
SECONDS = 1


def test_without_the_package_one_line_names_the_cure() -> None:
    done = subprocess.run([sys.executable, '-c', HIDDEN], capture_output=True, text=True,
                          timeout=200, check=False)
    assert (done.returncode, done.stdout) == (2, '')
    assert done.stderr == 'policy_gen: rerun is not installed: pip install rerun-sdk\n'


def test_a_walk_is_written_and_can_be_read_back(tmp_path: Path) -> None:
    pytest.importorskip('rerun', reason='rerun-sdk is not installed: pip install rerun-sdk')
    from policy_gen_ros.commands.demo.live import LiveView, PERIOD_MS, TIMELINE
    from rerun.chunk import RrdReader

    file = tmp_path / 'walk.rrd'
    view, twin = LiveView(str(file)), Go2Twin(standing=True)
    actor = PolicyGenerator.load().generate(Goal(text='trot forward'))
    view.walks(0.0, 'trot forward', actor)
    first = twin.state()
    while twin.time_s < SECONDS:
        view.see(twin.state(), twin.sport())
        twin.step()
    view.say(SECONDS, 'stood')
    view.close()
    rows: Counter[str] = Counter()
    values: dict[str, list] = {'/joints': [], '/goal': []}
    for chunk in RrdReader(file).stream().to_chunks():
        if not chunk.is_static and not chunk.entity_path.startswith('/__'):
            rows[chunk.entity_path] += chunk.num_rows
            assert TIMELINE in chunk.timeline_names
            if chunk.entity_path in values:
                values[chunk.entity_path] += chunk.to_record_batch().columns[-1].to_pylist()
    every = 1000 * SECONDS // PERIOD_MS
    assert rows == {
        '/goal': 2, **{f'/{name}': every for name in (
            'world/body', 'world/body/legs', 'world/body/feet', 'contact', 'joints', 'tilt',
            'velocity/reached', 'velocity/asked')}}
    np.testing.assert_allclose(values['/joints'][0], first.joint_pos)
    assert values['/goal'] == [[f'trot forward: actor {actor.sha256[:12]}'], ['stood']]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    pytest.importorskip('rerun', reason='rerun-sdk is not installed: pip install rerun-sdk')
    from policy_gen_ros.commands.demo.live import LiveView

    for file in (tmp_path / 'walk.mp4', tmp_path / 'nowhere' / 'walk.rrd'):
        with pytest.raises(ValueError, match=r'end in \.rrd and to lie in a folder'):
            LiveView(str(file))
    assert list(tmp_path.iterdir()) == []
