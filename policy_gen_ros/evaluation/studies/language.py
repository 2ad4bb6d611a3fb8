# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Whether the robot does what sentences say, or says that it cannot.

The sentences and what must hold for each stand in ``domains/go2/gait/language_test.yaml``. They
were written without sight of the grammar and of the captions, and nothing is trained on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.deployment.plan import step_seconds
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.gait.measures import GAIT_PHASES, PHASE_NAMES
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.evaluation.metrics.intervals import bootstrap_interval
from policy_gen_ros.evaluation.report.table import Table
from policy_gen_ros.evaluation.studies.language_checks import check, Plan, Walked
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import RestError
from policy_gen_ros.goals.sequence import parse_sequence
from policy_gen_ros.goals.steps import Step
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.config import checked, ConfigError
from policy_gen_ros.utils.progress import progress
from policy_gen_ros.utils.yaml_files import read_yaml_file

WALK_S = 8.0
SEEDS = 8
_BATCH = 1024
_DIRECTIONS = {'forward': (1.0, 0.0), 'backward': (-1.0, 0.0), 'turn_left': (1.0, 0.4),
               'turn_right': (1.0, -0.4), 'spot': (0.0, 0.0)}
"""Share of the speed that is forward, and yaw rate in rad/s."""


@dataclass(frozen=True)
class Sentence:
    """
    A sentence and what must hold.

    :param expect: see the head of the file
    :param current: of a relative goal: what the robot does now
    """

    text: str
    kind: str
    lang: str
    expect: Mapping[str, Any]
    current: Mapping[str, Any] | None = None


@dataclass
class AnsweredSentence:
    """
    What the product makes of a sentence.

    :param steps: of its sequence
    :param actors: of each step that walks, one a seed
    :param before: actors that walk when a relative goal comes
    :param warnings: said of any step, or why all is refused
    """

    sentence: Sentence
    steps: tuple[Step, ...] = ()
    actors: list[list[ActorWeights]] = field(default_factory=list)
    before: list[ActorWeights] = field(default_factory=list)
    warnings: tuple[str, ...] = ()
    refused: bool = False


def load_sentences(path: Path) -> list[Sentence]:
    """
    Read a test set.

    :raises ValueError: no list of sentences; one line that names the file and the place
    """
    rows = read_yaml_file(path)
    if not isinstance(rows, list) or not rows:
        raise ValueError(f'{path}: expected a list of sentences')
    try:
        return [checked(Sentence, row, f'sentence {place}: ')
                for place, row in enumerate(rows, 1)]
    except ConfigError as error:
        raise ValueError(f'{path}: {error}') from error


def answer(generator: PolicyGenerator, sentence: Sentence, seed: int) -> AnsweredSentence:
    """Do with a sentence what the node does, for several seeds at once."""
    result = AnsweredSentence(sentence)
    if sentence.current is not None:
        result.before = generator.generate(Goal(measures=_measures(sentence.current)), seed,
                                           count=SEEDS)
    try:
        sequence = parse_sequence(sentence.text, reader=generator.understand)
    except ValueError as error:
        result.warnings, result.refused = (str(error),), True
        return result
    if not result.before:
        sequence = sequence.from_rest()
    result.steps, warnings = sequence.steps, list(sequence.remarks)
    current = result.before
    for step in sequence.steps:
        if step.goal is None:
            continue
        goals = [Goal(text=step.goal.text, current=actor) for actor in current] or \
            [step.goal] * SEEDS
        try:
            current = generator.generate_batch(goals, seed)
            for actor in current:
                step_seconds(step, actor)  # refuses a way that an actor never goes
        except (ValueError, RestError) as error:
            result.warnings, result.refused = (str(error),), True
            return result
        result.actors.append(current)
        warnings += [warning for actor in current for warning in actor.warnings]
    result.warnings = tuple(dict.fromkeys(warnings))
    return result


def _measures(current: Mapping[str, Any]) -> dict[str, float]:
    """Return the measures of a robot that walks as a relative goal's ``current`` says."""
    forward, yaw = _DIRECTIONS.get(current.get('direction', 'forward'), (1.0, 0.0))
    return {**dict(zip(PHASE_NAMES, GAIT_PHASES[current['gait']])),
            'frequency_hz': current['frequency'], 'body_height_m': current['body_height'],
            'swing_height_m': current['swing_height'], 'vx_mps': forward * current['speed'],
            'vy_mps': 0.0, 'yaw_rate_rps': yaw}


