"""Node ``policy_generator``: goals in, actor weights out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
import sys
import time
from typing import Any

from builtin_interfaces.msg import Time
from policy_gen_ros.actor.signature import load_key, sign
from policy_gen_ros.generator.engine import BACKENDS
from policy_gen_ros.generator.generator import PolicyGenerator
from policy_gen_ros.generator.screen import UNKNOWN_GOALS
from policy_gen_ros.goal.goal import Goal
from policy_gen_ros.nodes import messages, qos
from policy_gen_ros.nodes.diagnostics import DiagnosticsPublisher, ERROR, log, OK, WARN
from policy_gen_ros.nodes.process import ProcessNode, run_node
from policy_gen_ros.nodes.recording import Recording
from sensor_msgs.msg import Imu, JointState
from std_msgs.msg import Float32MultiArray, String, UInt8MultiArray
from std_srvs.srv import Trigger

WARM_UP_GOAL = 'trot forward'
_DIAGNOSTICS_PERIOD_S = 1.0
_BUNDLE_DEFAULT = -1.0


class PolicyGeneratorNode(ProcessNode):
    """
    Turns goals into actors.

    A goal that cannot be honoured changes nothing: one log line and a diagnostics status say why,
    and the newest actor stays the newest actor.

    Configured, it has loaded its bundle; active, it answers. A bundle or key that cannot be used
    makes configuring fail.
    """

    def __init__(self) -> None:
        super().__init__('policy_generator')
        declare = self.parameters.declare
        declare('bundle', '', 'folder of the trained bundle; empty: the shipped')
        declare('device', 'auto', 'where the generator runs',
                options=('auto', 'cpu', 'cuda', 'tensorrt'))
        declare('backend', 'torch', 'what runs the networks; onnx: ONNX Runtime', options=BACKENDS)
        declare('unknown_goals', 'warn', 'what to do with goals that the bundle does not cover or '
                'that contradict themselves', options=UNKNOWN_GOALS)
        declare('signing_key', '', 'private key (policy_gen sign --new) that actors are signed '
                'with; empty: none')
        declare('steps', 0, "sampling steps; 0: the bundle's own", (0, 1000), live=True)
        declare('guidance', _BUNDLE_DEFAULT, "strength of guidance; -1: the bundle's own",
                (_BUNDLE_DEFAULT, 20.0), live=True)
        declare('seed', 0, 'the same goal and seed give the same weights', (0, 2**31 - 1),
                live=True)

    def configure(self, stack: ExitStack) -> None:
        """Load the bundle and connect."""
        parameters = self.parameters
        self._generator = PolicyGenerator.load(
            parameters['bundle'] or None, parameters['device'], parameters['backend'],
            parameters['unknown_goals'])
        key = parameters['signing_key']
        self._key = load_key(Path(key)) if key else None
        # The first goal would otherwise pay for lazy initialisation of the libraries.
        self._generator.generate(Goal(text=WARM_UP_GOAL), **self._options())
        self._recording = Recording()
        self._made = self._refused = 0
        self._last_refusal = ''
        self._last: dict[str, object] = {}
        self._diagnostics = DiagnosticsPublisher(self, stack)
        self._actors = self.add_publisher(stack, UInt8MultiArray, 'actor_weights',
                                          qos.ACTOR_WEIGHTS)
        self._listen(stack)
        self.add_timer(stack, _DIAGNOSTICS_PERIOD_S, self._publish_status)

    def activate(self, stack: ExitStack) -> None:
        """Answer goals from now on."""
        self.get_logger().info(f'policy_generator ready: bundle {self._generator.bundle_name}, '
                               f'{self._generator.engine.runs_on}')

    def _options(self) -> dict[str, Any]:
        steps, guidance = self.parameters['steps'], self.parameters['guidance']
        return {'seed': self.parameters['seed'], 'steps': steps or None,
                'guidance': None if guidance < 0 else guidance}

    def _listen(self, stack: ExitStack) -> None:
        def goals(kind: type, topic: str, convert: Callable[[Any], Goal]) -> None:
            def receive(message: Any) -> None:
                self._serve(topic, lambda: convert(message))

            self.add_subscription(stack, kind, topic, receive, qos.GOALS)

        goals(String, 'behavior_goal', lambda message: messages.goal_from_text(message.data))
        goals(Float32MultiArray, 'behavior_measures', messages.goal_from_measures)
        goals(Float32MultiArray, 'behavior_trajectory', messages.goal_from_trajectory)
        self.add_subscription(stack, JointState, 'joint_states', self._on_joints, qos.STREAM_INPUT)
        self.add_subscription(stack, Imu, 'imu', self._on_imu, qos.STREAM_INPUT)
        self.add_service(stack, Trigger, '~/prompt_from_recording', self._on_prompt)

    def _serve(self, source: str, make_goal: Callable[[], Goal]) -> tuple[bool, str]:
        """Generate and publish; return whether it worked and what to tell the caller."""
        start = time.perf_counter()
        try:
            if not self.active:
                raise ValueError('policy_generator is not active: ros2 lifecycle set '
                                 '/policy_generator activate')
            goal = make_goal()
            actor = self._generator.generate(goal, **self._options())
            blob = actor.to_bytes()
            if self._key:
                blob = sign(blob, self._key)
        except ValueError as error:
            return self._refuse(WARN, f'{source} refused: {" ".join(str(error).split())}')
        except Exception as error:  # a library's fault must not end the node while the robot walks
            return self._refuse(ERROR, f'{source} failed: {" ".join(repr(error).split())}')
        milliseconds = (time.perf_counter() - start) * 1e3
        self._actors.publish(messages.message_from_actor(blob))
        self._made += 1
        self._last = {'goal': actor.goal, 'actor': actor.sha256, 'milliseconds': milliseconds,
                      'warnings': '; '.join(actor.warnings)}
        text = f'{goal.describe()}: actor {actor.sha256[:12]} in {milliseconds:.0f} ms'
        self.get_logger().info(text)
        for warning in actor.warnings:
            self.get_logger().warning(f'actor {actor.sha256[:12]}: {warning}')
        self._publish_status()
        return True, text

    def _refuse(self, level: bytes, text: str) -> tuple[bool, str]:
        self._refused += 1
        self._last_refusal = text
        log(self, level, text)
        self._diagnostics.publish(level, text, self._values())
        return False, text

    def _on_joints(self, message: JointState) -> None:
        try:
            self._recording.add_joints(_seconds(message.header.stamp), message.name,
                                       message.position, message.velocity)
        except ValueError as error:
            self.get_logger().warning(f'joint_states ignored: {error}',
                                      throttle_duration_sec=5.0)

    def _on_imu(self, message: Imu) -> None:
        q, w = message.orientation, message.angular_velocity
        try:
            if message.orientation_covariance[0] == -1.0:
                raise ValueError('it says that it has no orientation')
            self._recording.add_imu(_seconds(message.header.stamp), (q.w, q.x, q.y, q.z),
                                    (w.x, w.y, w.z))
        except ValueError as error:
            self.get_logger().warning(f'imu ignored: {error}', throttle_duration_sec=5.0)

    def _on_prompt(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        response.success, response.message = self._serve(
            'prompt_from_recording', lambda: Goal(trajectory=self._recording.trajectory()))
        return response

    def _values(self) -> dict[str, object]:
        return {'bundle': self._generator.bundle_name, 'made': self._made,
                'refused': self._refused, 'last_refusal': self._last_refusal, **self._last}

    def _publish_status(self) -> None:
        self._diagnostics.publish(OK, 'ready' if self.active else 'inactive', self._values())


def _seconds(stamp: Time) -> float:
    return stamp.sec + stamp.nanosec * 1e-9


def main() -> int:
    """Entry point of the executable ``policy_generator``."""
    return run_node(PolicyGeneratorNode)


if __name__ == '__main__':
    sys.exit(main())
