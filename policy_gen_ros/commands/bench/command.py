# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen bench``: how long things take on this machine."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
import platform
import time
from typing import Any, TextIO, TYPE_CHECKING

import numpy as np
from policy_gen_ros.commands.bench.generation import (
    compare_with_the_paper,
    load_backends,
    print_generation,
    TEXT,
    time_generation,
)
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.shipped import ADAPTOR_FILE
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.utils.progress import line, progress, Stages

if TYPE_CHECKING:
    from policy_gen_ros.generation.generator import PolicyGenerator

SWAPPED = ('trot forward', 'trot forward with quick steps', 'trot slowly with high steps',
           'trot forward with a low body')
FAULT_REPEATS = 5


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``bench``."""
    parser = subparsers.add_parser(
        'bench', help='latencies and throughput',
        description='Time goal to weights, idle and while a controller walks a twin in another '
        'process; the control loop and swaps on the wire; and the twin.')
    parser.add_argument('--bundle', type=Path)
    parser.add_argument('--device', default='auto', help='where generation runs: auto, cpu, cuda')
    parser.add_argument('--backends', default='all', metavar='NAME,...',
                        help='torch, onnx (default: those that are installed)')
    parser.add_argument('--threads', type=int, metavar='N',
                        help='of torch in generation (default: its own choice)')
    parser.add_argument('--repeats', type=int, default=200)
    parser.add_argument('--swaps', type=int, default=300,
                        help='swaps at 5 Hz while walking; 0: none, and no control loop')
    parser.add_argument('--papers', action='store_true',
                        help="also Make-An-Agent's U-Net at its published size (650 MB, seconds)")
    parser.add_argument('--priority', type=int, default=0, help='of the control thread among '
                        "Linux' real-time threads, as the node's parameter realtime_priority")
    parser.add_argument('--faults', action='store_true', help='also how fast the controller '
                        'answers faults of the robot')
    parser.add_argument('--loads', type=int, nargs='?', const=50, default=0, metavar='N',
                        help='also the control loop of the real nodes idle, under a flood of '
                        'messages, and while N goals (default 50) are rehearsed')
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    _check(args)
    import torch

    if args.threads is not None:
        torch.set_num_threads(args.threads)
    folder, out = bundle_path(args.bundle), progress_stream(args.json)
    generators = load_backends(folder, args.device, args.backends)
    stages = Stages(len(generators) + args.papers + 1 + 2 * bool(args.swaps) + args.faults
                    + bool(args.loads))
    backends = {}
    for backend, loaded in generators.items():
        stages.begin(f'goal to weights, {backend}')
        backends[backend] = time_generation(loaded, folder, args.repeats)
        print_generation(backend, backends[backend], out)
    first = next(iter(backends.values()))
    result: dict[str, Any] = {
        'goal_to_weights_ms': first['goal_to_weights_ms'],
        'goal_to_weights_under_load_ms': first['goal_to_weights_under_load_ms'],
        'backends': backends}
    if args.papers:
        stages.begin('Make-An-Agent')
        result |= compare_with_the_paper(backends, max(3, args.repeats // 20), out)
    generator = next(iter(generators.values()))
    stages.begin('twin')
    result |= _simulation(generator, folder, out)
    if args.swaps:
        stages.begin('swaps on the wire')
        result |= _control(generator, folder, args, out)
        stages.begin('swaps at random')
        result['random_swaps'] = _random_swaps(generator, folder, args.swaps, out)
    if args.faults:
        stages.begin('faults')
        result['faults'] = _faults(generator, folder, out)
    if args.loads:
        stages.begin('loads')
        result['loads'], result['service_ms'] = _loads(folder, args.loads, out)
    result['machine'] = _machine()
    write_json(result, args.json)
    return 0


def _check(args: argparse.Namespace) -> None:
    if args.loads < 0:
        raise ValueError(f'--loads must be at least 0, got {args.loads}')
    if args.repeats < 1 or args.swaps < 0 or (args.threads is not None and args.threads < 1):
        raise ValueError('--repeats and --threads must be at least 1, --swaps at least 0, got '
                         f'{args.repeats}, {args.threads} and {args.swaps}')


def _machine() -> dict[str, Any]:
    import torch

    return {
        'processor': platform.processor() or platform.machine(),
        'cores': len(os.sched_getaffinity(0)), 'torch_threads': torch.get_num_threads(),
        'gpu': torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        'python': platform.python_version(), 'system': platform.system()}


def _control(generator: PolicyGenerator, folder: Path, args: argparse.Namespace,
             out: TextIO) -> dict[str, Any]:
    """Control loop and swaps on the wire."""
    from policy_gen_ros.commands.bench.walking import swaps_while_walking

    actors = generator.generate_batch([Goal(text=text) for text in SWAPPED])
    result = swaps_while_walking(actors, folder / ADAPTOR_FILE, args.swaps, args.priority)
    for name, label in (('control_period_ms', 'LowCmd period'), ('bare_period_ms', '  bare loop'),
                        ('policy_period_ms', 'policy period')):
        period = result[name]
        print(f'{label:14s} p50 {period["p50"]:7.3f} ms   off by p99 {period["p99_error"]:6.3f} '
              f'ms   max {period["max_error"]:6.3f} ms', file=out)
    swap = result['swap']
    print(f'LowCmd at {result["lowcmd_rate_hz"]:.1f} Hz takes {result["lowcmd_cpu_share"]:.1%} of '
          f'a core; {swap["count"]} swaps at 5 Hz: {swap["missed_ticks"]} missed ticks, largest '
          f'step of a target {swap["max_target_step_rad"]:.2f} rad (the actors\' own: '
          f'{swap["own_target_step_rad"]:.2f} rad), {swap["rolled_back"]} rolled back'
          + (f', fell: {swap["fell"]}' if swap['fell'] else ''), file=out)
    return result


def _loads(folder: Path, rehearsals: int,
           out: TextIO) -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Load -> figures of the control loop, beside a bare loop; service -> ms until it answered."""
    from policy_gen_ros.commands.bench.loads import loads

    found, services = loads(SWAPPED, rehearsals, folder)
    for name, load in found.items():
        bare = load['bare_period_ms']
        line(f'{name:10s} a core {load["cpu_share"]:.1%} (bare {load["bare_cpu_share"]:.1%}), '
             f'period off by p99 {load["period_error_p99_ms"]:.2f} ms (bare '
             f'{bare["p99_error"]:.2f} ms), missed ticks {load["missed_ticks"]} of '
             f'{load["lowcmd_sent"]} (bare {load["bare_missed_ticks"]}), late policy steps '
             f'{load["missed_policy_ticks"]} of {load["policy_ticks"]}, guards tripped '
             f'{load["guard_trips"]}', out)
    for name, times in services.items():
        line(f'service {name} while a goal is rehearsed: answers in {np.median(times):.1f} ms, at '
             f'most {max(times):.1f} ms ({len(times)} calls)', out)
    return found, services


