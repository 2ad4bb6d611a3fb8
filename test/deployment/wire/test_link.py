# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The two ends of the wire over real DDS on loopback, and against Unitree's own channels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
import subprocess
import sys
import textwrap
import time

import numpy as np
from policy_gen_ros.commands.demo.observer import WireObserver
from policy_gen_ros.deployment.wire import link as link_module
from policy_gen_ros.deployment.wire import sdk
from policy_gen_ros.deployment.wire.channel import FrameWriter
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.frames import (
    build_low_command,
    build_low_state,
    build_sport_state,
    LowCommand,
    LowState,
    SportState,
)
from policy_gen_ros.deployment.wire.layout import LOW_CMD_LAYOUT
from policy_gen_ros.deployment.wire.link import (
    RemoteListener,
    RemotePublisher,
    RobotLink,
    TwinLink,
)
from policy_gen_ros.deployment.wire.remote import Key, Remote
from policy_gen_ros.domains.go2.robot import constants as go2
import pytest

COMMAND = LowCommand.hold(go2.DEFAULT_POSE_RAD, 20.0, 0.5)
STATE = LowState(
    tick_ms=2, quaternion=np.array([1.0, 0, 0, 0]), gyro=np.zeros(3),
    accelerometer=np.array([0, 0, 9.81]), joint_pos=go2.DEFAULT_POSE_RAD, joint_vel=np.zeros(12),
    joint_torque=np.zeros(12), motor_temperature_c=np.full(12, 30.0),
    foot_force=np.array([10, 20, 30, 40]), battery_v=29.0)

# Unitree's side, as its own example programs write it, but for one import: it repairs the SDK's
# wheel, and makes cyclonedds 11 announce types as the 0.10.2 does that the SDK asks for.
UNITREE_ROBOT = """
    import sys, time
    import policy_gen_ros.deployment.wire.sdk
    from unitree_sdk2py.core.channel import (
        ChannelFactoryInitialize, ChannelPublisher, ChannelSubscriber)
    from unitree_sdk2py.idl.default import unitree_go_msg_dds__LowState_
    from unitree_sdk2py.idl.unitree_go.msg.dds_ import LowCmd_, LowState_
    ChannelFactoryInitialize(int(sys.argv[1]), 'lo')
    states = ChannelPublisher('rt/lowstate', LowState_)
    states.Init()
    heard = []
    commands = ChannelSubscriber('rt/lowcmd', LowCmd_)
    commands.Init(heard.append, 10)
    state = unitree_go_msg_dds__LowState_()
    end = time.monotonic() + 10
    while time.monotonic() < end and len(heard) < 20:
        state.tick += 2
        state.motor_state[0].q = 0.25
        states.Write(state)
        time.sleep(0.002)
    first = heard[0]
    print(len(heard), first.head[0], first.motor_cmd[3].q, first.motor_cmd[4].kp, first.crc)
"""
UNITREE_CONTROLLER = """
    import sys, time
    import policy_gen_ros.deployment.wire.sdk
    from unitree_sdk2py.core.channel import (
        ChannelFactoryInitialize, ChannelPublisher, ChannelSubscriber)
    from unitree_sdk2py.idl.unitree_go.msg.dds_ import LowCmd_, LowState_
    ChannelFactoryInitialize(int(sys.argv[1]), 'lo')
    heard = []
    states = ChannelSubscriber('rt/lowstate', LowState_)
    states.Init(heard.append, 10)
    commands = ChannelPublisher('rt/lowcmd', LowCmd_)
    commands.Init()
    good = LowCmd_.deserialize(bytes.fromhex(sys.argv[2]))
    end = time.monotonic() + 10
    while time.monotonic() < end and len(heard) < 20:
        commands.Write(good)
        time.sleep(0.005)
    print(len(heard), heard[-1].motor_state[3].q, heard[-1].foot_force[0], heard[-1].crc)
"""

