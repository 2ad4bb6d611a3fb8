# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What the operator wants: chords and their edges, sticks, and whether the remote is there."""

from __future__ import annotations

from itertools import permutations
import math
import struct

from hypothesis import given
from hypothesis import strategies as st
from policy_gen_ros.deployment.controller.remote import (
    NO_ORDERS,
    Orders,
    RemoteConfig,
    RemoteOperator,
    which_command,
)
from policy_gen_ros.deployment.wire.remote import (
    ALL_KEYS,
    build_remote,
    Key,
    NO_KEYS,
    NO_REMOTE,
    Remote,
)
import pytest

DT_S = 0.002
REST = build_remote(Remote())


class Hand:
    """Holds the remote, 500 LowStates a second."""

    def __init__(self, config: RemoteConfig | None = None) -> None:
        self.operator = RemoteOperator(config)
        self.now_s = 0.0
        self.orders = NO_ORDERS

    def send(self, raw: bytes, seconds: float = DT_S) -> list[str]:
        """Send these bytes for so long; every wish that followed."""
        return [order.wish for order in self._follow(raw, seconds) if order.wish]

    def lines(self, raw: bytes, seconds: float = DT_S) -> list[str]:
        """Send these bytes for so long; every line that followed."""
        return [order.text for order in self._follow(raw, seconds) if order.text]

    def _follow(self, raw: bytes, seconds: float) -> list[Orders]:
        followed = []
        for _ in range(max(1, round(seconds / DT_S))):
            self.now_s += DT_S
            self.orders = self.operator.follow(raw, self.now_s)
            followed.append(self.orders)
        return followed

    def press(self, *keys: Key, seconds: float = DT_S) -> list[str]:
        """Hold exactly these keys for so long."""
        down = NO_KEYS
        for key in keys:
            down |= key
        return self.send(build_remote(Remote(keys=down)), seconds)

    def push(self, **sticks: float) -> tuple[float, float, float] | None:
        """Push the sticks."""
        self.send(build_remote(Remote(**sticks)))
        return self.orders.command


@pytest.fixture
def hand() -> Hand:
    hand = Hand()
    assert hand.send(REST, 0.1) == []
    return hand


@pytest.mark.parametrize('keys', [*permutations((Key.L1, Key.X)), *permutations((Key.L2, Key.B))])
def test_a_stop_chord_damps_once_in_whatever_order_its_keys_come(hand: Hand, keys) -> None:
    assert hand.press(keys[0], seconds=0.02) == []
    assert not hand.operator.stop_held
    assert hand.press(*keys, seconds=1.0) == ['damp']
    assert hand.operator.stop_held
    # Neither on the way up does what is left of it mean anything.
    assert hand.press(keys[1], seconds=0.5) + hand.press(seconds=0.5) == []
    assert not hand.operator.stop_held
    assert hand.press(*keys) == ['damp']


@given(st.integers(0, 0xFFFF).map(Key))
def test_a_stop_chord_counts_whatever_else_is_pressed(more: Key) -> None:
    hand = Hand()
    hand.send(REST)
    assert hand.press(Key.L1, Key.X, more) == ['damp']


@pytest.mark.parametrize('before', [[], [NO_REMOTE], [REST]])
def test_a_stop_chord_held_from_the_first_frame_counts(before) -> None:
    hand = Hand()
    for raw in before:
        hand.send(raw, 1.0)
    assert hand.press(Key.L2, Key.B, seconds=1.0) == ['damp']


def test_a_second_stop_chord_counts_while_the_first_is_held(hand: Hand) -> None:
    assert hand.press(Key.L1, Key.X) == ['damp']
    assert hand.press(Key.L1, Key.X, Key.L2, Key.B, seconds=0.5) == ['damp']


def test_a_stop_chord_counts_with_sticks_that_are_nonsense_and_nothing_else_does() -> None:
    hand = Hand()
    hand.send(REST, 0.1)

    def broken(keys: Key) -> bytes:
        raw = bytearray(build_remote(Remote(ly=1.0, keys=keys)))
        struct.pack_into('<f', raw, 4, math.nan)
        return bytes(raw)

    lines = hand.lines(broken(NO_KEYS), 0.1)
    assert len(lines) == 1 and 'lx nan' in lines[0]
    assert hand.orders.command is None
    assert hand.send(broken(Key.START), 0.3) == []
    assert hand.send(broken(NO_KEYS)) == []
    assert hand.send(broken(Key.L1 | Key.X), 0.3) == ['damp']
    assert hand.operator.state == 'lost'


@pytest.mark.parametrize(('key', 'wish'), [
    (Key.START, 'stand'), (Key.A, 'stand'), (Key.B, 'lie_down')])
def test_a_key_alone_counts_once_when_held_and_when_tapped(hand: Hand, key: Key, wish) -> None:
    assert hand.press(key, seconds=1.0) == [wish]
    assert hand.press(seconds=0.1) == []
    assert hand.press(key, seconds=0.05) == []
    assert hand.press() == [wish]


