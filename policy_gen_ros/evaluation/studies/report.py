# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Tables of an evaluation, for the terminal, as Markdown, and for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import math

from policy_gen_ros.domains.go2.gait.measures import MEASURES
from policy_gen_ros.evaluation.metrics.figures import Figure
from policy_gen_ros.evaluation.report.table import HIGH, LOW, Table
from policy_gen_ros.evaluation.studies.answers import ARCHIVE_ACTORS
from policy_gen_ros.evaluation.studies.single_shot import Score
from policy_gen_ros.evaluation.studies.suite import Evaluation
from policy_gen_ros.evaluation.studies.words import FIGURE_NOTES, GOAL_NOTES

_BEST = {**dict.fromkeys(('walks', 'family', 'qualified', 'ok', 'reward'), HIGH),
         **dict.fromkeys(('contact error', 'MEM', 'vx error', 'Hz error'), LOW)}


def tables(result: Evaluation) -> list[Table]:
    """All tables of an evaluation."""
    return [figures_table(result), *goal_tables(result), error_table(result),
            *baseline_tables(result)]


def figures_table(result: Evaluation) -> Table:
    """One line for each figure."""
    return Table('Figures', ('', 'value', '95 %', 'archive', 'n'),
                 [_figure_row(figure) for figure in result.figures], notes=FIGURE_NOTES)


def goal_tables(result: Evaluation) -> list[Table]:
    """Scores of held-out goals, by sampler steps too, and of seen goals where there are any."""
    found = [
        _score_table('Held-out goals, one actor each', {
            **result.held_out.scores, **result.held_out.parts}, notes=GOAL_NOTES),
        _score_table('Held-out goals by sampler steps', {
            f'{kind}, {steps}': score for steps, scores in result.steps.items()
            for kind, score in scores.items()})]
    if result.seen:
        found.append(_score_table('Seen goals, one actor each', {
            **result.seen.scores, **result.seen.parts}))
    return found


def error_table(result: Evaluation) -> Table:
    """Mean error of each measure, in its own unit, by the family asked for."""
    errors = result.details['measure_errors']
    return Table('Mean error of each measure, held-out goals conditioned on all measures',
                 ('', 'unit', *errors), [
                     (measure.name, measure.unit, *(number(mine[measure.name])
                                                    for mine in errors.values()))
                     for measure in MEASURES], words=('unit',))


def baseline_tables(result: Evaluation) -> list[Table]:
    """Return the generator beside baselines; nothing where none were scored."""
    if not result.baseline_results:
        return []
    baselines = {'this generator': result.baseline_results.generator,
                 **result.baseline_results.baselines}
    return [
        _score_table('Baselines on the held-out goals, conditioned on all measures', {
            name: one.score for name, one in baselines.items()}, _BEST),
        Table('Baselines: reward on behaviours that training has seen, and how new actors are',
              ('', 'reward ratio', 'distance to training actors'),
              [(name, number(one.reward_ratio), number(one.distance))
               for name, one in baselines.items()], {'reward ratio': HIGH})]


def plain(result: Evaluation) -> str:
    """Text for the terminal."""
    parts = [table.plain() for table in tables(result)]
    return '\n\n'.join([*parts, *([f'Missing: {result.missing}'] if result.missing else []),
                        closing(result)])


def markdown(result: Evaluation) -> str:
    """Text for a file."""
    parts = [table.markdown() for table in tables(result)]
    missing = [f'Missing: {result.missing}.'] if result.missing else []
    return '\n\n'.join(['# Evaluation', *missing, *parts, closing(result)]) + '\n'


def closing(result: Evaluation) -> str:
    """Return what was evaluated, by which command, on which archive, and how long that took."""
    subject = result.subject
    steps, archive = subject.steps or subject.generator.info.steps, subject.archive
    where = f'archive {archive.path.name} (fingerprint {archive.fingerprint}, with what is held ' \
        f'out {archive.training_fingerprint})' if archive else 'no archive'
    return (f'{subject.command}: {subject.generator.info.name}, {where}, seed {subject.seed}, '
            f'{steps} sampler steps, {result.seconds:.0f} s')


def number(value: float) -> str:
    """Whole numbers as they are, others with three digits after the point or four in all."""
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        return 'none'
    return f'{value:.3f}' if abs(value) < 10 else f'{value:.4g}'


def interval(figure: Figure) -> str:
    """Bounds of a figure's interval, or nothing."""
    return '' if figure.interval is None else ' to '.join(map(number, figure.interval))


def _figure_row(figure: Figure) -> tuple[str, ...]:
    archive = '' if figure.archive is None else number(figure.archive)
    return figure.name, number(figure.value), interval(figure), archive, str(figure.count)


def _score_table(title: str, scores: Mapping[str, Score],
                 best: Mapping[str, str] | None = None, notes: Sequence[str] = ()) -> Table:
    header = ('', 'goals', 'walks', 'family', 'qualified', '95 %', 'ok', 'contact error', 'MEM',
              'vx error', 'Hz error', 'reward')
    return Table(title, header, [(
        name.replace(ARCHIVE_ACTORS, 'archive'), str(s.count),
        f'{s.walks:.2f}', f'{s.right_family:.2f}', f'{s.qualified:.2f}',
        '{:.2f} to {:.2f}'.format(*s.qualified_interval), f'{s.ok:.2f}', f'{s.contact_error:.3f}',
        f'{s.mem:.3f}', f'{s.vx_error_mps:.3f}', f'{s.frequency_error_hz:.2f}', f'{s.reward:.2f}')
        for name, s in scores.items()], best or {}, notes=notes)
