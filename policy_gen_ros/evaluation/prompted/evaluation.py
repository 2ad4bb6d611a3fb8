# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Make-An-Agent's figures: policies from trajectories, in tasks that training saw and did not see.

Beside the best, the top 5 and the top 10 of the policies that were made, which the paper shows,
stands the mean of all: whoever has one trajectory gets one policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import time
from typing import Any

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.evaluation.metrics.domain_subject import BATCH_SIZE, DomainSubject
from policy_gen_ros.evaluation.metrics.intervals import bootstrap_interval, wilson_interval
from policy_gen_ros.evaluation.prompted.answers import answers_of, has_training_weights
from policy_gen_ros.evaluation.prompted.prompts import draw_prompts, KINDS, Prompts
from policy_gen_ros.evaluation.report.table import HIGH, Table
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.progress import progress

TOP = (1, 5, 10)
"""Policies of each group that the paper's figures select by their own success."""


@dataclass(frozen=True, eq=False)
class Answered:
    """
    Prompts of one kind, answered by one method, and what came of it.

    Shapes: ``success`` (n,) share of the test episodes that succeeded; ``qualified`` (n,) bool,
    all did; ``likeness`` (n,) cosine of the weights to those of the prompt's actor, and
    ``familiarity`` (n,) to those of the nearest training actor, None where an index lacks them.
    """

    prompts: Prompts
    method: str
    success: np.ndarray
    qualified: np.ndarray
    likeness: np.ndarray
    familiarity: np.ndarray | None

    def top(self, count: int) -> float:
        """Mean success of the best few policies of each group, and over the groups."""
        best = [np.sort(self.success[self.prompts.group == group])[-count:].mean()
                for group in sorted(set(self.prompts.group.tolist()))]
        return float(np.mean(best))

    def qualified_by_group(self) -> dict[str, tuple[int, int]]:
        """Qualified policies and prompts of each group."""
        return {group: (int(self.qualified[mine].sum()), int(mine.sum()))
                for group in sorted(set(self.prompts.group.tolist()))
                for mine in [self.prompts.group == group]}

    def to_dict(self, seed: int) -> dict[str, Any]:
        """For JSON."""
        return {
            'prompts': len(self.prompts), 'success': float(self.success.mean()),
            'success_interval': bootstrap_interval(self.success, seed=seed),
            'qualified': float(self.qualified.mean()),
            'qualified_interval': wilson_interval(float(self.qualified.mean()),
                                                  len(self.prompts)),
            **{f'top_{count}': self.top(count) for count in TOP},
            'cosine_to_prompt_actor': float(self.likeness.mean()),
            'cosine_to_nearest_training_actor':
                None if self.familiarity is None else float(self.familiarity.mean()),
            'qualified_by_group': self.qualified_by_group()}