UNITREE_GAMEPAD = """
    import sys, time
    import policy_gen_ros.deployment.wire.sdk
    from unitree_sdk2py.core.channel import ChannelFactoryInitialize, ChannelPublisher
    from unitree_sdk2py.idl.unitree_go.msg.dds_ import WirelessController_
    ChannelFactoryInitialize(int(sys.argv[1]), 'lo')
    remotes = ChannelPublisher('rt/wirelesscontroller', WirelessController_)
    remotes.Init()
    end = time.monotonic() + 20
    while time.monotonic() < end:
        remotes.Write(WirelessController_(0.5, -0.25, 1.0, 0.0, 1 << 1 | 1 << 10))
        time.sleep(0.01)
"""


@pytest.fixture
def ends(domain_id: int) -> Iterator[tuple[RobotLink, TwinLink]]:
    with RobotLink(domain_id, 'lo') as robot, TwinLink(domain_id, 'lo') as twin:
        yield robot, twin


@pytest.fixture
def unitree() -> Iterator[Callable[..., subprocess.Popen]]:
    started = []

    def start(program: str, *arguments: str) -> subprocess.Popen:
        started.append(subprocess.Popen(
            [sys.executable, '-c', textwrap.dedent(program), *arguments],
            stdout=subprocess.PIPE, text=True))
        return started[-1]
    yield start
    for process in started:
        process.kill()
        process.communicate()


def eventually(check: Callable[[], bool], timeout_s: float = 5.0) -> bool:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.01)
    return False


def test_states_and_commands_arrive(ends) -> None:
    robot, twin = ends
    twin.publish_state(STATE)
    got = robot.wait_state(1.0)
    np.testing.assert_allclose(got.joint_pos, STATE.joint_pos, rtol=1e-6)
    np.testing.assert_array_equal(got.foot_force, STATE.foot_force)
    assert robot.wait_state(0.02) is None
    robot.send(COMMAND)
    np.testing.assert_allclose(twin.wait_command(1.0).q, COMMAND.q, rtol=1e-6)
    assert twin.take_command() is None
    assert robot.latest_sport() is None
    twin.publish_sport(SportState(20, np.ones(3), np.zeros(3), 0.1, STATE.quaternion, 0.3))
    assert eventually(lambda: robot.latest_sport() is not None)
    assert robot.latest_sport().tick_ms == 20


def test_the_newest_state_is_returned(ends) -> None:
    robot, twin = ends
    for tick_ms in range(2, 12, 2):
        twin.publish_state(replace(STATE, tick_ms=tick_ms))
    assert robot.wait_state(1.0).tick_ms == 10
    assert robot.states_seen == 5


def test_altered_frames_are_dropped_at_both_ends(ends) -> None:
    robot, twin = ends
    altered = bytearray(build_low_state(STATE))
    altered[100] ^= 1
    twin._states.write(bytes(altered))
    assert robot.wait_state(0.1) is None
    assert robot.dropped_frames == 1
    altered = bytearray(build_low_command(COMMAND))
    altered[100] ^= 1
    robot._commands.write(bytes(altered))
    unpowered = LOW_CMD_LAYOUT.edit(build_low_command(COMMAND))
    unpowered['first_mode'] = 0
    unpowered['crc'] = LOW_CMD_LAYOUT.crc(unpowered)
    assert twin.wait_command(0.1) is None
    robot._commands.write(unpowered.view('u1').tobytes())
    assert twin.wait_command(0.1) is None
    assert twin.rejected_frames == 2


def test_a_damaged_body_motion_is_dropped(ends) -> None:
    robot, twin = ends
    motion = SportState(20, np.ones(3), np.zeros(3), 0.1, STATE.quaternion, 0.3)
    twin.publish_sport(motion)
    assert eventually(lambda: robot.latest_sport() is not None)
    twin._sports.write(build_sport_state(motion) + bytes(4))
    assert eventually(lambda: robot.latest_sport() is not None and robot.dropped_frames == 1)
    assert robot.latest_sport().tick_ms == 20


