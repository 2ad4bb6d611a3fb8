# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The control loop of the real nodes is measured while other things go on."""

from __future__ import annotations

from policy_gen_ros.commands.bench.loads import loads
from policy_gen_ros.generation.bundle import bundle_path


def test_each_load_is_measured_beside_a_bare_loop() -> None:
    # The robot's state may be late on a busy machine: what counts here is that it is measured.
    patient = {'guard.state_timeout_s': 1.0, 'guard.policy_late_s': 2.0}
    found, services = loads(('trot forward', 'pace forward'), 2, bundle_path(), 3.0, patient)
    assert list(found) == ['idle', 'flood', 'rehearsal']
    for figures in found.values():
        assert figures['mode'] == 'walking' and figures['lowcmd_sent'] > 500
        assert 0.0 < figures['cpu_share'] < 1.0 and 0.0 < figures['bare_cpu_share'] < 1.0
        assert figures['period_error_p99_ms'] > 0.0
        assert figures['bare_period_ms']['p99_error'] > 0.0
        assert min(figures['missed_ticks'], figures['bare_missed_ticks']) >= 0
    assert found['rehearsal']['refused'] <= 2
    assert {name: len(times) for name, times in services.items()} == {'stop': 2, 'damp': 2}
    assert min(*services['stop'], *services['damp']) > 0.0
