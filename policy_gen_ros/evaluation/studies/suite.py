# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The whole evaluation: every figure of the contract, from what is there of the archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import time
from typing import Any

import numpy as np
from policy_gen_ros.baselines.generator import PaperGenerator
from policy_gen_ros.evaluation.metrics.archive_kept import ArchiveKept, compare_with_archive
from policy_gen_ros.evaluation.metrics.figures import Figure, nested
from policy_gen_ros.evaluation.metrics.held_out import draw_seen
from policy_gen_ros.evaluation.studies.answers import (
    answer,
    answer_prompts,
    Answers,
    compare_steps,
    held_out_figures,
    seen_figures,
)
from policy_gen_ros.evaluation.studies.errors import mean_errors
from policy_gen_ros.evaluation.studies.latency import quantiles_by_kind, time_goals
from policy_gen_ros.evaluation.studies.learned_baselines import (
    BaselineResults,
    compare_with_baselines,
)
from policy_gen_ros.evaluation.studies.memorisation import compare_behavior, Memorisation
from policy_gen_ros.evaluation.studies.rehearsed import (
    answer_rehearsed,
    rehearsed_figures,
    to_dict,
)
from policy_gen_ros.evaluation.studies.single_shot import Score
from policy_gen_ros.evaluation.studies.subject import Subject
from policy_gen_ros.evaluation.studies.tasks import (
    answer_ambiguous_goals,
    walk_all_scenarios,
    walk_all_sequences,
)
from policy_gen_ros.policies.spec import parameter_count
from policy_gen_ros.utils.progress import Stages

NO_ARCHIVE = ('without the archive that the bundle was trained on: no comparison with it, no seen '
              'goals, sequences, goals that leave measures open, baselines, or figures of the '
              "archive's own actors")
NO_WEIGHTS = ('the archive here is an index with the weights of a few actors: no baselines, no '
              'distance to training actors, no prompts of partially trained actors; figures of '
              "the archive's own actors only for seen goals and sequences")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """
    All results.

    :param figures: in the order of the table
    :param latency_ms: from single goals of each kind to the bytes of an actor. Shapes: (n,)
    :param missing: what could not be computed, and why; empty for nothing
    :param details: by name, for JSON
    """

    subject: Subject
    figures: list[Figure]
    held_out: Answers
    seen: Answers | None
    steps: dict[int, dict[str, Score]]
    kept: ArchiveKept | None
    baseline_results: BaselineResults | None
    memorisation: Memorisation | None
    latency_ms: dict[str, np.ndarray]
    missing: str
    details: dict[str, Any]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return the contract's result, and further keys beside it."""
        baselines = self.baseline_results.to_dict() if self.baseline_results else None
        return {
            **nested(self.figures), 'archive': _archive(self.subject),
            'parameters': self.subject.generator.parameter_counts(), 'baselines': baselines,
            'intervals': {f.key: f.interval for f in self.figures if f.interval},
            'floors': {f.key: f.archive for f in self.figures if f.archive is not None},
            'missing': self.missing, 'details': self.details, 'seed': self.subject.seed,
            'seconds': self.seconds}