@dataclass(frozen=True, eq=False)
class PromptedEvaluation:
    """
    What came of all prompts.

    :param left_out: answers, kinds of prompts and columns that the archive, an index, has nothing
        for
    """

    subject: DomainSubject
    answered: Sequence[Answered]
    left_out: Sequence[str]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """For JSON: by kind of prompt and method."""
        subject = self.subject
        kinds: dict[str, dict[str, Any]] = {}
        for each in self.answered:
            kinds.setdefault(each.prompts.kind, {})[each.method] = each.to_dict(subject.seed)
        return {'domain': subject.domain.name, 'prompted': kinds, 'seed': subject.seed,
                'left_out': list(self.left_out),
                'bundle': subject.generator.bundle_name, 'seconds': self.seconds,
                'archive': {'actors': len(subject.archive), 'train': len(subject.archive.seen)}}

    def tables(self) -> list[Table]:
        """For people: one table for each kind of prompt, and the groups of the generator."""
        kinds = list(dict.fromkeys(each.prompts.kind for each in self.answered))
        return [*(self._table(kind) for kind in kinds), self._by_group()]

    def _table(self, kind: str) -> Table:
        mine = [each for each in self.answered if each.prompts.kind == kind]
        header = ('answer', 'success', '95 %', 'qualified', '95 % ', 'best', 'top 5', 'top 10',
                  'cosine to prompt', 'to training')
        rows = []
        for each in mine:
            found = each.to_dict(self.subject.seed)
            rows.append((each.method, f'{found["success"]:.3f}', _span(found['success_interval']),
                         f'{found["qualified"]:.3f}', _span(found['qualified_interval']),
                         *(f'{found[f"top_{count}"]:.3f}' for count in TOP),
                         f'{found["cosine_to_prompt_actor"]:.3f}',
                         _shown(found['cosine_to_nearest_training_actor'])))
        return Table(f'{KINDS[kind]}: {len(mine[0].prompts)} prompts', header, rows,
                     {'success': HIGH, 'qualified': HIGH})

    def _by_group(self) -> Table:
        word = self.subject.domain.group_word
        methods = list(dict.fromkeys(each.method for each in self.answered))
        rows = []
        for kind in dict.fromkeys(each.prompts.kind for each in self.answered):
            mine = {each.method: each.qualified_by_group() for each in self.answered
                    if each.prompts.kind == kind}
            rows += [(f'{group} ({kind.replace("_", "-")})',
                      *(f'{mine[method][group][0]} of {mine[method][group][1]}'
                        for method in methods)) for group in mine[methods[0]]]
        notes = ['left out, for which the archive stores no weights or trajectories: '
                 + '; '.join(self.left_out)] if self.left_out else []
        return Table(f'qualified policies by {word}', (word, *methods), rows, notes=notes)


def evaluate_prompts(subject: DomainSubject) -> PromptedEvaluation:
    """
    Answer prompts of all kinds, run each answer in its prompt's group, and count successes.

    What an index has no weights for is left out, and said.

    :raises ArchiveError: no trajectory of a held-out actor, or no base weights
    """
    started = time.perf_counter()
    archive, sizes = subject.archive, subject.sizes
    drawn = [draw_prompts(archive, kind, sizes.held_out, subject.seed) for kind in KINDS]
    prompts = [some for some in drawn if len(some)]
    if not prompts:
        raise ArchiveError(f'the archive at {archive.path} has no trajectory of a held-out actor, '
                           'which evaluation takes as a prompt')
    answers = answers_of(subject.generator, archive)
    left_out = [*(method for method, answer in answers.items() if answer is None),
                *(f'prompts of {KINDS[some.kind]}' for some in drawn if not len(some))]
    training = None
    if has_training_weights(archive):
        training = _unit(archive.weights[archive.seen].astype(np.float32))
    else:
        left_out.append('cosine to training')
    found = []
    todo = [(some, method, answer) for some in prompts for method, answer in answers.items()
            if answer is not None]
    for some, method, answer in progress(todo, about='prompts answered', unit='table row'):
        policies = some.placed(answer(some, subject.seed))
        found.append(_answered(subject, some, method, policies, training))
    return PromptedEvaluation(subject, found, left_out, time.perf_counter() - started)


def _answered(subject: DomainSubject, prompts: Prompts, method: str,
              policies: list[ActorWeights], training: np.ndarray | None) -> Answered:
    parts = [subject.run(policies[start:start + BATCH_SIZE], subject.seed + 1 + start)
             for start in range(0, len(policies), BATCH_SIZE)]
    vectors = _unit(np.stack([policy.to_vector() for policy in policies]))
    own = _unit(subject.archive.weights[prompts.actor].astype(np.float32))
    success = np.concatenate([part.reward for part in parts])
    return Answered(
        prompts, method, success, success == 1,
        (vectors * own).sum(axis=1),
        None if training is None else (vectors @ training.T).max(axis=1))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _shown(share: float | None) -> str:
    return '' if share is None else f'{share:.3f}'


def _span(interval: tuple[float, float]) -> str:
    return f'{interval[0]:.2f} to {interval[1]:.2f}'
