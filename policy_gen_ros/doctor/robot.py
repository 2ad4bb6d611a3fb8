# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Checks of the wire and of what is on its other side. Nothing here moves a leg."""

from __future__ import annotations

from pathlib import Path
import socket
import struct

from policy_gen_ros.controller.guards import GuardLimits
from policy_gen_ros.controller.health import NO_READING_V
from policy_gen_ros.doctor.finding import FAIL, Finding, OK, WARN

ROBOT_NETWORK = '192.168.123.'
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
    from policy_gen_ros.wire.channel import Participant
    from policy_gen_ros.wire.errors import WireError

    name = f'DDS domain {domain_id}'
    try:
        Participant(domain_id, interface).close()
    except WireError as error:
        return Finding(name, FAIL, str(error), 'give --interface and --domain-id of the wire')
    return Finding(name, OK, f'opens on {interface}')


def check_robot(interface: str, domain_id: int, timeout_s: float = 3.0) -> Finding:
    """Whether LowState comes, and what it says of the battery and of other controllers."""
    from policy_gen_ros.wire.link import RobotLink

    with RobotLink(domain_id, interface) as link:
        state = link.wait_state(timeout_s)
        if state is None:
            return Finding('robot', FAIL, f'no LowState on domain {domain_id}, {interface}, in '
                           f'{timeout_s:g} s', 'is the robot on, and the cable in the right port?')
        before = link.states_seen
        last = state
        for _ in range(200):
            last = link.wait_state(0.1) or last
        count = link.states_seen - before
        seconds = (last.tick_ms - state.tick_ms) * 1e-3
        others, dropped = link.other_writers(), link.dropped_frames
    rate = count / seconds if seconds > 0 else 0.0
    text = f'{rate:.0f} LowState/s, battery {state.battery_v:.1f} V'
    if dropped:
        return Finding('robot', WARN, f'{text}; {dropped} damaged frames', 'check the cable')
    if others:
        return Finding('robot', WARN, f'{text}; {others} other process(es) can send LowCmd',
                       'stop other controllers; the built-in one is released by stand')
    least = GuardLimits().battery_v
    if NO_READING_V < state.battery_v < least + 1:
        return Finding('robot', WARN, f'{text}: nearly the limit of {least:g} V', 'charge it')
    return Finding('robot', OK, text)


def check_firmware(interface: str, domain_id: int) -> Finding:
    """Who holds the legs, by the motion switcher."""
    from policy_gen_ros.wire.builtin_controller import BuiltinController
    from policy_gen_ros.wire.services import NoAnswerError

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