def test_the_observer_goes_on_after_damaged_frames(domain_id: int) -> None:
    with closing(WireObserver(domain_id, 'lo')) as observer, TwinLink(domain_id, 'lo') as twin:
        def time_is(tick_ms: int) -> bool:
            twin.publish_state(replace(STATE, tick_ms=tick_ms))
            return observer.time_s == tick_ms * 1e-3

        assert eventually(lambda: time_is(2))
        motion = SportState(2, np.ones(3), np.zeros(3), 0.1, STATE.quaternion, 0.3)
        twin._sports.write(build_sport_state(motion) + bytes(4))
        twin._states.write(build_low_state(STATE) + bytes(4))
        time.sleep(0.05)
        assert eventually(lambda: time_is(4))


def test_a_command_the_robot_would_reject_is_not_sent(ends) -> None:
    robot, twin = ends
    with pytest.raises(WireError, match='not finite'):
        robot.send(replace(COMMAND, tau=np.full(12, np.nan)))
    assert twin.wait_command(0.05) is None


def test_other_writers_are_counted(ends) -> None:
    robot, twin = ends
    assert robot.other_writers() == 0
    assert twin.other_robots() == 0
    with RobotLink(robot.domain_id, 'lo') as second:
        assert eventually(lambda: robot.other_writers() == 1 and second.other_writers() == 1)
    assert eventually(lambda: robot.other_writers() == 0)
    with TwinLink(robot.domain_id, 'lo'):
        assert eventually(lambda: twin.other_robots() == 1)


def test_an_unanswered_state_comes_again_and_a_lost_answer_is_sent_again(
        ends, monkeypatch: pytest.MonkeyPatch) -> None:
    robot, twin = ends
    monkeypatch.setattr(link_module, 'RESEND_AFTER_S', 0.05)
    twin.publish_state(STATE)
    assert robot.wait_state(1.0) is not None
    twin.publish_state(STATE)
    assert robot.wait_state(1.0) is not None, 'the caller has not answered: it sees it again'
    robot.send(COMMAND)
    assert twin.wait_command(1.0) is not None
    twin.publish_state(STATE)
    assert robot.wait_state(0.02) is None, 'answered just now: neither seen nor sent again'
    assert twin.take_command() is None
    time.sleep(0.06)
    twin.publish_state(STATE)
    assert robot.wait_state(0.02) is None
    assert twin.wait_command(1.0) is not None
    twin.publish_state(replace(STATE, tick_ms=22))
    assert robot.wait_state(1.0).tick_ms == 22


def test_unitrees_channels_play_the_robot(domain_id: int, unitree) -> None:
    process = unitree(UNITREE_ROBOT, str(domain_id))
    with RobotLink(domain_id, 'lo') as robot:
        state = robot.wait_state(8.0)
        assert state.joint_pos[go2.JOINT_NAMES.index('FR_hip_joint')] == 0.25
        while process.poll() is None:
            assert robot.wait_state(1.0) is not None or process.poll() is not None
            robot.send(COMMAND)
            time.sleep(0.005)
        count, head, q, kp, crc = process.stdout.read().split()
    assert int(count) >= 20
    assert int(head) == 0xFE
    assert float(q) == pytest.approx(COMMAND.q[go2.JOINT_NAMES.index('FL_hip_joint')])
    assert float(kp) == 20.0
    record = LOW_CMD_LAYOUT.view(build_low_command(COMMAND))
    assert int(crc) == LOW_CMD_LAYOUT.crc(record)


def test_unitrees_channels_play_the_controller(domain_id: int, unitree) -> None:
    process = unitree(UNITREE_CONTROLLER, str(domain_id), build_low_command(COMMAND).hex())
    with TwinLink(domain_id, 'lo') as twin:
        command = twin.wait_command(8.0)
        np.testing.assert_allclose(command.q, COMMAND.q, rtol=1e-6)
        while process.poll() is None:
            twin.publish_state(STATE)
            time.sleep(0.002)
        count, q, force, crc = process.stdout.read().split()
    assert int(count) >= 20
    assert int(crc) != 0
    assert float(q) == pytest.approx(STATE.joint_pos[go2.JOINT_NAMES.index('FL_hip_joint')])
    assert int(force) == STATE.foot_force[go2.LEGS.index('FR')]


