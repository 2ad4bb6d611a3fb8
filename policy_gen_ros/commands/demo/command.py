# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen demo``: three processes on DDS, goals in English, a twin that walks to them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, ExitStack
from dataclasses import dataclass
import math
import os
from pathlib import Path
import signal
import sys
import tempfile
from textwrap import indent
import threading
from typing import Any, TextIO, TYPE_CHECKING

from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json
from policy_gen_ros.domains import DEFAULT
from policy_gen_ros.domains.go2.gait.captions import family_in_text
from policy_gen_ros.domains.go2.gait.measures import family_of
from policy_gen_ros.domains.go2.twin.conditions import GROUNDS
from policy_gen_ros.generation.bundle import bundle_path, read_info
from policy_gen_ros.goals.language.intents import Intent
from policy_gen_ros.goals.sequence import parse_sequence
from policy_gen_ros.goals.steps import Step
from policy_gen_ros.utils.progress import line, note, progress

if TYPE_CHECKING:  # the demo's parts need ROS and the SDK, which --help does without
    from policy_gen_ros.commands.demo.children import Child
    from policy_gen_ros.commands.demo.live import LiveView
    from policy_gen_ros.commands.demo.observer import WireObserver
    from policy_gen_ros.ros.director import Director

# The bound comes last: of the rare falls at swaps most happen on leaving it (`policy_gen bench`).
DEFAULT_GOALS = ('trot forward at a medium speed', 'walk forward slowly',
                 'pace forward with quick steps', 'pronk on the spot', 'bound forward')
DEFAULT_SECONDS = 8.0
MIN_SECONDS, MAX_SECONDS = 2.0, 600.0
SETTLE_S = 2.0
"""Start of each goal that is not measured, at most half of its time."""
_START_TIMEOUT_S = 120.0
_STAND_TIMEOUT_S = 60.0
_SLOWEST_FACTOR = 0.05
_INTERFACE = 'lo'
_TWIN_RECORDING = 'twin.npz'
RECORD_FORMATS = ('mcap', 'sqlite3')
_SHOWN = (('frequency_hz', 'Hz'), ('vx_mps', 'm/s vx'), ('vy_mps', 'm/s vy'),
          ('yaw_rate_rps', 'rad/s yaw'), ('body_height_m', 'm high'))


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the subcommand's options."""
    about = __doc__.split(': ', 1)[1]
    parser = subparsers.add_parser('demo', help=about, description=about)
    parser.add_argument('--goal', action='append', metavar='TEXT', dest='goals',
                        help='a goal in English, or several: "trot for 5 s, then stand"; may be '
                        'given several times (default: ' + '; '.join(DEFAULT_GOALS) + ')')
    parser.add_argument('--goals', type=Path, metavar='FILE.yaml', dest='file',
                        help='timed goals: a YAML list of {text: ..., seconds: ...}, '
                        '{measures: {...}, seconds: ...}, stand')
    parser.add_argument('--seconds', type=float, default=DEFAULT_SECONDS, metavar='S',
                        help=f'robot time walked for each goal (default {DEFAULT_SECONDS:g})')
    parser.add_argument('--video', type=Path, metavar='PATH', help='write an MP4 there')
    parser.add_argument('--record', type=Path, metavar='DIR',
                        help='record the ROS topics there (rosbag2), for Foxglove and for '
                        'generate --bag')
    parser.add_argument('--record-format', choices=RECORD_FORMATS, default=RECORD_FORMATS[0],
                        help=f'of the recording (default {RECORD_FORMATS[0]})')
    parser.add_argument('--rerun', nargs='?', const='', metavar='PATH',
                        help='show the robot live in the Rerun viewer, or write its recording to '
                        'PATH.rrd (needs rerun-sdk)')
    parser.add_argument('--perturb', metavar='NAME', choices=tuple(GROUNDS), help='what the '
                        'twin is and meets: a condition such as "slope 10 deg" or "push 1 m/s", '
                        'or "randomised", the widest (docs/robustness.md)')
    parser.add_argument('--bundle', type=Path, metavar='PATH',
                        help='trained bundle (default: the shipped one)')
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Run the demo. Exit code 0 when the robot stayed on its feet, else 1."""
    if not MIN_SECONDS <= args.seconds <= MAX_SECONDS:
        raise ValueError(f'--seconds is {args.seconds:g}, expected '
                         f'{MIN_SECONDS:g} to {MAX_SECONDS:g}')
    read_info(bundle_path(args.bundle), DEFAULT)  # before anything is started
    steps = _steps(args)
    if args.video and not args.video.absolute().parent.is_dir():
        raise ValueError(f'--video: folder {args.video.absolute().parent} does not exist: '
                         'create it first')
    if args.video and args.video.suffix != '.mp4':
        raise ValueError(f'--video: {args.video} has to end in .mp4')
    if args.record:
        _make_room(args.record)
    out = progress_stream(args.json)
    if args.video:
        from policy_gen_ros.commands.demo.video import find_backend, make_video
        backend = find_backend()
    with tempfile.TemporaryDirectory(prefix='policy_gen_demo_') as folder:
        result, captions = _walk(steps, args, Path(folder), out)
        write_json(result, args.json)
        if args.video:
            make_video(Path(folder) / _TWIN_RECORDING, args.video, captions, backend)
    return 1 if result['fell'] else 0


def _steps(args: argparse.Namespace) -> list[Step]:
    """
    All goals, one after the other, each for its time.

    :raises ValueError: one of them is malformed or ends the walk, or there is no such file
    """
    if args.file and not args.file.is_file():
        raise ValueError(f'--goals: no file at {args.file}')
    try:
        texts = [args.file.read_text(encoding='utf-8')] if args.file else []
    except UnicodeDecodeError as error:
        raise ValueError(f'--goals: {args.file} is no text: {error}') from error
    texts += args.goals or ([] if args.file else DEFAULT_GOALS)
    steps: list[Step] = []
    for text in texts:
        sequence = parse_sequence(text, args.seconds)
        if not any(step.goal for step in steps):
            sequence = sequence.from_rest()
        for remark in sequence.remarks:
            print(f'warning: {remark}', file=sys.stderr)
        steps += sequence.steps
    for step in steps:
        if step.intent in (Intent.LIE_DOWN, Intent.EMERGENCY):
            raise ValueError(f'{step.describe()!r}: the demo walks and stands; to try this, start '
                             'the nodes (docs/running.md) and publish it on behavior_goal')
    return steps


def _make_room(folder: Path) -> None:
    """
    See to it that a recording can be made in a new folder.

    :raises ValueError: something is there already, or the folder cannot be made
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.rmdir()  # the library makes it itself
    except OSError as error:
        raise ValueError(f'--record: {folder} has to be a new or empty folder: '
                         f'{error.strerror}') from error


