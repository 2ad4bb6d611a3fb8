# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The report of an evaluation; what could not be computed is named where it would stand."""

from __future__ import annotations

from policy_gen_ros.baselines.preset import PAPER_SOURCES
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL
from policy_gen_ros.evaluation.metrics.figures import Figure
from policy_gen_ros.evaluation.metrics.quality_diversity import cdf_rewards, elite_cdf
from policy_gen_ros.evaluation.report.distributions import (
    distances,
    latency_histograms,
    reward_curves,
)
from policy_gen_ros.evaluation.report.footfalls import gait_diagram
from policy_gen_ros.evaluation.report.heat_map import heat_maps
from policy_gen_ros.evaluation.report.measures import asked_and_reached, measure_errors
from policy_gen_ros.evaluation.report.parts import Chart, Charts, KeyFigure, Missing, Page, Section
from policy_gen_ros.evaluation.report.style import FAMILY_KEY
from policy_gen_ros.evaluation.report.table import Table
from policy_gen_ros.evaluation.studies.answers import Answers
from policy_gen_ros.evaluation.studies.errors import (
    errors_by_family,
    mean_with_interval,
    SCALE,
    typical_goals,
)
from policy_gen_ros.evaluation.studies.report import (
    baseline_tables,
    closing,
    error_table,
    figures_table,
    goal_tables,
    interval,
    number,
)
from policy_gen_ros.evaluation.studies.subject import EPISODE_S
from policy_gen_ros.evaluation.studies.suite import Evaluation
from policy_gen_ros.evaluation.studies.words import MEANINGS, SCATTER_NOTE

KEY_FIGURES = {
    'qualified_rate.held_out': 'Qualified, new goals, from measures',
    'qualified_rate.text': 'Qualified, new goals, from text',
    'qualified_rate.trajectory': 'Qualified, new goals, from a trajectory',
    'rehearsed_qualified_rate': 'Qualified after rehearsal, new goals',
    'language_gait_accuracy': 'Right gait, from text that names one',
    'reward_ratio': 'Reward ratio', 'qd_score_ratio': 'QD-score ratio',
    'coverage_ratio': 'Coverage ratio', 'mem': 'Mean error in measure'}
GIVE_ARCHIVE = 'Give the archive that the bundle was trained on (--archive).'
SMALL_REM, MIDDLE_REM = 15.0, 22.0


def evaluation_page(result: Evaluation) -> Page:
    """Return the report of an evaluation."""
    subject = result.subject
    ground = 'in the twin' if subject.perturbation == NOMINAL else \
        'in twins that are disturbed (--perturb)'
    return Page(
        f'Evaluation of {subject.generator.info.name}',
        f'{len(result.held_out.goals)} held-out goals of each kind, one actor for each, no '
        f'selection, {EPISODE_S:.0f} s {ground} from standing.',
        _key_figures(result), [
            Section('Summary', 'Qualified: stays up, walks in the gait asked for, keeps a rhythm '
                    'with every foot and follows its command. The archive is the same figure of '
                    "the archive's own actors, walked again with other seeds.",
                    [*([Missing(f'Missing: {result.missing}.')] if result.missing else []),
                     figures_table(result)]),
            Section('Archive', 'The generator is asked for behaviours of its training '
                    'actors; of what it makes, whoever stays up is sorted into an empty archive, '
                    'wherever it lands.', _archives(result)),
            Section('Measures', 'Held-out goals that say all measures. Errors are means over '
                    'those that were walked to the end, with 95 % intervals, in spreads over '
                    'gaits; of phases in quarters of a cycle.',
                    [_errors(result.held_out), error_table(result),
                     Charts(_scatter(result.held_out), SMALL_REM, FAMILY_KEY, SCATTER_NOTE)]),
            Section('Gaits', 'When each foot stands: asked (grey) and walked. Of each gait the '
                    'goal whose error of contacts is the median.',
                    [Charts(_gaits(result.held_out), MIDDLE_REM)]),
            Section('Goals', '', [*goal_tables(result), *([] if result.seen else [Missing(
                f'No goals that training has seen: {GIVE_ARCHIVE}')])]),
            Section('Baselines', 'All are conditioned on all measures of the same held-out '
                    'goals; words as under Goals.',
                    _baselines(result)),
            Section('Memorisation', 'How far generated actors are from the nearest training '
                    'actor, as multiples of how far training actors are from each other (median). '
                    'A copy is at 0.', _memorisation(result)),
            Section('Latency', 'From a goal to the bytes of an actor, one goal at a time, on the '
                    'machine of this evaluation.', [Charts(latency_histograms({
                        f'from {kind}': times for kind, times in result.latency_ms.items()}),
                        MIDDLE_REM)])],
        f'{closing(result)}.')