def _faults(generator: PolicyGenerator, folder: Path, out: TextIO) -> dict[str, Any]:
    """Fault -> what the guard reported, and milliseconds until the legs were let go."""
    from policy_gen_ros.commands.bench.faults import FAULTS
    from policy_gen_ros.commands.bench.walking import answer_to

    actor, found = generator.generate(Goal(text=TEXT)), {}
    for fault in progress(FAULTS, about='faults', unit='fault'):
        answers = [answer_to(fault, actor, folder / ADAPTOR_FILE)
                   for _ in range(FAULT_REPEATS)]
        # On a busy machine the puppet may be late before the fault begins, and the guard on that
        # comes first.
        own = [1e3 * seconds for seconds, reason in answers
               if reason.startswith(fault.guard) and bool(reason) == bool(fault.guard)]
        found[fault.name] = {'mode': fault.happens, 'said': [reason for _, reason in answers],
                             'ms': own}
        line(f'{fault.name:40s} {fault.happens:8s} '
             f'within {max(own, default=float("nan")):6.1f} ms ({len(own)} of {len(answers)})   '
             f'{answers[0][1]}', out)
    return found


def _random_swaps(generator: PolicyGenerator, folder: Path, count: int,
                  out: TextIO) -> dict[str, object]:
    from policy_gen_ros.domains.go2.adaptor import Adaptor
    from policy_gen_ros.evaluation.metrics.held_out import BehaviorGoals, GOALS_FILE
    from policy_gen_ros.evaluation.studies.swaps import soak_swaps

    goals = BehaviorGoals.load(folder / GOALS_FILE, find_domain()).goals('text')
    actors = generator.generate_batch(goals)
    swaps = soak_swaps(actors, Adaptor.load(folder / ADAPTOR_FILE), count, seed=0)
    print(f'{swaps["count"]} swaps between 100 held-out gaits while walking: {swaps["falls"]} '
          f'falls {swaps["fallen_from"] or ""}', file=out)
    return swaps


def _simulation(generator: PolicyGenerator, folder: Path, out: TextIO) -> dict[str, Any]:
    """Speed of the twin, and what a rehearsal takes."""
    speeds = {'single': _twin_speed(1), 'batched': _twin_speed(256)}
    for kind, speed in speeds.items():
        print(f'twin, {kind:7s} {speed:9.0f} control steps/s', file=out)
    times = _rehearsal_time(generator, folder)
    print(f'rehearsal: {times["candidates"]} candidates in {times["twins"]} perturbed twins for '
          f'{times["seconds"]:g} s each: {times["p50"]:.2f} s', file=out)
    return {'twin_control_steps_per_s': speeds, 'rehearsal_s': times}


def _rehearsal_time(generator: PolicyGenerator, folder: Path,
                    repeats: int = 5) -> dict[str, float]:
    from policy_gen_ros.deployment.rehearsal.rehearse import RehearsalConfig, rehearse
    from policy_gen_ros.domains.go2.adaptor import Adaptor

    adaptor, config = Adaptor.load(folder / ADAPTOR_FILE), RehearsalConfig()
    done = [rehearse(generator, adaptor, Goal(text=TEXT), config, seed) for seed in range(repeats)]
    return {'candidates': config.candidates, 'twins': config.twins, 'seconds': config.seconds,
            'p50': float(np.median([one.generated_s + one.walked_s for one in done]))}


def _twin_speed(count: int, ticks: int = 100) -> float:
    from policy_gen_ros.domains.go2.twin.batch import BatchTwin

    twin = BatchTwin(count)
    target = np.tile(go2.DEFAULT_POSE_RAD, (count, 1))
    twin.step(target)
    started = time.perf_counter()
    for _ in range(ticks):
        twin.step(target)
    return count * ticks / (time.perf_counter() - started)