def test_a_link_opens_in_the_domain_of_the_sdks_own_channels(domain_id: int) -> None:
    program = f"""
        from policy_gen_ros.deployment.wire.link import RobotLink
        from unitree_sdk2py.core.channel import ChannelFactoryInitialize
        ChannelFactoryInitialize({domain_id}, 'lo')
        with RobotLink({domain_id}, 'lo') as link:
            print(link.other_writers())
    """
    result = subprocess.run([sys.executable, '-c', textwrap.dedent(program)], text=True,
                            capture_output=True, timeout=20, check=False)
    assert result.stdout.strip() == '0', result.stderr


def test_a_domain_opens_again_after_it_was_closed(domain_id: int) -> None:
    for _ in range(3):
        with RobotLink(domain_id, 'lo') as link:
            assert link.other_writers() == 0


def test_a_wrong_interface_or_domain_is_named(domain_id: int) -> None:
    with pytest.raises(WireError, match=r"'nosuch0' does not exist; this machine has .*lo"):
        RobotLink(domain_id, 'nosuch0')
    with pytest.raises(WireError, match='domain 500 is outside 0 to 230'):
        TwinLink(500, 'lo')
    with RobotLink(domain_id, 'lo'), pytest.raises(WireError, match='already open on interface'):
        TwinLink(domain_id, None)


@pytest.mark.parametrize('missing', ['unitree_sdk2py', 'cyclonedds'])
def test_a_missing_sdk_is_one_clear_line(missing: str) -> None:
    program = f"""
        import sys
        sys.modules[{missing!r}] = None
        from policy_gen_ros.deployment.twin.process import main
        sys.exit(main([]))
    """
    result = subprocess.run([sys.executable, '-c', textwrap.dedent(program)], text=True,
                            capture_output=True, timeout=20, check=False)
    assert result.returncode == 1
    assert 'pip install' in result.stderr
    assert result.stderr.count('\n') == 1, result.stderr


def test_it_shares_a_process_with_ros(ros_domain_id: int, domain_id: int) -> None:
    pytest.importorskip('rclpy')
    program = f"""
        import numpy as np, rclpy
        from policy_gen_ros.deployment.wire.frames import LowCommand
        from policy_gen_ros.deployment.wire.link import RobotLink, TwinLink
        rclpy.init()
        node = rclpy.create_node('beside_the_wire')
        with RobotLink({domain_id}, 'lo') as robot, TwinLink({domain_id}, 'lo') as twin:
            robot.send(LowCommand.damping(2.0))
            rclpy.spin_once(node, timeout_sec=0.05)
            print(twin.wait_command(2.0).kd[0])
        node.destroy_node()
        rclpy.shutdown()
    """
    result = subprocess.run([sys.executable, '-c', textwrap.dedent(program)], text=True,
                            capture_output=True, timeout=30, check=False)
    assert result.stdout.strip() == '2.0', result.stderr


def test_the_writer_reports_its_readers(ends) -> None:
    robot, _ = ends
    assert isinstance(robot._commands, FrameWriter)
    assert eventually(lambda: robot._commands.readers() == 1)
    assert sdk.LowCmd_.__name__ == 'LowCmd_'


def test_the_remote_of_unitrees_simulator_is_heard(domain_id: int, unitree) -> None:
    unitree(UNITREE_GAMEPAD, str(domain_id))
    heard = []
    with RemoteListener(domain_id, 'lo') as listener:
        assert eventually(lambda: heard.append(listener.take()) or heard[-1] is not None, 15.0)
    assert heard[-1] == Remote(lx=0.5, ly=-0.25, rx=1.0, keys=Key.L1 | Key.X)
    assert listener.dropped_frames == 0


def test_a_remote_that_cannot_be_read_is_counted(domain_id: int) -> None:
    with RemoteListener(domain_id, 'lo') as listener, RemotePublisher(domain_id, 'lo') as operator:
        bad = bytearray(link_module.build_wireless_controller(Remote()))
        bad[4:8] = b'\xff' * 4
        operator._remotes.write(bytes(bad))
        assert eventually(lambda: listener.take() is None and listener.dropped_frames == 1)
        operator.publish(Remote(keys=Key.A))
        heard = []
        assert eventually(lambda: heard.append(listener.take()) or heard[-1] is not None)
    assert heard[-1] == Remote(keys=Key.A)
