# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Node ``policy_generator``: goals in, actor weights out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
import os
from pathlib import Path
from queue import SimpleQueue
import sys
import time
from typing import Any

from nav_msgs.msg import Odometry
from policy_gen_ros.deployment.plan import Part, plan, rest_plan, step_seconds
from policy_gen_ros.deployment.recording.joint_names import JointMap
from policy_gen_ros.deployment.recording.live import Recording
from policy_gen_ros.deployment.rehearsal.rehearse import (
    GATE,
    MODES,
    OFF,
    RehearsalConfig,
    rehearse,
)
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.calm import calm_actor
from policy_gen_ros.domains.go2.shipped import ADAPTOR_FILE
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.generation.engine import BACKENDS
from policy_gen_ros.generation.generator import MAX_GUIDANCE, PolicyGenerator
from policy_gen_ros.generation.goal_validation import UNKNOWN_GOALS
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import Intent
from policy_gen_ros.goals.sequence import parse_sequence, USUAL_STEP_S
from policy_gen_ros.goals.steps import MAX_STEP_S, MIN_STEP_S, Sequence
from policy_gen_ros.policies.signature import load_key, sign
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.ros import messages, qos
from policy_gen_ros.ros.controller_requests import ControllerRequests
from policy_gen_ros.ros.diagnostics import DiagnosticsPublisher, ERROR, log, OK, WARN
from policy_gen_ros.ros.playback import Playback
from policy_gen_ros.ros.process import finished, one_line, ProcessNode, run_node
from policy_gen_ros.ros.worker import Dropped, is_working, Worker
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
    the newest actor stays the newest actor, and a sequence of goals goes on. The actors of a
    sequence are all made before the first of them is published.

    What a text asks for is decided as it arrives. Actors are made in a thread of their own, but
    rest needs none: it is acted on at once, and what is being made or played then is given up.

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
        declare('unknown_goals', 'refuse', 'what to do with goals that the bundle does not cover '
                'or that contradict themselves', options=UNKNOWN_GOALS)
        declare('signing_key', '', 'private key (policy_gen sign --new) that actors are signed '
                'with; empty: none')
        declare('joint_map', '', 'names in joint_states for those of a Go2: THEIRS=OURS,...; '
                'empty: their own names, or such as end in them')
        declare('rehearse', OFF, 'try actors in perturbed twins first; gate: publish the actor if '
                'it qualifies, best_of_k: the best of several that does; else refuse',
                options=MODES)
        declare('candidates', RehearsalConfig.candidates, 'how many best_of_k tries', (1, 256),
                live=True)
        declare('step_s', USUAL_STEP_S, 'seconds of those steps of a sequence that do not say how '
                'long they last', (MIN_STEP_S, MAX_STEP_S), live=True)
        declare('steps', 0, "sampling steps; 0: the bundle's own", (0, 1000), live=True)
        declare('guidance', _BUNDLE_DEFAULT, "strength of guidance; -1: the bundle's own",
                (_BUNDLE_DEFAULT, MAX_GUIDANCE), live=True)
        declare('niceness', 10, 'of the thread that generates and rehearses, 19 the lowest: the '
                'controller on this computer comes first', (0, 19))
        declare('seed', 0, 'the same goal and seed give the same weights', (0, 2**31 - 1),
                live=True)

    def configure(self, stack: ExitStack) -> None:
        """Load the bundle and connect."""
        parameters = self.parameters
        self._generator = PolicyGenerator.load(
            parameters['bundle'] or None, parameters['device'], parameters['backend'],
            parameters['unknown_goals'], 'go2')
        # Only what walks in twins needs it, and a bundle may come without.
        self._adaptor = None if parameters['rehearse'] == OFF else Adaptor.load(
            bundle_path(parameters['bundle'] or None) / ADAPTOR_FILE)
        key = parameters['signing_key']
        self._key = load_key(Path(key)) if key else None
        # The first goal would otherwise pay for lazy initialisation of the libraries.
        self._generator.generate(Goal(text=WARM_UP_GOAL), **self._options())
        # Made beforehand, so that a stop waits for nothing.
        self._calm = calm_actor(self._generator, bundle_path(parameters['bundle'] or None))
        self._rest = rest_plan(self._calm)
        self._standing = False
        self._walking: ActorWeights | None = None
        self._recording = Recording(JointMap.parse(parameters['joint_map']))
        self._heard = self._made = self._refused = 0
        self._last_refusal = ''
        self._last: dict[str, object] = {}
        self._diagnostics = DiagnosticsPublisher(self, stack)
        self._actors = self.add_publisher(stack, UInt8MultiArray, 'actor_weights',
                                          qos.ACTOR_WEIGHTS)
        self._playback = Playback(self, self._publish)
        self._requests = ControllerRequests(self, stack, self._on_answer, self._on_silence)
        self._worker = Worker(self, stack, parameters['niceness'])
        self._generators = 1
        self._listen(stack)
        self.add_timer(stack, _DIAGNOSTICS_PERIOD_S, self._publish_status)

    def activate(self, stack: ExitStack) -> None:
        """Answer goals from now on."""
        stack.callback(self._playback.stop)
        stack.callback(self._worker.drop, 'the node was deactivated')
        self.get_logger().info(f'policy_generator ready: bundle {self._generator.bundle_name}, '
                               f'{self._generator.engine.runs_on}')

    def _options(self) -> dict[str, Any]:
        steps, guidance = self.parameters['steps'], self.parameters['guidance']
        return {'seed': self.parameters['seed'], 'steps': steps or None,
                'guidance': None if guidance < 0 else guidance}

    def _listen(self, stack: ExitStack) -> None:
        def goals(kind: type, topic: str, convert: Callable[[Any], Sequence]) -> None:
            def receive(message: Any) -> None:
                self._receive(topic, lambda: convert(message), lambda _: None)

            self.add_subscription(stack, kind, topic, receive, qos.GOALS)

        goals(String, 'behavior_goal',
              lambda message: parse_sequence(message.data, self.parameters['step_s'],
                                             self._generator.understand))
        goals(Float32MultiArray, 'behavior_measures',
              lambda message: Sequence.of(messages.goal_from_measures(message)))
        goals(Float32MultiArray, 'behavior_trajectory',
              lambda message: Sequence.of(messages.goal_from_trajectory(message)))
        self.add_subscription(stack, JointState, 'joint_states', self._on_joints, qos.STREAM_INPUT)
        self.add_subscription(stack, Imu, 'imu', self._on_imu, qos.STREAM_INPUT)
        self.add_subscription(stack, Odometry, 'odom', self._on_odometry, qos.STREAM_INPUT)
        self.add_service(stack, Trigger, '~/prompt_from_recording', self._on_prompt)

    def _receive(self, source: str, read: Callable[[], Sequence],
                 answer: Callable[[tuple[bool, str]], None]) -> None:
        """
        Act on a goal, or have its actors made.

        :param answer: gets whether it worked, and what to tell the caller, in the end
        """
        try:
            if not self.active:
                raise ValueError('policy_generator is not active: ros2 lifecycle set '
                                 '/policy_generator activate')
            sequence = read()
        except Exception as error:
            answer(self._fail(source, error))
            return
        self._heard += 1
        self._last['understood'] = '; '.join(
            self._generator.read(step.goal.text).describe() for step in sequence.steps
            if step.goal and step.goal.text)
        sequence = self._with_what_walks(sequence)
        first, *later = sequence.steps
        self._last['intent'] = '; '.join(
            (step.intent or step.rest).value for step in sequence.steps)
        for remark in sequence.remarks:
            self.get_logger().warning(remark)
        rest = later[0] if first.keeps else first
        if rest.goal is not None:
            self._work(source, sequence, self._playback.play, answer)
            return
        self._worker.drop(f'{rest.describe()!r} came')
        if first.keeps:  # needs no actor that would have to be made
            del later[0]
            self._playback.play(plan(Sequence((first, rest)), self._maker(), self._calm,
                                     self._walking))
        else:
            self._take_rest(rest.rest)
        if later:
            seconds = rest.seconds or self.parameters['step_s']
            self._work(source, Sequence(tuple(later)),
                       lambda parts: self._playback.extend(seconds, parts), answer)

    def _with_what_walks(self, sequence: Sequence) -> Sequence:
        """Return a sequence whose first step can be done: nothing may walk that it keeps."""
        if self._walking is None:
            return sequence.from_rest()
        try:
            if sequence.steps[0].keeps:
                step_seconds(sequence.steps[0], self._walking)
        except ValueError as error:  # a way that this walk does not go
            return sequence.from_rest(str(error))
        return sequence

    def _work(self, source: str, sequence: Sequence, play: Callable[[list[Part]], None],
              answer: Callable[[tuple[bool, str]], None]) -> None:
        start, make = time.perf_counter(), self._maker()

        def done(result: list[Part] | Exception) -> None:
            if isinstance(result, Exception):
                answer(self._fail(source, result))
                return
            self._last['milliseconds'] = milliseconds = (time.perf_counter() - start) * 1e3
            play(result)
            answer((True, f'{"; then ".join(step.describe() for step in sequence.steps)}: '
                    f'{len(result)} actors in {milliseconds:.0f} ms'))

        current = self._walking
        self._worker.submit(lambda: plan(sequence, make, self._calm, current), done)

    def _maker(self) -> Callable[[Goal], ActorWeights]:
        """Return what makes an actor with the parameters of this moment."""
        options = self._options()
        if self._adaptor is None:
            return lambda goal: self._generator.generate(goal, **options)
        adaptor, config = self._adaptor, RehearsalConfig(
            1 if self.parameters['rehearse'] == GATE else self.parameters['candidates'])
        return lambda goal: rehearse(self._generator, adaptor, goal, config, **options).actor

    def _take_rest(self, intent: Intent) -> None:
        """Stand, lie down or stop at once, in place of whatever is played."""
        self.get_logger().info(f'rest: {intent.value}')
        self._walking = None
        if intent is Intent.STAND:
            self._stand()
        else:
            self._playback.stop()
            self._requests.send(intent)

    def _stand(self) -> None:
        if self._playback.plays(self._rest):
            return  # a nervous "stop, stop!" must not begin the calming steps anew
        alone = self._generators == 1
        self._playback.play(self._rest[-1:] if self._standing and alone else self._rest)

    def _on_answer(self, success: bool, text: str) -> None:
        self._last['request'] = text
        self._say(OK if success else ERROR, text if success else f'refused: {text}')

    def _on_silence(self, text: str) -> None:
        self._last['request'] = text
        self._say(ERROR, f'{text}; the robot is made to stand instead')
        self._stand()

    def _publish(self, part: Part, number: int, count: int) -> None:
        """Publish one of the actors of a plan, or ask for a rest; ``number``-th of ``count``."""
        if part.actor is None:
            self._take_rest(part.intent)
            return
        actor, blob = part.actor, part.actor.to_bytes()
        if self._key:
            blob = sign(blob, self._key)
        self._actors.publish(messages.message_from_actor(blob))
        self._made += 1
        self._standing = actor.goal == Intent.STAND.value
        # Who calms down or stands does nothing that "faster" could be relative to.
        self._walking = actor if part.intent is Intent.WALK else None
        self._last |= {'goal': actor.goal, 'actor': actor.sha256,
                       'warnings': '; '.join(actor.warnings), 'part': f'{number}/{count}',
                       'published_s': ' '.join(f'{s:.2f}' for s in self._playback.published_s)}
        self.get_logger().info(f'{actor.goal}: actor {actor.sha256[:12]}, {number} of {count}')
        for warning in actor.warnings:
            self.get_logger().warning(f'actor {actor.sha256[:12]}: {warning}')
        self._publish_status()

    def _fail(self, source: str, error: Exception) -> tuple[bool, str]:
        """Say why a goal came to nothing."""
        if isinstance(error, Dropped):
            text = f'{source} dropped: {error}'
            self.get_logger().info(text)
            return False, text
        if isinstance(error, ValueError):
            return self._refuse(WARN, f'{source} refused: {one_line(error)}')
        # A library's fault must not end the node while the robot walks.
        return self._refuse(ERROR, f'{source} failed: {one_line(repr(error))}')

    def _refuse(self, level: bytes, text: str) -> tuple[bool, str]:
        self._refused += 1
        self._last_refusal = text
        self._say(level, text)
        return False, text

    def _say(self, level: bytes, text: str) -> None:
        log(self, level, text)
        self._diagnostics.publish(level, text, self._values())

    def _on_joints(self, message: JointState) -> None:
        try:
            self._recording.add_joints(message, time.monotonic())
        except ValueError as error:
            self.get_logger().warning(f'joint_states ignored: {error}',
                                      throttle_duration_sec=5.0)

    def _on_imu(self, message: Imu) -> None:
        try:
            self._recording.add_imu(message, time.monotonic())
        except ValueError as error:
            self.get_logger().warning(f'imu ignored: {error}', throttle_duration_sec=5.0)

    def _on_odometry(self, message: Odometry) -> None:
        if self._playback.on_a_way:  # seldom, and the odometry comes often
            self._playback.follow(messages.velocity_from_odometry(message))

    async def _on_prompt(self, _: Trigger.Request,
                         response: Trigger.Response) -> Trigger.Response:
        def read() -> Sequence:
            clip = self._recording.clip()
            return replace(Sequence.of(Goal(trajectory=clip.trajectory)),
                           remarks=tuple(clip.describe()[1:]))

        answer: SimpleQueue[tuple[bool, str]] = SimpleQueue()
        self._receive('prompt_from_recording', read, answer.put)
        response.success, response.message = await finished(answer.get)
        return response

    def _values(self) -> dict[str, object]:
        return {'bundle': self._generator.bundle_name, 'heard': self._heard, 'made': self._made,
                'refused': self._refused, 'last_refusal': self._last_refusal,
                'publishers': self._generators, **self._last}

    def _publish_status(self) -> None:
        publishers = self.count_publishers(self._actors.topic_name)
        others = (f'{publishers - 1} others publish on {self._actors.topic_name}: the robot walks '
                  'with whichever actor came last; end the other generators')
        if publishers > max(self._generators, 1):
            self.get_logger().warning(others)
        self._generators = publishers
        if publishers > 1:
            self._diagnostics.publish(WARN, others, self._values())
            return
        self._diagnostics.publish(OK, 'ready' if self.active else 'inactive', self._values())


def main() -> int:
    """Entry point of the executable ``policy_generator``."""
    code = run_node(PolicyGeneratorNode)
    if is_working():  # a rehearsal cannot be interrupted, and its libraries would wait for its end
        sys.stdout.flush()
        os._exit(code)
    return code


if __name__ == '__main__':
    sys.exit(main())
