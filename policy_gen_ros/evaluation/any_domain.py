# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Policy Diffusion's figures for any domain: what is kept of the archive, and what is done as asked.

The Go2 has studies of its own beside these (:mod:`policy_gen_ros.evaluation.studies.suite`).
"""

from __future__ import annotations

from dataclasses import dataclass
import time
from typing import Any

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.evaluation.metrics.archive_kept import ArchiveKept, compare_with_archive
from policy_gen_ros.evaluation.metrics.domain_subject import DomainSubject
from policy_gen_ros.evaluation.metrics.figures import Figure, nested
from policy_gen_ros.evaluation.report.table import Table
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.spec import parameter_count


@dataclass(frozen=True, eq=False)
class DomainEvaluation:
    """What came of it; ``figures`` go into the table and the JSON."""

    subject: DomainSubject
    kept: ArchiveKept
    figures: list[Figure]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """For JSON, with the keys of every evaluation."""
        subject, archive = self.subject, self.subject.archive
        return {
            **nested(self.figures), 'domain': subject.domain.name, 'archive': {
                'actors': len(archive), 'parameters_per_actor': parameter_count(
                    archive.layer_sizes), 'train': len(archive.seen),
                'held_out': len(archive.held_out), 'coverage': archive_coverage(archive)},
            'parameters': subject.generator.parameter_counts(), 'kept': self.kept.to_dict(),
            'seed': subject.seed, 'seconds': self.seconds}

    def table(self) -> Table:
        """For people."""
        return Table('', ('figure', 'value', '95 %', 'archive', 'n'), [
            (figure.name, f'{figure.value:.3f}',
             ' to '.join(f'{end:.3f}' for end in figure.interval) if figure.interval else '',
             '' if figure.archive is None else f'{figure.archive:.3f}', str(figure.count))
            for figure in self.figures])


def archive_coverage(archive: Archive) -> float:
    """Share of the cells of the domain's grid that qualified policies fill."""
    from policy_gen_ros.archive.grid import measure_grid

    return float(measure_grid(archive).stats.coverage)


def evaluate_domain(subject: DomainSubject) -> DomainEvaluation:
    """
    Compare with the archive, and ask for behaviours that training saw, that it did not, and text.

    A goal counts as done if the policy succeeds, as its domain has it, and behaves as the group
    that was asked for.
    """
    started = time.perf_counter()
    archive, rng = subject.archive, np.random.default_rng(subject.seed)
    kept = compare_with_archive(subject, archive)
    counts = subject.generator.parameter_counts()
    stored = parameter_count(archive.layer_sizes) * len(archive)
    figures = [*kept.figures,
               Figure('compression_ratio', 'parameters of the archive / of the generator',
                      stored / (counts['generator'] + counts['decoder']), len(archive))]
    seen = rng.permutation(archive.seen)[:subject.sizes.seen]
    held_out = rng.permutation(archive.held_out)[:subject.sizes.held_out]
    figures += _asked(subject, seen, 'seen', 'seen goals')
    if len(held_out):
        figures += _asked(subject, held_out, 'held_out', 'held-out goals')
    figures += _from_text(subject, seen, rng)
    return DomainEvaluation(subject, kept, figures, time.perf_counter() - started)


def _asked(subject: DomainSubject, actors: np.ndarray, key: str, about: str) -> list[Figure]:
    domain = subject.domain
    wanted = subject.archive.measures[actors, 0]
    run = subject.run(subject.generate([
        Goal(measures=dict(zip(domain.measures.names, row)), domain=domain.name)
        for row in wanted.tolist()]), subject.seed + 1)
    done = run.succeeded & (domain.label(run.measures) == domain.label(wanted))
    error = np.linalg.norm((run.measures - wanted)[:, domain.measures.grid], axis=1)
    return [Figure.share(f'qualified_rate.{key}', f'{about}: succeed in the {domain.group_word} '
                         'asked for', float(done.mean()), len(actors)),
            Figure(f'mem_of.{key}', f'{about}: mean error in measure', float(error.mean()),
                   len(actors))]


def _from_text(subject: DomainSubject, actors: np.ndarray,
               rng: np.random.Generator) -> list[Figure]:
    domain, archive = subject.domain, subject.archive
    language = domain.captions
    asked = [] if language is None else [
        (caption.text, groups[0]) for a in actors.tolist() for caption in archive.captions[a][0]
        if len(groups := language.read(caption.text).groups) == 1]
    if not asked:
        return []
    asked = [asked[i] for i in rng.permutation(len(asked))[:subject.sizes.seen]]
    run = subject.run(subject.generate([Goal(text=text, domain=domain.name)
                                        for text, _ in asked]), subject.seed + 2)
    right = domain.label(run.measures) == np.array([group for _, group in asked])
    return [
        Figure.share('language_gait_accuracy', f'captions that name a {domain.group_word}: it is '
                     'the one', float(right.mean()), len(asked)),
        Figure.share('qualified_rate.text', f'captions: succeed in the {domain.group_word} named',
                     float((right & run.succeeded).mean()), len(asked))]
