# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""How long generation takes, and which stage takes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
import time
from typing import TypeVar

import numpy as np
from policy_gen_ros.generation.engine import Engine, Features
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.weights import ActorWeights
from torch import Tensor

STAGES = ('text', 'trajectory', 'condition', 'denoiser', 'decoder', 'serialisation', 'rest')
"""Where the time goes. ``rest``: noise, the sampler's arithmetic, checks of the weights."""
WARM_UP = 5
_Result = TypeVar('_Result')


class TimedEngine:
    """
    Another engine, with a stopwatch at each call.

    On a GPU its figures say when work was handed over, not when it was done, except for the stage
    that waits for the others.

    :param engine: what does the work
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.device, self.runs_on = engine.device, engine.runs_on
        self.text_encoder = engine.text_encoder
        self.seconds: dict[str, float] = defaultdict(float)

    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Embed sentences. Shape: (n, text_dim)."""
        return self._timed('text', lambda: self._engine.embed_texts(texts))

    def trajectory(self, rows: np.ndarray) -> np.ndarray:
        """Embed one trajectory. Shape: (time >= 40, 42) -> (128,)."""
        return self._timed('trajectory', lambda: self._engine.trajectory(rows))

    def condition(self, features: Features, present: np.ndarray) -> Tensor:
        """Encode what is known. Shape: (n, condition_dim)."""
        return self._timed('condition', lambda: self._engine.condition(features, present))

    def denoise(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """Clean sample. Shape: (n, d)."""
        return self._timed('denoiser', lambda: self._engine.denoise(x, t, condition))

    def decode(self, latent: Tensor) -> np.ndarray:
        """Flat actors. Shape: (n, parameters)."""
        return self._timed('decoder', lambda: self._engine.decode(latent))

    def _timed(self, stage: str, work: Callable[[], _Result]) -> _Result:
        started = time.perf_counter()
        result = work()
        self.seconds[stage] += time.perf_counter() - started
        return result


def milliseconds(work: Callable[[], object], repeats: int,
                 warm_up: int = WARM_UP) -> np.ndarray:
    """Time a piece of work again and again, after a few goes for warmth. Shape: (repeats,)."""
    for _ in range(warm_up):
        work()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1e3)
    return np.array(times)


def _anew(generator: PolicyGenerator, goal: Goal) -> ActorWeights:
    """Generate as for a text that comes for the first time."""
    generator.texts.forget()
    return generator.generate(goal)


def quantiles(times: np.ndarray) -> dict[str, float]:
    """Median and the time that one in a hundred takes longer than."""
    return {'p50': float(np.percentile(times, 50)), 'p99': float(np.percentile(times, 99))}


def goal_to_weights(generator: PolicyGenerator, goals: Mapping[str, Goal],
                    repeats: int) -> dict[str, dict[str, float]]:
    """Milliseconds from each goal to the bytes of an actor."""
    def measure(goal: Goal) -> dict[str, float]:
        return quantiles(milliseconds(lambda: _anew(generator, goal).to_bytes(), repeats))

    return {kind: measure(goal) for kind, goal in goals.items()}


def stage_shares(generator: PolicyGenerator, goals: Mapping[str, Goal],
                 repeats: int) -> dict[str, dict[str, float]]:
    """Share of each stage in the time from each goal to the bytes of an actor, by its median."""
    shares = {}
    for kind, goal in goals.items():
        engine = TimedEngine(generator.engine)
        timed = PolicyGenerator(generator.info, engine, generator.validation)
        rows = []
        for _ in range(WARM_UP + repeats):
            engine.seconds.clear()
            started = time.perf_counter()
            actor = _anew(timed, goal)
            made = time.perf_counter()
            actor.to_bytes()
            ended = time.perf_counter()
            spent = {**engine.seconds, 'serialisation': ended - made}
            spent['rest'] = ended - started - sum(spent.values())
            rows.append([spent.get(stage, 0.0) for stage in STAGES])
        medians = np.median(rows[WARM_UP:], axis=0)
        shares[kind] = dict(zip(STAGES, (medians / medians.sum()).tolist()))
    return shares


def text_over_encoder(generator: PolicyGenerator, text: str, repeats: int) -> float:
    """How many times as long a text takes as embedding it does."""
    goal = Goal(text=text)
    times = []
    for _ in range(repeats):  # by turns: a machine that is busy for a moment slows down both
        alone = milliseconds(lambda: generator.engine.embed_texts([text]), 1, 0)
        whole = milliseconds(lambda: _anew(generator, goal).to_bytes(), 1, 0)
        times.append((alone[0], whole[0]))
    alone_ms, whole_ms = np.median(times, axis=0)
    return float(whole_ms / alone_ms)


def candidate_costs(generator: PolicyGenerator, goal: Goal, counts: Iterable[int],
                    repeats: int) -> dict[str, float]:
    """Cost of several candidates for a goal, made in one batch, relative to one alone."""
    def cost(count: int) -> float:
        return float(np.median(milliseconds(
            lambda: generator.generate(goal, count=count), repeats)))

    one = cost(1)
    return {str(count): cost(count) / one for count in counts}
