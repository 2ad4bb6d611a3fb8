# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Node ``locomotion_controller``: actor weights in, a walking robot out."""

from __future__ import annotations

import policy_gen_ros.controller.one_blas_thread  # isort: skip  # noqa: F401 - before NumPy

from contextlib import ExitStack  # noqa: I100
from dataclasses import fields
from functools import partial
from pathlib import Path
import sys
import time

from geometry_msgs.msg import Twist
import numpy as np
from policy_gen_ros.actor.adaptor import Adaptor
from policy_gen_ros.actor.signature import parse_public
from policy_gen_ros.controller.guards import GuardLimits
from policy_gen_ros.controller.interpreter import yield_quickly
from policy_gen_ros.controller.leg_keeper import LegKeeper
from policy_gen_ros.controller.loop import ControlLoop
from policy_gen_ros.controller.runtime import FAULT, LocomotionRuntime
from policy_gen_ros.controller.swap import check_actor, probe_observations, SwapWorker
from policy_gen_ros.controller.trial import TrialLimits
from policy_gen_ros.generator.bundle import ADAPTOR_FILE, bundle_path
from policy_gen_ros.nodes import messages, qos
from policy_gen_ros.nodes.diagnostics import DiagnosticsPublisher, ERROR, log, OK, WARN
from policy_gen_ros.nodes.middleware import avoid_shared_memory
from policy_gen_ros.nodes.process import one_line, ProcessNode, run_node
from policy_gen_ros.nodes.robot_topics import RobotTopics
from policy_gen_ros.wire.builtin_controller import BuiltinController
from policy_gen_ros.wire.link import RobotLink
from std_msgs.msg import UInt8MultiArray
from std_srvs.srv import Trigger

_STATUS_PERIOD_S = 1.0
_EVENT_PERIOD_S = 0.02
_SILENCE_LOG_PERIOD_S = 5.0


