# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Checks of this machine: installation, middleware, clock, permissions, cores, GPU."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
import subprocess
import sys
import time

import numpy as np
from policy_gen_ros.commands.doctor.finding import FAIL, Finding, OK, WARN
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.ros.arguments import check_domain

PERIOD_S, SLEEPS = 0.002, 500
LATE_P99_S = 0.001
_ASK_ROS = ('import rclpy; rclpy.init(); n = rclpy.create_node("policy_gen_doctor"); '
            'print(rclpy.get_rmw_implementation_identifier())')
_FAST_DDS = 'export RMW_IMPLEMENTATION=rmw_fastrtps_cpp'


def check_python() -> Finding:
    """Versions that the pinned wheels exist for."""
    version = '.'.join(map(str, sys.version_info[:3]))
    if (3, 10) <= sys.version_info[:2] <= (3, 12):
        return Finding('Python', OK, version)
    return Finding('Python', WARN, f'{version} is untried', 'use Python 3.10 to 3.12')


def check_ros() -> Finding:
    """Whether a node can be made, in a process of its own: a clash of middlewares may kill it."""
    try:
        check_domain()
    except ValueError as error:
        reason, _, cure = str(error).partition(': ')
        return Finding('ROS 2 client', FAIL, reason, cure)
    done = subprocess.run([sys.executable, '-c', _ASK_ROS], capture_output=True, text=True,
                          timeout=60, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f'exit code {done.returncode}'])[-1]
        return Finding('ROS 2 client', FAIL, last,
                       'source your ROS 2, or `make setup` for the wheels in .venv')
    middleware = done.stdout.strip().splitlines()[-1]
    if 'cyclone' in middleware:
        return Finding('ROS 2 client', FAIL, f'{middleware} clashes with the Cyclone DDS of '
                       "Unitree's wire in one process", _FAST_DDS)
    return Finding('ROS 2 client', OK, middleware)


def check_ros_range() -> Finding:
    """Who may find our topics."""
    domain = os.environ.get('ROS_DOMAIN_ID', '0')
    reach = os.environ.get('ROS_AUTOMATIC_DISCOVERY_RANGE', 'SUBNET')
    text = f'domain {domain}, discovery range {reach}'
    if reach.upper() in ('LOCALHOST', 'OFF') or os.environ.get('ROS_LOCALHOST_ONLY') == '1':
        return Finding('ROS 2 discovery', OK, text)
    return Finding('ROS 2 discovery', WARN, f'{text}: everybody in this network may send goals '
                   'and weights', 'export ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST')


def check_sdk() -> Finding:
    """Unitree's message types, and the DDS that carries them."""
    from policy_gen_ros.deployment.wire.errors import WireError

    try:
        from policy_gen_ros.deployment.wire import sdk
    except WireError as error:
        return Finding('Unitree SDK', FAIL, str(error).partition(';')[0],
                       str(error).partition('with: ')[2])
    return Finding('Unitree SDK', OK, sdk.LowCmd_.__module__.partition('.')[0])


def check_bundle(path: str | Path | None) -> Finding:
    """Whether the bundle loads and answers."""
    from policy_gen_ros.generation.generator import PolicyGenerator
    from policy_gen_ros.goals.goal import Goal

    try:
        generator = PolicyGenerator.load(path, device='cpu')
        generator.generate(Goal(text='trot'))
    except ValueError as error:
        return Finding('bundle', FAIL, str(error), 'train one, or give --bundle')
    return Finding('bundle', OK, f'{generator.bundle_name} in {bundle_path(path)}')


def check_clock() -> Finding:
    """How late sleeping wakes up: what the kernel gives a 500 Hz loop."""
    late = np.empty(SLEEPS)
    deadline = time.monotonic()
    for i in range(SLEEPS):
        deadline += PERIOD_S
        time.sleep(max(0.0, deadline - time.monotonic()))
        late[i] = time.monotonic() - deadline
    p99, worst = np.percentile(late, 99), late.max()
    text = f'a sleeping 500 Hz loop wakes {p99 * 1e3:.2f} ms late (p99), at most {worst * 1e3:.1f}'
    if p99 < LATE_P99_S:
        return Finding('clock', OK, text)
    return Finding('clock', WARN, text, 'stop other work on this computer, or give the controller '
                   'a core of its own (isolcpus, taskset)')


def check_priority() -> Finding:
    """Whether the control thread may have real-time priority."""
    ask = 'import os; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))'
    if subprocess.run([sys.executable, '-c', ask], capture_output=True, check=False).returncode:
        return Finding('real-time priority', WARN, 'not permitted',
                       'add "@realtime - rtprio 99" to /etc/security/limits.d, and join the group')
    return Finding('real-time priority', OK, 'permitted')


def check_cores() -> Finding:
    """Cores that are free for controller and generator."""
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    text = f'{cores} for this process, load {load:.1f}'
    if cores - load >= 1:
        return Finding('cores', OK, text)
    return Finding('cores', WARN, text, 'stop other work: the controller needs a free core')


def check_gpu() -> Finding:
    """List what the generator can run on; a CPU is enough."""
    import torch

    names = []
    if torch.cuda.is_available():
        names.append(f'torch: {torch.cuda.get_device_name()}')
    if importlib.util.find_spec('onnxruntime'):
        import onnxruntime

        names += [f'ONNX Runtime: {name}' for name in onnxruntime.get_available_providers()
                  if name != 'CPUExecutionProvider' and 'Azure' not in name]
    return Finding('GPU', OK, ', '.join(names) or 'none: the generator runs on the CPU')