@pytest.mark.parametrize('key', [key for key in Key if key not in (Key.START, Key.A, Key.B)])
def test_other_keys_mean_nothing(hand: Hand, key: Key) -> None:
    assert hand.press(key, seconds=0.5) + hand.press() == []


@pytest.mark.parametrize('other', [key for key in Key if key is not Key.A])
def test_a_key_with_another_is_not_alone(hand: Hand, other: Key) -> None:
    assert hand.press(other) + hand.press(other, Key.A, seconds=0.5) == []
    assert hand.press(Key.A, seconds=0.5) + hand.press() == []
    # Also if it comes first, and the other while one may still join.
    assert hand.press(Key.A, seconds=0.05) + hand.press(Key.A, other, seconds=0.5) == []
    assert hand.press() == []
    assert hand.press(Key.A, seconds=0.5) == ['stand']


def test_two_keys_that_mean_the_same_are_not_alone_together(hand: Hand) -> None:
    assert hand.press(Key.START, Key.A, seconds=0.5) + hand.press() == []


def test_a_key_that_was_held_when_the_remote_appeared_does_not_count() -> None:
    for before in (b'', NO_REMOTE):
        hand = Hand()
        if before:
            hand.send(before, 1.0)
        assert hand.press(Key.A, seconds=1.0) + hand.press() == []
        assert hand.press(Key.A, seconds=1.0) == ['stand']


def test_a_key_that_was_down_when_the_remote_got_lost_does_not_count(hand: Hand) -> None:
    assert hand.press(Key.A, seconds=0.05) + hand.send(NO_REMOTE, 1.0) == []
    assert hand.press(Key.A, seconds=1.0) == []


def test_a_gamepad_without_a_head_is_zero_at_rest_and_its_keys_count() -> None:
    # As Unitree's simulators fill the remote in; the first key alone may have been held before.
    def headless(keys: Key) -> bytes:
        return b'\0\0' + build_remote(Remote(keys=keys))[2:]

    hand = Hand()
    hand.send(NO_REMOTE, 1.0)
    assert hand.send(headless(Key.A), 0.5) + hand.send(NO_REMOTE, 0.2) == []
    assert hand.send(headless(Key.A), 0.05) + hand.send(NO_REMOTE, 0.2) == ['stand']
    assert hand.send(headless(Key.L1 | Key.X), 0.5) == ['damp']
    hand.send(NO_REMOTE, 0.2)
    assert hand.send(headless(Key.L1 | Key.X), 0.5) == ['damp']


@given(st.lists(st.tuples(st.sampled_from(
    [NO_KEYS, Key.A, Key.B, Key.START, Key.L1, Key.X, Key.L1 | Key.X, Key.L2 | Key.B, ALL_KEYS]),
    st.sampled_from([0.002, 0.05, 0.2])), max_size=12))
def test_whatever_the_fingers_do_no_wish_but_damp_follows_while_a_stop_chord_is_down(
        presses) -> None:
    hand = Hand()
    was_held = False
    for keys, seconds in presses:
        wishes = hand.press(keys, seconds=seconds)
        if hand.operator.stop_held:
            assert set(wishes) <= {'damp'}
            assert was_held or wishes == ['damp']
        was_held = hand.operator.stop_held


@pytest.mark.parametrize(('sticks', 'command'), [
    ({'ly': 1.0}, (1.0, 0, 0)), ({'ly': -1.0}, (-1.0, 0, 0)), ({'lx': 1.0}, (0, -0.4, 0)),
    ({'lx': -1.0}, (0, 0.4, 0)), ({'rx': 1.0}, (0, 0, -1.0)), ({'rx': -1.0}, (0, 0, 1.0)),
    ({'ly': 0.55}, (0.5, 0, 0)), ({'lx': -0.55, 'rx': 0.09}, (0, 0.2, 0)), ({'ry': 1.0}, None),
    ({'ly': 0.09, 'lx': -0.09, 'rx': 0.09}, None)])
def test_sticks_command_a_velocity(hand: Hand, sticks, command) -> None:
    sent = hand.push(**sticks)
    assert sent == (command and pytest.approx(command, abs=1e-6))


@given(st.floats(0, 0.9), st.floats(-1, 1, width=32))
def test_the_command_is_continuous_at_the_edge_of_the_dead_band(band: float, stick: float) -> None:
    hand = Hand(RemoteConfig(dead_band=band, vx_mps=1.5))
    vx = (hand.push(ly=stick) or (0.0,))[0]
    beyond = max(0.0, abs(stick) - band)
    # No jump anywhere: it grows from 0 with one slope, to the whole at the stop.
    assert vx == pytest.approx(math.copysign(1.5 * beyond / (1 - band), stick), abs=1e-6)


