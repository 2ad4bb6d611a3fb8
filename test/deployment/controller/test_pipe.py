# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Messages between two ends of a pipe: whole, in order, and never waited for."""

from __future__ import annotations

from collections.abc import Iterator
import os

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.deployment.controller.pipe import Pipe, PipeClosedError
import pytest


@pytest.fixture
def ends() -> Iterator[tuple[Pipe, Pipe]]:
    here, there = Pipe.pair()
    other = Pipe.inherited(there.detach())
    yield here, other
    here.close()
    other.close()


@settings(deadline=None)
@given(st.lists(st.binary(max_size=100) | st.integers(30_000, 300_000), max_size=8))
def test_messages_of_any_size_come_whole_and_in_order(parts: list) -> None:
    here, there = Pipe.pair()
    other = Pipe.inherited(there.detach())
    sent = [os.urandom(part) if isinstance(part, int) else part for part in parts]
    for message in sent:
        here.send(message)
        assert other.receive() == message
    here.close()
    other.close()


def test_an_end_without_messages_does_not_wait(ends: tuple[Pipe, Pipe]) -> None:
    here, other = ends
    assert other.poll() is None
    here.send({'weights': np.arange(50_000, dtype=np.float32)})
    np.testing.assert_array_equal(other.poll()['weights'], np.arange(50_000))
    assert other.poll() is None


def test_a_reader_that_is_behind_costs_messages_but_no_time(ends: tuple[Pipe, Pipe]) -> None:
    here, other = ends
    offered = [here.offer(number) for number in range(100_000)]
    assert offered[0] and not offered[-1]
    for number in range(offered.index(False)):
        assert other.poll() == number


def test_large_messages_leave_no_descriptor_open(ends: tuple[Pipe, Pipe]) -> None:
    here, other = ends

    def descriptors() -> int:
        return len(os.listdir('/proc/self/fd'))

    before = descriptors()
    for _ in range(20):
        here.send(bytes(200_000))
        other.receive()
    assert descriptors() == before


def test_the_end_of_the_other_process_is_noticed(ends: tuple[Pipe, Pipe]) -> None:
    here, other = ends
    here.shut_down()
    for read in (other.poll, other.receive):
        with pytest.raises(PipeClosedError):
            read()
    with pytest.raises(PipeClosedError):
        other.send('anybody there?')
