# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen doctor``: whether everything is here that walking needs."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from policy_gen_ros.commands.doctor.finding import Check, FAIL, found
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json
from policy_gen_ros.utils.progress import line, progress


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``doctor``."""
    parser = subparsers.add_parser(
        'doctor', help='check installation, middleware, clock and robot',
        description='Check what walking needs, each with its cure. Nothing is moved. The exit '
        'code is 1 where something FAILs.')
    parser.add_argument('--real', action='store_true',
                        help='also the robot: its network, LowState, built-in controller')
    parser.add_argument('--interface', default=None, help='network interface of the wire '
                        '(default: lo; with --real it has to be given)')
    parser.add_argument('--domain-id', type=int, default=None,
                        help="DDS domain of the wire (default: 1; with --real the robot's, 0)")
    parser.add_argument('--bundle', type=Path, help='default: the shipped one')
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Check, one line each."""
    if args.real and not args.interface:
        raise ValueError('--real needs --interface, such as eth0: commands must not leave through '
                         'a guessed one')
    interface = args.interface or 'lo'
    domain = args.domain_id if args.domain_id is not None else 0 if args.real else 1
    findings = []
    every = checks(interface, domain, args.real, args.bundle)
    for name, check in progress(every.items(), about='checks', unit='check'):
        findings.append(found(name, check))
        line(findings[-1], progress_stream(args.json))
    write_json({'checks': [vars(finding) for finding in findings]}, args.json)
    return 1 if any(finding.status == FAIL for finding in findings) else 0


def checks(interface: str, domain: int, real: bool, bundle: Path | None) -> dict[str, Check]:
    """All checks by name, in the order in which they make sense."""
    from policy_gen_ros.commands.doctor import machine, robot

    every: dict[str, Check] = {
        'Python': machine.check_python, 'cores': machine.check_cores,
        'clock': machine.check_clock, 'real-time priority': machine.check_priority,
        'ROS 2 client': machine.check_ros, 'ROS 2 discovery': machine.check_ros_range,
        'Unitree SDK': machine.check_sdk, 'bundle': partial(machine.check_bundle, bundle),
        'GPU': machine.check_gpu,
        'interface': partial(robot.check_interface, interface, real),
        'DDS domain': partial(robot.check_wire, interface, domain)}
    if real:
        every |= {'robot': partial(robot.check_robot, interface, domain),
                  'built-in controller': partial(robot.check_firmware, interface, domain)}
    return every