def _key_figures(result: Evaluation) -> list[KeyFigure]:
    known = {figure.key: figure for figure in result.figures}
    return [_key_figure(name, known[key], MEANINGS.get(key, ''))
            for key, name in KEY_FIGURES.items() if key in known]


def _key_figure(name: str, figure: Figure, meaning: str) -> KeyFigure:
    archive = '' if figure.archive is None else f'archive {number(figure.archive)}'
    return KeyFigure(name, number(figure.value),
                     ', '.join(filter(None, [interval(figure), archive])), meaning)


def _archives(result: Evaluation) -> list[Charts | Table | Missing]:
    if not result.kept:
        return [Missing(f'Nothing to compare with. {GIVE_ARCHIVE}')]
    many = result.kept.many
    original, generated = many.reference.elites(), many.generated.elites()
    rewards = cdf_rewards(many.generated.domain)
    curves = reward_curves(rewards, ('original', elite_cdf(original, rewards)),
                           ('generated', elite_cdf(generated, rewards)))
    return [Charts([*heat_maps({'Original archive': original, 'Generated archive': generated}),
                    curves], MIDDLE_REM)]


def _errors(answers: Answers) -> Charts | Missing:
    errors = {family: mean_with_interval(mine) / SCALE[:, None]
              for family, mine in errors_by_family(answers).items()}
    if not errors:
        return Missing('No errors: no actor walked to the end.')
    return Charts(measure_errors(errors), MIDDLE_REM, FAMILY_KEY)


def _scatter(answers: Answers) -> list[Chart]:
    walked = answers.walked['measures']
    return asked_and_reached(answers.goals.measures, walked.measures, walked.survived,
                             answers.goals.family)


def _gaits(answers: Answers) -> list[Chart]:
    walked = answers.walked['measures']
    charts = []
    for family, row in typical_goals(answers).items():
        asked = dict(zip(MEASURE_NAMES, answers.goals.measures[row].tolist()))
        result = walked.results[row]
        charts.append(gait_diagram(family.capitalize(), asked, [result.contact], family, (
            f'{asked["frequency_hz"]:.2f} Hz asked, {result.measures["frequency_hz"]:.2f} walked; '
            f'{asked["vx_mps"]:.2f} m/s asked, {result.measures["vx_mps"]:.2f} walked'
            + ('' if result.survived else f'; fell after {result.seconds:.1f} s'))))
    return charts


def _memorisation(result: Evaluation) -> list[Charts | Table | Missing]:
    if not result.memorisation:
        return [Missing(f'Nothing to compare with. {GIVE_ARCHIVE}')]
    behavior = result.memorisation.behavior
    charts = [distances('In what they do', {
        'training actors, to others': behavior.training, 'held-out goals': behavior.asked,
        'generated for these': behavior.generated})]
    if result.baseline_results:
        weights = result.baseline_results.weights
        charts.append(distances('In weights', {
            'training actors, to others': weights.training,
            'generated for held-out goals': weights.generated}))
    return [Charts(charts, MIDDLE_REM)]


def _baselines(result: Evaluation) -> list[Charts | Table | Missing]:
    if not result.baseline_results:
        return [Missing('None: they are made of the weights of the whole archive. '
                        + GIVE_ARCHIVE)]
    names = result.baseline_results.baselines
    found: list[Charts | Table | Missing] = [*baseline_tables(result)]
    if 'hypernetwork' not in names:
        found.append(Missing('Without the two that are trained: a quick evaluation leaves them '
                             'out.'))
    if not any(name.startswith(tuple(PAPER_SOURCES)) for name in names):
        found.append(Missing("Without the papers' own networks: train them (train --preset "
                             f'{" and ".join(PAPER_SOURCES)}) and give them (--paper).'))
    return found