def walk_all(answers: Sequence[AnsweredSentence], adaptor: Adaptor,
             seed: int) -> dict[ActorWeights, EpisodeResult]:
    """Walk every actor of all answers once."""
    actors = list(dict.fromkeys(actor for one in answers
                                for batch in (*one.actors, one.before) for actor in batch))
    walked: dict[ActorWeights, EpisodeResult] = {}
    for start in progress(range(0, len(actors), _BATCH), about='sentences', unit='batch',
                          at_once=True):
        part = actors[start:start + _BATCH]
        walked |= dict(zip(part, rollout_actors(part, adaptor, WALK_S, seed=seed)))
    return walked


def score(one: AnsweredSentence, walked: Mapping[ActorWeights, EpisodeResult],
          medians: Mapping[str, float]) -> float:
    """Return the share of the seeds for which all holds that the sentence says."""
    right = []
    for i in range(SEEDS if one.actors else 1):
        before = _walked(one.before[i], walked) if one.before else None
        right.append(check(one.sentence.expect, _plan(one, i, walked), one.warnings, one.refused,
                           before, medians))
    return float(np.mean(right))


def _plan(one: AnsweredSentence, i: int, walked: Mapping[ActorWeights, EpisodeResult]) -> Plan:
    """Return how an answer rests or walks with its actors of one seed."""
    actors = iter([batch[i] for batch in one.actors])
    actor = one.before[i] if one.before else None
    plan: list[tuple[str | None, Walked | None, float | None]] = []
    for step in one.steps:
        if step.goal:
            actor = next(actors, None)
        if step.goal is None and not step.keeps:
            plan.append((step.rest.value, None, step.seconds))
        elif actor is None:  # a step before it was refused
            plan.append((None, None, step.seconds))
        else:
            plan.append((None, _walked(actor, walked), step_seconds(step, actor)))
    return plan


def _walked(actor: ActorWeights, walked: Mapping[ActorWeights, EpisodeResult]) -> Walked:
    return Walked(walked[actor], actor.warnings)


def evaluate_language(generator: PolicyGenerator, adaptor: Adaptor,
                      sentences: Sequence[Sentence], seed: int) -> dict[str, Any]:
    """
    Answer, walk and check all sentences.

    :return: kind -> n (sentences), right, low, high (95 %, over sentences), and under ``missed``
        each sentence that is not always right, with its share
    """
    archive = Archive(generator.domain.archive_index)
    seen = archive.measures[archive.seen, 0]
    names = generator.domain.measures.names
    medians = {name: float(np.nanmedian(seen[:, i])) for i, name in enumerate(names)}
    vx, vy = names.index('vx_mps'), names.index('vy_mps')
    medians['speed'] = float(np.median(np.hypot(seen[:, vx], seen[:, vy])))
    answers = [answer(generator, sentence, seed)
               for sentence in progress(sentences, about='texts', unit='text')]
    walked = walk_all(answers, adaptor, seed)
    shares = np.array([score(one, walked, medians) for one in answers])
    kinds = np.array([sentence.kind if sentence.kind != 'languages' else sentence.lang
                      for sentence in sentences])
    result: dict[str, Any] = {}
    for kind in dict.fromkeys(kinds.tolist()):
        mine = shares[kinds == kind]
        low, high = bootstrap_interval(mine)
        result[kind] = {'n': len(mine), 'right': float(mine.mean()), 'low': low, 'high': high}
    # What may be said of goals that can be done would be a false alarm.
    doable = [one for one in answers if 'refuse' not in one.sentence.expect]
    alarmed = np.array([bool(one.warnings) for one in doable], float)
    low, high = bootstrap_interval(alarmed)
    result['remarks on what can be done'] = {
        'n': len(alarmed), 'right': float(1 - alarmed.mean()), 'low': 1 - high, 'high': 1 - low}
    return {'language': result, 'missed': [
        {'text': sentence.text, 'kind': sentence.kind, 'right': float(share),
         'warnings': list(one.warnings)}
        for sentence, share, one in zip(sentences, shares, answers) if share < 1]}


def language_table(scores: Mapping[str, Mapping[str, float]]) -> Table:
    """Return the scores as a table, one row for each kind of sentence."""
    return Table(f'Sentences: {SEEDS} walks of {WALK_S:g} s each', ['kind', 'n', 'right'], [
        [kind, f'{one["n"]}', f'{one["right"]:.2f} ({one["low"]:.2f}-{one["high"]:.2f})']
        for kind, one in scores.items()], words=('kind',))