def test_sticks_at_rest_stop_the_robot_and_then_have_no_say(hand: Hand) -> None:
    assert hand.orders is NO_ORDERS
    hand.push(ly=1.0)
    hand.send(REST, 0.4)
    assert hand.orders.command == (0, 0, 0)
    hand.send(REST, 0.2)
    assert hand.orders is NO_ORDERS


def test_keys_do_not_change_what_the_sticks_say(hand: Hand) -> None:
    hand.send(build_remote(Remote(ly=1.0, keys=Key.A)), 0.2)
    assert hand.orders.command == (1.0, 0, 0)


def test_an_absent_remote_is_said_once() -> None:
    hand = Hand()
    assert hand.lines(NO_REMOTE, 2.0) == ['no remote: its bytes in LowState are zero']
    assert hand.operator.state == 'absent'
    assert hand.lines(REST, 1.0) == ['the remote is there']
    assert hand.operator.state == 'alive'


def test_a_remote_whose_bytes_become_zero_is_lost_and_found_again(hand: Hand) -> None:
    hand.push(ly=1.0)
    assert hand.lines(NO_REMOTE, 0.4) == []
    assert hand.operator.state == 'alive'
    assert hand.orders.command == (0, 0, 0)
    assert hand.lines(NO_REMOTE, 5.0) == ['the remote is lost']
    assert hand.operator.state == 'lost'
    assert hand.orders.command is None
    assert hand.lines(REST, 1.0) == ['the remote is there']


def test_a_remote_at_rest_stays_alive(hand: Hand) -> None:
    assert hand.lines(REST, 20.0) == []
    assert hand.operator.state == 'alive'


def test_walking_may_require_a_remote() -> None:
    hand = Hand(RemoteConfig(required=True))
    hand.send(NO_REMOTE, 1.0)
    assert str(hand.operator.trip()).startswith('remote absent: 0.998 s, limit 0.5')
    hand.send(REST)
    assert hand.operator.trip() is None
    hand.send(NO_REMOTE, 0.4)
    assert hand.operator.trip() is None
    hand.send(NO_REMOTE, 0.2)
    assert str(hand.operator.trip()) == 'remote lost: 0.6 s, limit 0.5 (remote.required)'
    hand.operator.config = RemoteConfig()
    assert hand.operator.trip() is None


def test_a_clock_that_goes_back_is_another_robots(hand: Hand) -> None:
    hand.push(ly=1.0)
    hand.now_s = -10.0
    hand.send(NO_REMOTE)
    assert hand.orders is NO_ORDERS
    assert hand.operator.state == 'absent'


def test_other_chords_count_from_the_next_tick_on(hand: Hand) -> None:
    assert hand.press(Key.R1, Key.R2, seconds=0.5) == []
    hand.operator.config = RemoteConfig(stop='R1 + R2', stand='L1+start', lie_down='')
    assert hand.press(Key.R1, Key.R2, seconds=0.5) == ['damp']
    assert hand.press() + hand.press(Key.B, seconds=0.5) + hand.press() == []
    assert hand.press(Key.L1, seconds=0.5) == []
    assert hand.press(Key.L1, Key.START, seconds=0.5) == ['stand']


def test_other_rules_do_not_press_a_held_key_again(hand: Hand) -> None:
    assert hand.press(Key.A, seconds=0.5) == ['stand']
    hand.operator.config = RemoteConfig(dead_band=0.2)
    assert hand.press(Key.A, seconds=0.5) == []


@pytest.mark.parametrize(('values', 'named'), [
    ({'stop': 'L1+Z'}, "remote.stop has an unknown key 'Z'"),
    ({'stop': ' '}, 'remote.stop names no chord'),
    ({'stand': 'strat'}, "unknown key 'strat'; did you mean 'START'"),
    ({'stand': 'B+L2'}, r'share L2\+B'), ({'lie_down': 'A'}, 'share A'),
    ({'priority': 'both'}, "remote.priority is 'both', expected one of: remote, cmd_vel"),
    ({'dead_band': 1.0}, 'remote.dead_band is 1.0, expected a number from 0 to 0.9'),
    ({'lost_s': math.nan}, 'remote.lost_s is nan'), ({'vx_mps': -1.0}, 'remote.vx_mps is -1.0')])
def test_rules_are_validated(values, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        RemoteConfig(**values)


@pytest.mark.parametrize(('priority', 'remote', 'cmd_vel', 'counts'), [
    ('remote', 'r', 'c', 'r'), ('remote', None, 'c', 'c'), ('remote', 'r', None, 'r'),
    ('cmd_vel', 'r', 'c', 'c'), ('cmd_vel', None, 'c', 'c'), ('cmd_vel', 'r', None, 'r'),
    ('remote', None, None, None), ('cmd_vel', None, None, None)])
def test_priority_decides_where_both_speak(priority, remote, cmd_vel, counts) -> None:
    assert which_command(priority, remote, cmd_vel) == counts
