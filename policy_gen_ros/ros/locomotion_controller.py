# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Node ``locomotion_controller``: actor weights in, a walking robot out."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import fields
from functools import partial
from pathlib import Path
import sys
import time
from typing import Any

from geometry_msgs.msg import Twist
import numpy as np
from policy_gen_ros.deployment.controller.client import ControlClient
from policy_gen_ros.deployment.controller.control_authority import ControlAuthority
from policy_gen_ros.deployment.controller.guards import GuardLimits
from policy_gen_ros.deployment.controller.modes import FAULT, REQUESTS
from policy_gen_ros.deployment.controller.remote import RemoteConfig
from policy_gen_ros.deployment.controller.report import Limits, Settings
from policy_gen_ros.deployment.controller.swap import check_actor, probe_observations, SwapWorker
from policy_gen_ros.deployment.controller.trial import TrialLimits
from policy_gen_ros.deployment.wire.builtin_controller import BuiltinController
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.shipped import ADAPTOR_FILE, CALM_FILE
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.policies.signature import parse_public
from policy_gen_ros.ros import messages, qos
from policy_gen_ros.ros.diagnostics import DiagnosticsPublisher, ERROR, log, OK, WARN
from policy_gen_ros.ros.middleware import avoid_shared_memory
from policy_gen_ros.ros.process import finished, one_line, ProcessNode, run_node
from policy_gen_ros.ros.robot_topics import RobotTopics
from std_msgs.msg import UInt8MultiArray
from std_srvs.srv import Trigger

_STATUS_PERIOD_S = 1.0
_EVENT_PERIOD_S = 0.02
_SILENCE_LOG_PERIOD_S = 5.0


