# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Entry points of both nodes, which listen to Ctrl-C before the libraries have been imported.

That takes seconds, and ``ros2 launch`` sends SIGINT to one node as soon as the other has failed.
"""

from __future__ import annotations

from importlib import import_module
import os
import signal


def policy_generator() -> int:
    """Run the node ``policy_generator``."""
    return _run('policy_generator')


def locomotion_controller() -> int:
    """Run the node ``locomotion_controller``."""
    return _run('locomotion_controller')


def _run(name: str) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))  # nothing has begun; the node's come later
    return import_module(f'policy_gen_ros.ros.{name}').main()
