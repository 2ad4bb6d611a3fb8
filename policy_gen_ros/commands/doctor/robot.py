# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Checks of the wire and of what is on its other side. Nothing here moves a leg."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
import socket
import struct
import time
from typing import TYPE_CHECKING

from policy_gen_ros.commands.doctor.finding import FAIL, Finding, OK, WARN
from policy_gen_ros.deployment.controller.guards import GuardLimits
from policy_gen_ros.deployment.controller.health import NO_READING_V
from policy_gen_ros.deployment.controller.unfilled import empty_fields
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.frames import LowState
from policy_gen_ros.deployment.wire.remote import parse_remote
from policy_gen_ros.domains.go2.robot import constants as go2

if TYPE_CHECKING:  # joins the wire, which may be what is broken
    from policy_gen_ros.deployment.wire.link import RobotLink

ROBOT_NETWORK = '192.168.123.'
LOOPBACK = 'lo'
LISTEN_S = 1.0
STATE_HZ = 1 / go2.LOWCMD_DT_S
RATE_SLACK = 0.1
LEAST_HZ = 2 / go2.CONTROL_DT_S
"""Two states a control period; with fewer the policy acts on what has been."""
TOO_SLOW = ('the network or this computer loses states, or the simulator is slower than a robot; '
            'stop other work')
_GET_ADDRESS = 0x8915  # SIOCGIFADDR


def address_of(interface: str) -> str:
    """
    IPv4 address of a network interface; empty: it has none.

    :raises OSError: no such interface
    """
    socket.if_nametoindex(interface)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        import fcntl

        try:
            packed = fcntl.ioctl(any_socket, _GET_ADDRESS,
                                 struct.pack('256s', interface.encode()[:15]))
        except OSError:
            return ''
    return socket.inet_ntoa(packed[20:24])


def check_interface(interface: str, real: bool) -> Finding:
    """Whether the interface is there, up, and in the robot's network."""
    name = f'interface {interface}'
    try:
        address = address_of(interface)
    except OSError:
        have = ', '.join(name for _, name in socket.if_nameindex())
        return Finding(name, FAIL, f'does not exist; this machine has {have}',
                       'give --interface')
    state = Path(f'/sys/class/net/{interface}/operstate')
    up = state.read_text().strip() if state.exists() else 'unknown'
    if up == 'down':
        return Finding(name, FAIL, 'is down', f'plug the cable in; ip link set {interface} up')
    if real and not address.startswith(ROBOT_NETWORK):
        return Finding(name, WARN, f'has the address {address or "none"}, the robot is in '
                       f'{ROBOT_NETWORK}0/24', f'ip addr add {ROBOT_NETWORK}99/24 dev {interface}')
    return Finding(name, OK, f'{up}, {address or "no address"}')


def check_wire(interface: str, domain_id: int) -> Finding:
    """Whether the DDS domain opens."""
    from policy_gen_ros.deployment.wire.channel import Participant

    name = f'DDS domain {domain_id}'
    try:
        Participant(domain_id, interface).close()
    except WireError as error:
        return Finding(name, FAIL, str(error), 'give --interface and --domain-id of the wire')
    return Finding(name, OK, f'opens on {interface}')


@dataclass(frozen=True)
class RobotReport:
    """
    What a robot sent in a second.

    :param rate_hz: of sound LowStates, by when they arrived
    :param stands_still: the same filled tick came again and again
    :param empty: fields that were empty in all states
    """

    state: LowState
    rate_hz: float
    stands_still: bool
    empty: frozenset[str]
    damaged: int
    others: int


def check_robot(interface: str, domain_id: int, timeout_s: float = 3.0) -> Finding:
    """Whether LowState comes, how often, what is in it, and whether others command the legs."""
    from policy_gen_ros.deployment.wire.link import RobotLink

    with RobotLink(domain_id, interface) as link:
        state = link.wait_state(timeout_s)
        damaged = link.dropped_frames
        if state is not None:
            return evaluate(_listen(link, state), simulated=interface == LOOPBACK)
    text = f'no LowState on domain {domain_id}, {interface}, in {timeout_s:g} s'
    if damaged:
        return Finding('robot', FAIL, f'{text}, but {damaged} damaged frames', 'check the cable')
    return _silent(text, interface, domain_id)