class LocomotionControllerNode(ProcessNode):
    """
    Joins the control process to ROS topics and services.

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
        declare('realtime_priority', 0, "of the control process among Linux' real-time threads "
                '(SCHED_FIFO); 0: none', (0, 99))
        declare('trusted_keys', [''], 'public keys, one of which has to have signed an actor; '
                'empty: anybody may send actors')
        declare('blend_s', 0.2, 'seconds in which a new actor takes over', (0.0, 2.0), live=True)
        for group, usual in (('guard', GuardLimits()), ('trial', TrialLimits()),
                             ('remote', RemoteConfig())):
            for item in fields(usual):
                declare(f'{group}.{item.name}', getattr(usual, item.name),
                        item.metadata['meaning'], item.metadata['bounds'],
                        item.metadata.get('options'), live=True)

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
        self._refused = self._generators = 0
        self._last_refusal = ''
        self._diagnostics = DiagnosticsPublisher(self, stack)
        self._control = ControlClient(
            Settings(self._adaptor_path().absolute(), self._calm_path(), domain, interface or None,
                     parameters['clock'], alone=not release,
                     priority=parameters['realtime_priority'],
                     auto_activate=parameters['auto_activate']), self._limits())
        stack.callback(self._control.close)
        trusted = [parse_public(name) for name in parameters['trusted_keys'] if name]
        self._worker = SwapWorker(
            partial(check_actor, adaptor=adaptor, trusted=trusted,
                    probe=probe_observations(adaptor.latent_dim)),
            self._control.offer, self._on_refused)
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
        self._legs = ControlAuthority(self._control, builtin)
        stack.callback(self._legs.close)
        self._born_s = time.monotonic()
        self._control.start()
        # Unwound in reverse: damp, say so, and let go of the legs.
        stack.callback(self._on_events)
        stack.callback(self._control.stop)
        self.get_logger().info(
            f'locomotion_controller ready: {self._where}, {parameters["clock"]} clock')

    def validate_parameters(self, changed: dict[str, Any]) -> None:
        """Refuse chords of the remote that are none, or that mean two things."""
        if self.configured and any(name.startswith('remote.') for name in changed):
            RemoteConfig(**{name: changed.get(f'remote.{name}', value)
                            for name, value in self.parameters.group('remote').items()})

    def on_parameters(self) -> None:
        """Take over what has changed."""
        if self.configured:
            self._control.set_limits(self._limits())

    def failure(self) -> str | None:
        """Why the process cannot go on: the robot is silent, or the control process died."""
        if not self.active:
            return None
        if self._control.failure:
            return self._control.failure
        silent_s = self._silent_s()
        if 0 < self.parameters['exit_after_silence_s'] < silent_s:
            return self._silence(silent_s)
        return None

    def _silence(self, silent_s: float) -> str:
        text = f'no LowState on {self._where} for {silent_s:.1f} s; is the robot or twin on?'
        never_heard = np.isnan(self._control.state_age_s)
        on_robot = self.parameters['builtin_controller'] == 'release'
        return f'{text} {go2.NO_LOW_LEVEL}' if on_robot and never_heard else text

    def _adaptor_path(self) -> Path:
        path = self.parameters['adaptor_path']
        return Path(path) if path else bundle_path(self.parameters['bundle'] or None) \
            / ADAPTOR_FILE

    def _calm_path(self) -> Path | None:
        path = bundle_path(self.parameters['bundle'] or None) / CALM_FILE
        return path.absolute() if path.is_file() else None

    def _limits(self) -> Limits:
        return Limits(GuardLimits(**self.parameters.group('guard')),
                      TrialLimits(**self.parameters.group('trial')),
                      RemoteConfig(**self.parameters.group('remote')), self.parameters['blend_s'])

    def _listen(self, stack: ExitStack) -> None:
        self.add_subscription(stack, UInt8MultiArray, 'actor_weights', self._on_actor,
                              qos.ACTOR_WEIGHTS_INPUT)
        self.add_subscription(stack, Twist, 'cmd_vel', self._on_command, qos.COMMAND)
        for wish in REQUESTS:
            # Standing up answers when the robot stands; all else goes on meanwhile.
            answer = self._on_stand if wish == 'stand' else partial(self._on_request, wish)
            self.add_service(stack, Trigger, f'~/{wish}', answer)
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
        self._control.set_command(message.linear.x, message.linear.y, message.angular.z)

    async def _on_stand(self, request: Trigger.Request,
                        response: Trigger.Response) -> Trigger.Response:
        return await finished(lambda: self._on_request('stand', request, response))

    def _on_request(self, wish: str, _: Trigger.Request,
                    response: Trigger.Response) -> Trigger.Response:
        response.success, response.message = self._legs.request(wish) if self.active else (
            False, 'locomotion_controller is not active: ros2 lifecycle set it so first')
        if not response.success:
            self.get_logger().warning(f'{wish} refused: {response.message}')
        return response

    def _on_events(self) -> None:
        self._topics.publish(self._control.samples)
        levels = {'info': OK, 'warn': WARN, 'error': ERROR}
        while self._control.events:
            event = self._control.events.popleft()
            log(self, levels[event.level], event.message)
            self._diagnostics.publish(levels[event.level], event.message, self._values())

    def _publish_status(self) -> None:
        silent_s = self._silent_s()
        several = self._several_generators()
        if not self.active:
            level, text = OK, 'inactive'
        elif silent_s > _STATUS_PERIOD_S:
            level, text = ERROR, self._silence(silent_s)
            self.get_logger().warning(text, throttle_duration_sec=_SILENCE_LOG_PERIOD_S)
        elif self._control.mode == FAULT:
            level, text = ERROR, f'fault: {self._control.runtime.last_trip}'
        elif several:
            level, text = WARN, several
        else:
            level, text = OK, self._control.mode
        self._diagnostics.publish(level, text, self._values())

    def _several_generators(self) -> str:
        """Say, once in the log, that more than one publishes actors: the last one wins."""
        before, self._generators = self._generators, self.count_publishers('actor_weights')
        text = f'{self._generators} publishers of actor_weights: the actor that comes last walks'
        if self._generators > max(before, 1):
            self.get_logger().warning(text)
        return text if self._generators > 1 else ''

    def _silent_s(self) -> float:
        age = self._control.state_age_s
        return time.monotonic() - self._born_s if np.isnan(age) else age

    def _values(self) -> dict[str, object]:
        control, loop = self._control, self._control.loop
        errors_s = np.abs(control.period_errors_s) if control.period_errors_s else np.array(np.nan)
        runtime = vars(control.runtime) | {'unfilled': ', '.join(control.runtime.unfilled)}
        return {
            **runtime, 'connected': loop.connected,
            'refused': self._refused, 'last_refusal': self._last_refusal,
            'lowcmd_sent': loop.lowcmd_sent, 'missed_ticks': loop.missed_ticks,
            'period_error_p99_ms': float(np.percentile(errors_s, 99)) * 1e3,
            'control_cpu_s': loop.cpu_s, 'realtime_factor': loop.realtime_factor,
            'state_age_ms': control.state_age_s * 1e3, 'dropped_frames': control.dropped_frames,
            'other_writers': loop.other_writers, 'generators': self._generators}


def main() -> int:
    """Entry point of the executable ``locomotion_controller``."""
    avoid_shared_memory()
    return run_node(LocomotionControllerNode)


if __name__ == '__main__':
    sys.exit(main())
