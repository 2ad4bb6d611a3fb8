"""``policy_gen bench``: how long things take on this machine."""

from __future__ import annotations

import argparse
from collections.abc import Callable
import os
from pathlib import Path
import platform
import time
from typing import TYPE_CHECKING

import numpy as np
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json
from policy_gen_ros.goal.goal import Goal
from policy_gen_ros.robot import go2

if TYPE_CHECKING:
    from policy_gen_ros.generator.generator import PolicyGenerator


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``bench``."""
    parser = subparsers.add_parser('bench', help='latencies and throughput',
                                   description='Time goal to weights and the twin.')
    parser.add_argument('--bundle', type=Path)
    parser.add_argument('--repeats', type=int, default=100)
    parser.add_argument('--swaps', type=int, default=300, help='swaps while walking')
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    if min(args.repeats, args.swaps) < 1:
        raise ValueError('--repeats and --swaps must be at least 1')
    from policy_gen_ros.generator.bundle import bundle_path
    from policy_gen_ros.generator.generator import PolicyGenerator

    folder = bundle_path(args.bundle)
    generator = PolicyGenerator.load(folder)
    latencies = _generation(generator, args.repeats)
    speeds = {'single': _twin_speed(1), 'batched': _twin_speed(256)}
    swap = _swaps(generator, folder, args.swaps)
    result = {'goal_to_weights_ms': latencies, 'twin_control_steps_per_s': speeds, 'swap': swap,
              'machine': {'processor': platform.processor() or platform.machine(),
                          'cores': len(os.sched_getaffinity(0)),
                          'python': platform.python_version(), 'system': platform.system()}}
    out = progress_stream(args.json)
    for kind, quantiles in latencies.items():
        print(f'goal to weights, {kind:10s} p50 {quantiles["p50"]:7.1f} ms   '
              f'p99 {quantiles["p99"]:7.1f} ms', file=out)
    for kind, speed in speeds.items():
        print(f'twin, {kind:7s} {speed:9.0f} control steps/s', file=out)
    print(f'{swap["count"]} swaps between 100 held-out gaits while walking: {swap["falls"]} falls '
          f'{swap["fallen_from"] or ""}', file=out)
    write_json(result, args.json)
    return 0


def _swaps(generator: PolicyGenerator, folder: Path, count: int) -> dict[str, object]:
    from policy_gen_ros.actor.adaptor import Adaptor
    from policy_gen_ros.evaluation.held_out import HeldOutGoals
    from policy_gen_ros.evaluation.swaps import soak_swaps

    goals = HeldOutGoals.load(folder / 'held_out_goals.npz').goals('text')
    actors = generator.generate_batch(goals)
    return soak_swaps(actors, Adaptor.load(folder / 'adaptor.safetensors'), count, seed=0)


def _generation(generator: PolicyGenerator, repeats: int) -> dict[str, dict[str, float]]:
    rows = np.zeros((100, 42), np.float32)
    rows[:, 2] = -1.0
    goals = {'text': Goal(text='trot forward with quick steps'),
             'measures': Goal(measures={'contact_fl': 0.5, 'frequency_hz': 2.5}),
             'trajectory': Goal(trajectory=rows)}

    def measure(goal: Goal) -> dict[str, float]:
        return _quantiles(lambda: generator.generate(goal).to_bytes(), repeats)

    return {kind: measure(goal) for kind, goal in goals.items()}


def _quantiles(work: Callable[[], object], repeats: int) -> dict[str, float]:
    for _ in range(3):
        work()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1e3)
    return {'p50': float(np.percentile(times, 50)), 'p99': float(np.percentile(times, 99))}


def _twin_speed(count: int, ticks: int = 100) -> float:
    from policy_gen_ros.twin.batch import BatchTwin

    twin = BatchTwin(count)
    target = np.tile(go2.DEFAULT_POSE_RAD, (count, 1))
    twin.step(target)
    started = time.perf_counter()
    for _ in range(ticks):
        twin.step(target)
    return count * ticks / (time.perf_counter() - started)