def evaluate(subject: Subject, papers: Sequence[PaperGenerator] = ()) -> Evaluation:
    """
    Compute everything that the subject's archive allows.

    :param papers: the papers' own networks, for baselines
    """
    started = time.perf_counter()
    archive, whole, training = subject.archive, subject.whole_archive, subject.training
    stages = Stages(10 if whole else 9 if archive else 5)
    stages.begin('held-out goals')
    held_out = answer(subject, subject.held_out, 'held-out goals')
    figures = held_out_figures(held_out)
    details: dict[str, Any] = {'held_out': held_out.to_dict(),
                               'measure_errors': mean_errors(held_out)}
    seen = kept = baseline_results = memorisation = None
    if archive and training:
        walked = held_out.walked['measures']
        memorisation = compare_behavior(training, held_out.goals.measures, walked.measures,
                                        walked.survived, subject.seed)
        stages.begin('the archive, made again')
        kept = compare_with_archive(subject, archive)
        stages.begin('seen goals')
        seen = answer(subject, draw_seen(archive, subject.sizes.seen, subject.seed), 'seen goals')
        stages.begin('sequences')
        sequences = walk_all_sequences(subject, archive, seen.goals)
        stages.begin('goals that leave measures open')
        ambiguity = answer_ambiguous_goals(subject, training)
        figures = [*kept.figures, *seen_figures(seen), *figures, *sequences.figures,
                   *ambiguity.figures]
        details |= {'archive': kept.to_dict(), 'seen': seen.to_dict(),
                    'sequences': sequences.to_dict(), 'ambiguous_goals': ambiguity.to_dict()}
    more_figures, more_details = _without_archive(subject, held_out, seen, stages)
    stages.begin('sampler steps')
    steps = compare_steps(subject, held_out)
    figures += more_figures
    details |= {**more_details, 'steps': _steps_to_dict(steps)}
    if whole and training and kept:
        stages.begin('baselines')
        baseline_results = compare_with_baselines(
            subject, whole, training, held_out.walked['measures'], kept.spaced, papers)
        figures += baseline_results.figures
        details['beside_baselines'] = baseline_results.generator.to_dict()
    if memorisation:
        figures += memorisation.figures
        details['memorisation'] = memorisation.to_dict() | (
            {'weights': baseline_results.weights.to_dict()} if baseline_results else {})
    figures += _sizes(subject)
    latency_ms = time_goals(subject)
    details['goal_to_weights_ms'] = quantiles_by_kind(latency_ms)
    missing = NO_ARCHIVE if archive is None else '' if whole else NO_WEIGHTS
    return Evaluation(subject, figures, held_out, seen, steps, kept, baseline_results,
                      memorisation, latency_ms, missing, details, time.perf_counter() - started)


def _without_archive(subject: Subject, held_out: Answers, seen: Answers | None,
                     stages: Stages) -> tuple[list[Figure], dict[str, Any]]:
    """Figures and details of rehearsals, trajectories of others and scenarios."""
    stages.begin('rehearsals')
    rehearsed = {'held_out': answer_rehearsed(subject, held_out.goals, 'held-out goals')}
    if seen:
        rehearsed['seen'] = answer_rehearsed(subject, seen.goals, 'seen goals')
    stages.begin('trajectories of others')
    prompts = answer_prompts(subject, held_out)
    stages.begin('scenarios')
    scenarios = walk_all_scenarios(subject)
    return [*rehearsed_figures(rehearsed['held_out'], rehearsed.get('seen')), *prompts.figures,
            *scenarios.figures], {
        'rehearsed': {part: to_dict(scores) for part, scores in rehearsed.items()},
        'prompts': prompts.to_dict(), 'scenarios': scenarios.to_dict()}


def _steps_to_dict(steps: Mapping[int, Mapping[str, Score]]) -> dict[str, Any]:
    return {str(count): {kind: score.to_dict() for kind, score in scores.items()}
            for count, scores in steps.items()}


def _archive(subject: Subject) -> dict[str, int]:
    about = subject.generator.info.provenance
    return {'actors': about['actors'] + about['held_out'], 'train': about['actors'],
            'held_out': about['held_out'], 'parameters_per_actor': _actor_parameters(subject)}


def _actor_parameters(subject: Subject) -> int:
    return parameter_count(subject.generator.info.layer_sizes)


def _sizes(subject: Subject) -> list[Figure]:
    trained = int(np.sum(list(subject.generator.parameter_counts().values())))
    actors = int(subject.generator.info.provenance['actors'])
    steps = subject.steps or subject.generator.info.steps
    return [Figure('compression_ratio', 'compression: parameters of all training actors / trained '
                   'ones', _actor_parameters(subject) * actors / trained, actors),
            Figure('sampling_steps', 'sampler steps', steps, 1)]
