# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Times of ``bench``: from a goal to weights, beside a walk and beside Make-An-Agent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
import sys
from typing import Any, TextIO, TYPE_CHECKING

import numpy as np
from policy_gen_ros.domains.go2.shipped import ADAPTOR_FILE
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.utils.progress import progress

if TYPE_CHECKING:
    from policy_gen_ros.generation.generator import PolicyGenerator

CANDIDATES = (8, 64)
TEXT = 'trot forward with quick steps'
PAPER_STEPS = 10


def load_backends(folder: Path, device: str, asked: str) -> dict[str, PolicyGenerator]:
    """
    Load the bundle into each backend.

    :param asked: names joined by commas, or ``all`` for those that run here
    """
    from policy_gen_ros.generation.engine import BACKENDS, EngineError
    from policy_gen_ros.generation.generator import PolicyGenerator

    generators = {}
    for backend in BACKENDS if asked == 'all' else asked.split(','):
        try:
            generators[backend] = PolicyGenerator.load(folder, device, backend)
        except EngineError as error:
            if asked != 'all':
                raise
            print(f'without {backend}: {error}', file=sys.stderr)
    return generators


def _goals() -> dict[str, Goal]:
    rows = np.zeros((100, 42), np.float32)
    rows[:, 2] = -1.0
    return {'text': Goal(text=TEXT),
            'measures': Goal(measures={'contact_fl': 0.5, 'frequency_hz': 2.5}),
            'trajectory': Goal(trajectory=rows)}


def time_generation(generator: PolicyGenerator, folder: Path, repeats: int) -> dict[str, Any]:
    """Everything that is measured of one backend."""
    from policy_gen_ros.generation import timing

    goals = _goals()
    measurements: dict[str, Callable[[], Any]] = {
        'goal_to_weights_ms': lambda: timing.goal_to_weights(generator, goals, repeats),
        'under_load': lambda: _beside_a_walk(generator, folder, goals, repeats),
        'text_over_sentence_encoder': lambda: timing.text_over_encoder(generator, TEXT, repeats),
        'stage_shares': lambda: timing.stage_shares(generator, goals, repeats),
        'candidates_over_one': lambda: {
            kind: timing.candidate_costs(generator, goals[kind], CANDIDATES,
                                         max(3, repeats // 10)) for kind in ('text', 'measures')}}
    measured = {name: measure() for name, measure in progress(
        measurements.items(), about='timing', unit='measurement')}
    measured |= measured.pop('under_load')
    return measured


def _beside_a_walk(generator: PolicyGenerator, folder: Path, goals: Mapping[str, Goal],
                   repeats: int) -> dict[str, Any]:
    from policy_gen_ros.commands.bench.walking import walking_robot
    from policy_gen_ros.generation import timing

    with walking_robot(generator.generate(goals['text']), folder / ADAPTOR_FILE) as walk:
        loaded = timing.goal_to_weights(generator, goals, repeats)
    return {'goal_to_weights_under_load_ms': loaded,
            'control_period_under_load_ms': walk.get('control_period_ms')}  # none after a fall


def print_generation(backend: str, measured: Mapping[str, Any], out: TextIO) -> None:
    """Print what :func:`time_generation` found."""
    for kind, idle in measured['goal_to_weights_ms'].items():
        loaded = measured['goal_to_weights_under_load_ms'][kind]
        print(f'goal to weights, {backend:5s} {kind:10s} p50 {idle["p50"]:6.1f} ms   p99 '
              f'{idle["p99"]:6.1f} ms   while a robot walks: p50 {loaded["p50"]:6.1f} ms   p99 '
              f'{loaded["p99"]:6.1f} ms', file=out)
    for kind, shares in measured['stage_shares'].items():
        print(f'  {kind:10s} ' + '   '.join(
            f'{stage} {share:.0%}' for stage, share in shares.items() if share), file=out)
    for kind, ratios in measured['candidates_over_one'].items():
        print(f'  {kind:10s} ' + ', '.join(
            f'{count} candidates {ratio:.1f} times' for count, ratio in ratios.items())
            + ' what one takes', file=out)
    print(f'  a text takes {measured["text_over_sentence_encoder"]:.2f} times what its sentence '
          'encoder takes', file=out)


def compare_with_the_paper(backends: Mapping[str, Mapping[str, Any]], repeats: int,
                      out: TextIO) -> dict[str, Any]:
    """Milliseconds of Make-An-Agent, and how many times faster each backend is."""
    paper = _paper_time(repeats)
    ratios = {backend: {kind: paper / times['p50']
                        for kind, times in measured['goal_to_weights_ms'].items()}
              for backend, measured in backends.items()}
    print(f'Make-An-Agent at its published size, {PAPER_STEPS} steps: {paper:.0f} ms; faster: '
          + ', '.join(f'{backend} {kind} {ratio:.0f} x' for backend, kinds in ratios.items()
                      for kind, ratio in kinds.items()), file=out)
    return {'make_an_agent_ms': paper, 'faster_than_make_an_agent': ratios}


def _paper_time(repeats: int) -> float:
    """Milliseconds of Make-An-Agent's diffusion, its decoder not counted."""
    from policy_gen_ros.baselines.unet import ConditionalUNet1D, PUBLISHED
    from policy_gen_ros.generation.timing import milliseconds
    from policy_gen_ros.models.sampler import ddim_sample
    import torch

    tokens = 2
    unet = ConditionalUNet1D(PUBLISHED).eval()
    noise = torch.randn(1, tokens * PUBLISHED.channels)
    condition = torch.randn(1, PUBLISHED.condition_dim)

    def predict(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return unet(x.reshape(len(x), tokens, -1), t, condition).flatten(1)

    with torch.inference_mode():
        times = milliseconds(lambda: ddim_sample(predict, noise, PAPER_STEPS), repeats)
    return float(np.median(times))
