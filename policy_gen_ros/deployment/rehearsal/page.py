# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The report of a rehearsal: candidates for one goal, and how they walked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from policy_gen_ros.deployment.rehearsal.rehearse import Candidate, Rehearsal
from policy_gen_ros.domains.go2.gait.measures import MEASURES
from policy_gen_ros.evaluation.report.footfalls import gait_diagram
from policy_gen_ros.evaluation.report.parts import (
    Caution,
    Charts,
    KeyFigure,
    Missing,
    Page,
    Section,
)
from policy_gen_ros.evaluation.report.table import HIGH, LOW, Table

CHART_REM = 22.0
NOTES = (
    'Qualifies: walks as asked on level ground and stays up in enough perturbed twins.',
    'Stays up, as asked: shares of the perturbed twins. Distance: from the measures asked for, in '
    'tolerances.')


def rehearsal_page(rehearsal: Rehearsal) -> Page:
    """Return the report of a rehearsal."""
    candidates, twins = rehearsal.candidates, len(rehearsal.candidates[0].walks) - 1
    none = [] if rehearsal.chosen is not None else [Missing(
        'No candidate qualifies: ask for something else, or for more candidates.')]
    return Page(
        'Rehearsal', f'“{rehearsal.goal.describe()}”: {len(candidates)} candidates, each in '
        f'{twins} perturbed twins, and in one as it was built on level ground.',
        _key_figures(rehearsal), [
            Section('Candidates', '', [*map(Caution, rehearsal.warnings), *none,
                                       _candidate_table(rehearsal)]),
            Section('Measures', 'What each candidate aims at, and what it did on level ground.',
                    [_measure_table(candidates)]),
            Section('Gaits', 'When each foot stands: aimed at (grey), and each twin in a line of '
                    'its own, the one on level ground first.', [Charts([gait_diagram(
                        _name(rehearsal, i), candidate.actor.measures,
                        [walk.contact for walk in candidate.walks], 'accent',
                        f'{_percent(candidate.survived)} stay up, reward {candidate.reward:.2f}')
                        for i, candidate in enumerate(candidates)], CHART_REM)])],
        f'policy_gen rehearse: generated in {rehearsal.generated_s:.2f} s, walked in '
        f'{rehearsal.walked_s:.2f} s.')


def _key_figures(rehearsal: Rehearsal) -> list[KeyFigure]:
    candidates = rehearsal.candidates
    qualified = KeyFigure('Candidates that qualify',
                          f'{sum(c.qualified for c in candidates)} of {len(candidates)}')
    if rehearsal.chosen is None:
        return [KeyFigure('Kept', 'none'), qualified]
    kept = candidates[rehearsal.chosen]
    return [KeyFigure('Kept', f'candidate {rehearsal.chosen}'), qualified,
            KeyFigure('Its perturbed twins that stay up', _percent(kept.survived)),
            KeyFigure('Its reward', f'{kept.reward:.2f}')]


def _candidate_table(rehearsal: Rehearsal) -> Table:
    return Table('All candidates', (
        '', 'qualifies', 'stays up', 'as asked', 'distance', 'reward', 'why not'), [
        (_name(rehearsal, i), 'yes' if c.qualified else 'no', f'{c.survived:.2f}',
         f'{c.as_asked:.2f}', f'{c.distance:.2f}', f'{c.reward:.3f}', c.why_not)
        for i, c in enumerate(rehearsal.candidates)],
        {'stays up': HIGH, 'as asked': HIGH, 'distance': LOW, 'reward': HIGH}, ('why not',), NOTES)


def _measure_table(candidates: Sequence[Candidate]) -> Table:
    def cell(candidate: Candidate, name: str) -> str:
        asked, reached = (values.get(name, np.nan)
                          for values in (candidate.actor.measures, candidate.measures))
        return f'{_known(asked)} → {_known(reached)}'

    return Table('Aimed at → reached', ('', 'unit', *map(str, range(len(candidates)))), [
        (measure.name, measure.unit, *(cell(c, measure.name) for c in candidates))
        for measure in MEASURES], words=('unit',))


def _known(value: float) -> str:
    return f'{round(value, 2) + 0.0:.2f}' if np.isfinite(value) else '?'  # never -0.00


def _percent(share: float) -> str:
    return f'{100 * share:.0f} %'


def _name(rehearsal: Rehearsal, row: int) -> str:
    return f'candidate {row}' + (', kept' if row == rehearsal.chosen else '')