@dataclass
class _DemoProcesses:
    """The processes of the demo, the two ears that follow them, and the Rerun stream if any."""

    director: Director
    observer: WireObserver
    view: LiveView | None


def _walk(steps: list[Step], args: argparse.Namespace, folder: Path,
          out: TextIO) -> tuple[dict, list[tuple[float, str]]]:
    """Start everything, send the goals one after the other, stop everything."""
    from policy_gen_ros.commands.demo.domains import free_domains

    ros_domain, robot_domain = free_domains(2)
    os.environ.pop('ROS_LOCALHOST_ONLY', None)  # it would override the discovery range
    os.environ.update(ROS_DOMAIN_ID=str(ros_domain), RMW_IMPLEMENTATION='rmw_fastrtps_cpp',
                      ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
    reports, captions, seconds = [], [], 0.0
    with _interrupted_where_it_waits() as check, ExitStack() as stack:
        view = _open_view(stack, args.rerun)
        note('starting generator, controller and twin ...', out)
        stage = _start(stack, args, folder, robot_domain, view, check)
        planned_s = sum(step.seconds or args.seconds for step in steps)
        bar = stack.enter_context(progress(total=round(planned_s), about='walking', unit='s'))
        for number, step in enumerate(steps, 1):
            line(f'[{number}/{len(steps)}] {step.describe()}', out)
            start_s = stage.observer.time_s
            report, walked_s = _pursue(stage, step, step.seconds or args.seconds, bar)
            reports.append(report)
            seconds += walked_s
            summary = _in_words(report)
            captions.append((start_s, f'{step.describe()}\n{summary}'))
            if view:
                view.say(stage.observer.time_s, summary)
            line(indent(f'goal to weights {report["goal_to_weights_ms"]:.0f} ms, swap '
                        f'{report["swap_ms"]:.0f} ms\n{summary}', ' ' * 6), out)
            if not report['survived']:
                break
    fell = not all(report['survived'] for report in reports)
    line(f'{"the robot fell" if fell else "never fell"}; {seconds:.1f} s walked', out)
    if args.record:
        note(f'recorded in {args.record}', out)
    return {'goals': reports, 'fell': fell, 'seconds': seconds}, captions


@contextmanager
def _interrupted_where_it_waits() -> Iterator[Callable[[], None]]:
    """
    Put SIGINT and SIGTERM off: raised between two lines, they would leave what just began behind.

    :return: called while waiting; raises KeyboardInterrupt where one of them has arrived
    """
    arrived = threading.Event()

    def check() -> None:
        if arrived.is_set():
            raise KeyboardInterrupt

    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: arrived.set())
    try:
        yield check
        check()
    finally:
        for ending in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ending, signal.default_int_handler)


