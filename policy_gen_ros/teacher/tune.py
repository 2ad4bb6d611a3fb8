"""
Tuning the teacher's gains by the cross-entropy method, one gait family at a time.

``python -m policy_gen_ros.teacher.tune`` writes ``config/teacher_gains.json``. Resumable: a family
that is in the file already is refined from there with a narrower spread.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from policy_gen_ros.goal.measures import GAIT_FAMILIES
from policy_gen_ros.robot import go2
from policy_gen_ros.teacher.gait_controller import (
    DEFAULT_GAINS,
    GAIN_NAMES,
    GAIN_RANGES,
    gait_targets,
    TeacherInput,
)
from policy_gen_ros.teacher.style import GaitStyle, sample_commands, sample_styles
from policy_gen_ros.twin.batch import BatchTwin, Perturbation

LOW, HIGH = np.array([GAIN_RANGES[name] for name in GAIN_NAMES]).T
ELITE_SHARE = 0.2


def score_gains(gains: np.ndarray, style: GaitStyle, command: np.ndarray, seconds: float,
                seed: int) -> np.ndarray:
    """
    Walk every (gains, style, command) row and score it from 0 (falls at once) to 2.

    :param gains: Shape: (n, gains)
    :return: Shape: (n,)
    """
    n, ticks = len(gains), round(seconds / go2.CONTROL_DT_S)
    twin = BatchTwin(n, seed, Perturbation(delay_s=(0.0, 0.01), push_mps=0.3, push_every_s=2.5))
    phase = np.random.default_rng(seed).random(n)
    velocity, height, contact, tilt = (np.zeros((ticks, n, k)) for k in (3, 1, 4, 1))
    alive = np.zeros(n)
    for t in range(ticks):
        state, truth = twin.sense(), twin.truth()
        seen = TeacherInput(state, truth.base_velocity, truth.height, phase, command)
        twin.step(gait_targets(seen, style, gains))
        phase = (phase + style.frequency_hz * go2.CONTROL_DT_S) % 1.0
        truth = twin.truth()
        velocity[t] = np.c_[truth.base_velocity[:, :2], truth.ang_vel[:, 2]]
        height[t, :, 0], contact[t] = truth.height, truth.contact.mean(axis=1)
        tilt[t, :, 0] = np.hypot(state.gravity[:, 0], state.gravity[:, 1])
        alive += ~twin.fallen
    late = slice(ticks // 3, None)
    error = np.abs(velocity[late].mean(axis=0) - command)
    contact_error = np.abs(contact[late].mean(axis=0) - style.duty).mean(axis=1)
    height_error = np.abs(height[late].mean(axis=0)[:, 0] - style.body_height_m)
    quality = (0.4 * np.exp(-6 * error[:, :2].sum(axis=1)) + 0.15 * np.exp(-3 * error[:, 2])
               + 0.25 * np.exp(-contact_error / 0.08) + 0.1 * np.exp(-height_error / 0.02)
               + 0.1 * np.exp(-8 * tilt[late].mean(axis=0)[:, 0]))
    return alive / ticks * 0.4 + ~twin.fallen * (0.6 + quality)


def tune_family(family: str, start: np.ndarray, spread: float, generations: int, candidates: int,
                commands: int, seed: int) -> tuple[np.ndarray, float]:
    """Cross-entropy search; returns the final mean and its score on fresh commands."""
    rng = np.random.default_rng(seed)
    index = np.full(candidates * commands, GAIT_FAMILIES.index(family))
    mean, sigma = start.copy(), spread * (HIGH - LOW)
    for generation in range(generations):
        noise = rng.standard_normal((candidates, len(mean)))
        population = np.clip(mean + sigma * noise, LOW, HIGH)
        population[0] = mean
        # Every candidate meets the same commands, so that luck does not decide.
        style = sample_styles(commands, rng, index[:commands])
        command = sample_commands(style, rng)
        pick = np.tile(np.arange(commands), candidates)
        score = score_gains(np.repeat(population, commands, axis=0), style[pick], command[pick],
                            4.0, seed + generation).reshape(candidates, commands).mean(axis=1)
        elite = population[np.argsort(-score)[:round(ELITE_SHARE * candidates)]]
        mean = 0.7 * elite.mean(axis=0) + 0.3 * mean
        sigma = 0.7 * elite.std(axis=0) + 0.3 * sigma * 0.9
        print(f'{family} generation {generation}: best {score.max():.3f}, mean {score.mean():.3f}',
              flush=True)
    style = sample_styles(100, rng, index[:100])
    final = score_gains(np.tile(mean, (100, 1)), style, sample_commands(style, rng), 10.0, seed)
    return mean, float((final > 1.0).mean())


def main() -> None:
    """Tune all families and write the gains."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--output', type=Path, default=Path('config/teacher_gains.json'))
    parser.add_argument('--families', nargs='+', default=list(GAIT_FAMILIES))
    parser.add_argument('--generations', type=int, default=10)
    parser.add_argument('--candidates', type=int, default=40)
    parser.add_argument('--commands', type=int, default=12)
    parser.add_argument('--seed', type=int, default=0)
    args = parser.parse_args()
    table = json.loads(args.output.read_text()) if args.output.exists() else {}
    for family in args.families:
        known = table.get(family)
        start = np.array([(known or DEFAULT_GAINS)[name] for name in GAIN_NAMES])
        gains, walks = tune_family(family, start, 0.08 if known else 0.2, args.generations,
                                   args.candidates, args.commands, args.seed)
        print(f'{family}: {walks:.0%} of 100 fresh commands walk 10 s', flush=True)
        table[family] = {name: round(float(v), 5) for name, v in zip(GAIN_NAMES, gains)}
        args.output.write_text(json.dumps(table, indent=1) + '\n')


if __name__ == '__main__':
    main()