class LocomotionControllerNode(ProcessNode):
    """
    Joins the runtime's control thread to ROS topics and services.

    Configured, it is on the wire and takes actors, but sends nothing; active, it commands the
    legs, at first without torque; on a robot not before its own controller has let go of them.
    Deactivated, it sends damping frames and falls silent.
    """

    def __init__(self) -> None:
        super().__init__('locomotion_controller')
        declare = self.parameters.declare
        declare('network_interface', 'lo',
                'network interface of the robot; lo for a twin on this machine')
        declare('domain_id', 1, "DDS domain of Unitree's wire: 0 on the robot, 1 for simulators",
                (0, 230))
        declare('clock', 'wall', 'wall: the robot, 500 Hz; tick: a twin, whose tick is the time',
                options=('wall', 'tick'))
        declare('exit_after_silence_s', 0.0, 'seconds without LowState after which the process '
                'ends with exit code 1; 0: wait for ever', (0.0, 3600.0), live=True)
        declare('bundle', '', 'folder of the trained bundle; empty: the shipped')
        declare('adaptor_path', '', 'adaptation module, safetensors or walk-these-ways '
                "TorchScript; empty: the bundle's")
        declare('auto_activate', False,
                'stand up and walk as soon as an actor arrives; for twins')
        declare('builtin_controller', 'none', 'release: on the robot, take the legs from its '
                'own controller before standing up, and damp if it takes them back; none: a '
                'twin has none (ignore: the same, its old name)',
                options=('none', 'release', 'ignore'))
        declare('realtime_priority', 0, "of the control thread among Linux' real-time threads "
                '(SCHED_FIFO); 0: none', (0, 99))
        declare('trusted_keys', [''], 'public keys, one of which has to have signed an actor; '
                'empty: anybody may send actors')
        declare('blend_s', 0.2, 'seconds in which a new actor takes over', (0.0, 2.0), live=True)
        for group, usual in (('guard', GuardLimits()), ('trial', TrialLimits())):
            for item in fields(usual):
                declare(f'{group}.{item.name}', getattr(usual, item.name),
                        item.metadata['meaning'], item.metadata['bounds'], live=True)

    def configure(self, stack: ExitStack) -> None:
        """Load the adaptor, join the wire, and listen."""
        parameters = self.parameters
        domain, interface = parameters['domain_id'], parameters['network_interface']
        release = parameters['builtin_controller'] == 'release'
        if release and parameters['auto_activate']:
            raise ValueError('auto_activate is for twins: with builtin_controller release, call '
                             'stand and activate')
        self._where = f'domain {domain} interface {interface}'
        adaptor = Adaptor.load(self._adaptor_path())
        self._runtime = LocomotionRuntime(
            adaptor, blend_s=parameters['blend_s'], auto_activate=parameters['auto_activate'])
        self._set_limits()
        self._refused = 0
        self._last_refusal = ''
        self._diagnostics = DiagnosticsPublisher(self, stack)
        self._link = RobotLink(domain, interface or None)
        stack.callback(self._link.close)
        self._loop = self._make_loop()
        trusted = [parse_public(name) for name in parameters['trusted_keys'] if name]
        self._worker = SwapWorker(
            partial(check_actor, adaptor=adaptor, probe=probe_observations(), trusted=trusted),
            self._runtime.slot, self._on_refused)
        stack.callback(self._worker.close)
        self._topics = RobotTopics(self, stack)
        self._born_s = time.monotonic()
        self._listen(stack)

    def activate(self, stack: ExitStack) -> None:
        """Begin to command the legs."""
        parameters = self.parameters
        release = parameters['builtin_controller'] == 'release'
        builtin = BuiltinController(parameters['domain_id'], parameters['network_interface'] or
                                    None) if release else None
        self._loop = self._make_loop()
        self._legs = LegKeeper(self._runtime, builtin, lambda: self._loop.status().rival_periods,
                               self._loop.let_go)
        stack.callback(self._legs.close)
        self._born_s = time.monotonic()
        self._loop.start()
        # Unwound in reverse: damp, say so, and let go of the legs.
        stack.callback(self._on_events)
        stack.callback(self._loop.stop)
        self.get_logger().info(
            f'locomotion_controller ready: {self._where}, {parameters["clock"]} clock')

    def on_parameters(self) -> None:
        """Take over what has changed."""
        if self.configured:
            self._set_limits()
            self._runtime.policy.blend_s = self.parameters['blend_s']

    def failure(self) -> str | None:
        """Why the process cannot go on: the robot is silent, or the control thread died."""
        if not self.active:
            return None
        if self._loop.failure:
            return self._loop.failure
        silent_s = self._silent_s()
        if 0 < self.parameters['exit_after_silence_s'] < silent_s:
            return f'no LowState on {self._where} for {silent_s:.1f} s; is the robot or twin on?'
        return None

    def _adaptor_path(self) -> Path:
        path = self.parameters['adaptor_path']
        return Path(path) if path else bundle_path(self.parameters['bundle'] or None) \
            / ADAPTOR_FILE

    def _make_loop(self) -> ControlLoop:
        return ControlLoop(self._runtime, self._link, self.parameters['clock'], self._where,
                           alone=self.parameters['builtin_controller'] != 'release',
                           priority=self.parameters['realtime_priority'])

    def _set_limits(self) -> None:
        self._runtime.set_limits(GuardLimits(**self.parameters.group('guard')),
                                 TrialLimits(**self.parameters.group('trial')))

    def _listen(self, stack: ExitStack) -> None:
        self.add_subscription(stack, UInt8MultiArray, 'actor_weights', self._on_actor,
                              qos.ACTOR_WEIGHTS_INPUT)
        self.add_subscription(stack, Twist, 'cmd_vel', self._on_command, qos.COMMAND)
        for wish in ('stand', 'damp', 'activate'):
            self.add_service(stack, Trigger, f'~/{wish}', partial(self._on_request, wish))
        self.add_timer(stack, _EVENT_PERIOD_S, self._on_events)
        self.add_timer(stack, _STATUS_PERIOD_S, self._publish_status)

    def _on_actor(self, message: UInt8MultiArray) -> None:
        try:
            self._worker.submit(messages.actor_from_message(message))
        except ValueError as error:
            self._on_refused(str(error))

    def _on_refused(self, reason: str) -> None:
        # Called from the checking thread too; logging and publishing may be done from any.
        self._refused += 1
        self._last_refusal = f'actor refused: {one_line(reason)}'
        self.get_logger().warning(self._last_refusal)
        self._diagnostics.publish(WARN, self._last_refusal, self._values())

    def _on_command(self, message: Twist) -> None:
        self._runtime.set_command(
            np.array([message.linear.x, message.linear.y, message.angular.z]))

    def _on_request(self, wish: str, _: Trigger.Request,
                    response: Trigger.Response) -> Trigger.Response:
        response.success, response.message = self._legs.request(wish) if self.active else (
            False, 'locomotion_controller is not active: ros2 lifecycle set it so first')
        if not response.success:
            self.get_logger().warning(f'{wish} refused: {response.message}')
        return response

    def _on_events(self) -> None:
        self._topics.publish(self._loop.samples)
        levels = {'info': OK, 'warn': WARN, 'error': ERROR}
        while self._runtime.events:
            event = self._runtime.events.popleft()
            log(self, levels[event.level], event.message)
            self._diagnostics.publish(levels[event.level], event.message, self._values())

    def _publish_status(self) -> None:
        silent_s = self._silent_s()
        if not self.active:
            self._diagnostics.publish(OK, 'inactive', self._values())
        elif silent_s > _STATUS_PERIOD_S:
            text = f'no LowState on {self._where} for {silent_s:.1f} s; is the robot or twin on?'
            self.get_logger().warning(text, throttle_duration_sec=_SILENCE_LOG_PERIOD_S)
            self._diagnostics.publish(ERROR, text, self._values())
        elif self._runtime.mode == FAULT:
            self._diagnostics.publish(ERROR, f'fault: {self._runtime.last_trip}', self._values())
        else:
            self._diagnostics.publish(OK, self._runtime.mode, self._values())

    def _silent_s(self) -> float:
        age = self._loop.status().state_age_s
        return time.monotonic() - self._born_s if np.isnan(age) else age

    def _values(self) -> dict[str, object]:
        runtime, loop, actor = self._runtime, self._loop.status(), self._runtime.actor
        return {
            'mode': runtime.mode, 'connected': loop.connected,
            'actor': actor.sha256 if actor else '', 'goal': actor.goal if actor else '',
            'bundle': actor.bundle if actor else '', 'swaps': runtime.swaps,
            'swap_ms': runtime.swap_ms, 'rolled_back': runtime.rolled_back,
            'refused': self._refused, 'last_refusal': self._last_refusal,
            'guard_trips': runtime.guard_trips,
            'last_trip': str(runtime.last_trip or ''), 'policy_ticks': runtime.policy_ticks,
            'missed_policy_ticks': runtime.missed_policy_ticks,
            'lowcmd_sent': loop.lowcmd_sent, 'missed_ticks': loop.missed_ticks,
            'realtime_factor': loop.realtime_factor,
            'state_age_ms': loop.state_age_s * 1e3, 'dropped_frames': self._link.dropped_frames,
            'other_writers': loop.other_writers}


def main() -> int:
    """Entry point of the executable ``locomotion_controller``."""
    avoid_shared_memory()
    yield_quickly()
    return run_node(LocomotionControllerNode)


if __name__ == '__main__':
    sys.exit(main())