def _open_view(stack: ExitStack, file: str | None) -> LiveView | None:
    if file is None:
        return None
    from policy_gen_ros.commands.demo.live import LiveView

    view = LiveView(file)
    stack.callback(view.close)
    return view


def _start(stack: ExitStack, args: argparse.Namespace, folder: Path, robot_domain: int,
           view: LiveView | None, check_interrupted: Callable[[], None]) -> _DemoProcesses:
    from policy_gen_ros.commands.demo.observer import WireObserver
    from policy_gen_ros.ros.director import Director

    children = _children(args, folder, robot_domain)
    for child in children:  # ended in reverse order: the controller damps while the twin listens
        stack.callback(child.stop)

    checks = [check_interrupted, *(child.check for child in children)]

    def monitor() -> None:
        for check in checks:
            check()

    observer = WireObserver(robot_domain, _INTERFACE, view.see if view else None)
    stack.callback(observer.close)
    director = Director(monitor)
    stack.callback(director.close)
    if args.record:
        from policy_gen_ros.ros.recorder import Recorder

        recorder = Recorder(args.record, args.record_format)
        stack.callback(recorder.close)  # first of all: a recording of the walk, not of its end
        checks.append(recorder.check)
    director.wait_until_up(_START_TIMEOUT_S)
    director.wait(lambda: observer.time_s >= 0, _START_TIMEOUT_S, "hearing the twin's state")
    return _DemoProcesses(director, observer, view)


def _children(args: argparse.Namespace, folder: Path, robot_domain: int) -> list[Child]:
    from policy_gen_ros.commands.demo.children import Child

    bundle = ['-p', f'bundle:={args.bundle.absolute()}'] if args.bundle else []
    wire = ['--domain-id', str(robot_domain), '--interface', _INTERFACE]
    record = ['--record', str(folder / _TWIN_RECORDING)] if args.video else []
    ground = ['--perturb', args.perturb] if args.perturb else []
    return [
        Child('go2_twin', 'policy_gen_ros.deployment.twin.process', [*wire, *record, *ground],
              folder, dict(os.environ)),
        Child('policy_generator', 'policy_gen_ros.ros.policy_generator',
              ['--ros-args', *bundle] if bundle else [], folder, dict(os.environ)),
        Child('locomotion_controller', 'policy_gen_ros.ros.locomotion_controller',
              ['--ros-args', '-p', f'domain_id:={robot_domain}', '-p',
               f'network_interface:={_INTERFACE}', '-p', 'clock:=tick', '-p',
               'auto_activate:=true', '-p', f'exit_after_silence_s:={_START_TIMEOUT_S}', *bundle],
              folder, dict(os.environ))]


def _pursue(stage: _DemoProcesses, step: Step, seconds: float, bar: Any) -> tuple[dict, float]:
    """
    Send one goal, let the robot walk, and report what was asked and what it did.

    :return: the report, and the robot time walked
    """
    director, observer = stage.director, stage.observer
    actor, goal_to_weights_ms = director.send(step)
    swap_ms = director.wait_for_swap(actor)
    if stage.view:
        stage.view.walks(observer.time_s, step.describe(), actor)
    director.wait(lambda: director.mode in ('walking', 'fault', 'damping'), _STAND_TIMEOUT_S,
                  'standing up')
    start_s, shown = observer.time_s, bar.n

    def arrived() -> bool:
        walked = min(round(observer.time_s - start_s), round(seconds))
        if shown + walked > bar.n:
            bar.update(shown + walked - bar.n)
        return observer.time_s >= start_s + seconds or director.mode != 'walking'

    director.wait(arrived, seconds / _SLOWEST_FACTOR, f'{seconds:g} s of walking')
    walk = observer.walk_since(start_s + min(SETTLE_S, seconds / 2) if director.mode == 'walking'
                               else start_s - SETTLE_S)
    report = {
        'text': step.describe(), 'goal_to_weights_ms': goal_to_weights_ms, 'swap_ms': swap_ms,
        'survived': director.mode == 'walking' and not observer.fell_since(start_s),
        'family_asked': family_in_text(step.describe()) or family_of(actor.measures),
        'family_reached': walk.family,
        'asked': dict(actor.measures), 'reached': walk.measures}
    return report, observer.time_s - start_s


def _in_words(report: dict) -> str:
    """Return what was asked, and what the robot did, in two lines."""
    def summary(family: str, measures: dict) -> str:
        return f'{family + ",":6} ' + ', '.join(
            f'{measures[name]:5.2f} {unit}' for name, unit in _SHOWN
            if math.isfinite(measures.get(name, math.nan)))

    return (f'asked  {summary(report["family_asked"], report["asked"])}\n'
            f'did    {summary(report["family_reached"], report["reached"])}, '
            f'{"upright" if report["survived"] else "FELL"}')