def _silent(text: str, interface: str, domain_id: int) -> Finding:
    from policy_gen_ros.deployment.wire.builtin_controller import BuiltinController
    from policy_gen_ros.deployment.wire.services import NoAnswerError

    builtin = BuiltinController(domain_id, interface)
    try:
        builtin.holds_legs()
    except NoAnswerError:
        return Finding('robot', FAIL, text, 'is the robot on, and the cable in the right port? '
                       f'{go2.NO_LOW_LEVEL}')
    except WireError:  # it has answered
        pass
    finally:
        builtin.close()
    return Finding('robot', FAIL, f'{text}, though its motion switcher answers',
                   f'most likely this is an Air or a Pro: {go2.NO_LOW_LEVEL}')


def _listen(link: RobotLink, first: LowState) -> RobotReport:
    started_s, before = time.monotonic(), link.states_seen
    last, empty = first, empty_fields(first)
    while (elapsed_s := time.monotonic() - started_s) < LISTEN_S:
        last = link.wait_state(LISTEN_S - elapsed_s) or last
        empty &= empty_fields(last)
    rate_hz = (link.states_seen - before) / elapsed_s
    return RobotReport(last, rate_hz, rate_hz > 0 and first.tick_ms == last.tick_ms != 0,
                       frozenset(empty), link.dropped_frames, link.other_writers())


def evaluate(heard: RobotReport, simulated: bool) -> Finding:
    """
    Say the worst of what is wrong; the line names the rest, too.

    :param simulated: may leave fields empty
    """
    battery_v = heard.state.battery_v
    unmonitored = sorted(heard.empty - {'remote'})
    parts = [f'{heard.rate_hz:.0f} LowState/s',
             f'battery {battery_v:.1f} V' if battery_v > NO_READING_V else 'battery not reported',
             _remote_in(heard.state)]
    if unmonitored:
        parts.append(f'empty: {", ".join(unmonitored)}')
    if heard.damaged:
        parts.append(f'{heard.damaged} damaged frames')
    if heard.others:
        parts.append(f'{heard.others} other process(es) can send LowCmd')
    text, low_v = ', '.join(parts), GuardLimits().battery_v + 1
    if heard.rate_hz < LEAST_HZ:
        return Finding('robot', FAIL, f'{text}: expected about {STATE_HZ:.0f} LowState/s, and at '
                       f'least {LEAST_HZ:.0f}', TOO_SLOW)
    if heard.stands_still:
        return Finding('robot', FAIL, f'{text}: the tick stands still at {heard.state.tick_ms} ms',
                       'the sender repeats one state; restart the robot')
    if heard.damaged:
        return Finding('robot', WARN, text, 'check the cable')
    if abs(heard.rate_hz / STATE_HZ - 1) > RATE_SLACK:
        return Finding('robot', WARN, f'{text}: expected about {STATE_HZ:.0f} LowState/s',
                       TOO_SLOW if heard.rate_hz < STATE_HZ else 'are there two robots or twins?')
    if heard.others:
        return Finding('robot', WARN, text,
                       'stop other controllers; the built-in one is released by stand')
    if NO_READING_V < battery_v < low_v:
        return Finding('robot', WARN, f'{text}: nearly the limit of {low_v - 1:g} V', 'charge it')
    if unmonitored and not simulated:
        return Finding('robot', WARN, text, 'what these would tell is not monitored: a robot '
                       'fills them in, simulators often do not')
    return Finding('robot', OK, text)


def _remote_in(state: LowState) -> str:
    try:
        return 'remote is there' if parse_remote(state.remote) else 'no remote'
    except WireError as error:
        return f'remote cannot be read ({error})'


def check_firmware(interface: str, domain_id: int) -> Finding:
    """Who holds the legs, by the motion switcher."""
    from policy_gen_ros.deployment.wire.builtin_controller import BuiltinController
    from policy_gen_ros.deployment.wire.services import NoAnswerError

    builtin = BuiltinController(domain_id, interface)
    try:
        mode = builtin.holds_legs()
    except NoAnswerError:
        return Finding('built-in controller', WARN, 'no motion switcher answers',
                       'older firmware: stand switches sport_mode off, and cannot see it return')
    finally:
        builtin.close()
    if mode:
        return Finding('built-in controller', OK, f'holds the legs (mode {mode}) until stand '
                       'releases it')
    return Finding('built-in controller', OK, 'has let go of the legs')
