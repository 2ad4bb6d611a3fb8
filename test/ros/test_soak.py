# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A short walk under fire; ``soak.py`` walks for as long as one likes."""

from __future__ import annotations

from pathlib import Path

from soak import soaking


def test_a_walk_under_fire(tmp_path: Path) -> None:
    with soaking(tmp_path, rate=150.0) as soak:
        result = soak.run(25.0, goal_period_s=4.0, kill_every=2)
    assert result['mode'] == 'walking' and result['after']['guard_trips'] == 0, result
    assert result['goals'] >= 2 and result['goals_reached'] == result['goals'], result
    assert result['generator_killed'] >= 1
    assert result['malformed_messages_in_all'] > 1500 and len(result['malformed_messages']) == 10
    assert result['after']['refused'] > result['before']['refused']
    assert result['after']['dropped_frames'] > result['before']['dropped_frames']
    assert result['tracebacks'] == 0
    assert result['after']['controller_mb'] < result['before']['controller_mb'] + 40
