"""The report of a rehearsal: candidates for one goal, and how their twins walked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.goal.measures import MEASURES
from policy_gen_ros.report.footfalls import gait_diagram
from policy_gen_ros.report.parts import Charts, KeyFigure, Missing, Page, Section
from policy_gen_ros.report.table import HIGH, Table

CHART_REM = 22.0


@dataclass(frozen=True, eq=False)
class RehearsedCandidate:
    """
    One candidate, and what its twins did.

    :param reasons: why it does not qualify; empty if it does
    :param survived: share of its twins that walked to the end
    :param reward: mean over its twins
    :param asked: measures that it aims at, as far as there are any
    :param reached: measures, mean over its twins; NaN where unknown
    :param contacts: which feet stood, of each twin. Shapes: (time, 4), bool, 50 Hz
    :param milliseconds: that making it and walking its twins took
    """

    name: str
    qualified: bool
    reasons: Sequence[str]
    survived: float
    reward: float
    asked: Mapping[str, float]
    reached: Mapping[str, float]
    contacts: Sequence[np.ndarray]
    milliseconds: float


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """
    A whole rehearsal.

    :param goal: in words
    :param twins: what they met, in words
    :param chosen: row of the candidate that was kept, None for none
    :raises ValueError: no candidates, or a chosen one that is not there
    """

    goal: str
    twins: str
    candidates: Sequence[RehearsedCandidate]
    chosen: int | None
    seconds: float

    def __post_init__(self) -> None:
        if not self.candidates:
            raise ValueError('a rehearsal needs at least one candidate')
        if self.chosen is not None and not 0 <= self.chosen < len(self.candidates):
            raise ValueError(f'chosen is {self.chosen}, expected 0 to {len(self.candidates) - 1}, '
                             'or None')


def rehearsal_page(rehearsal: Rehearsal) -> Page:
    """Return the report of a rehearsal."""
    candidates = rehearsal.candidates
    qualified = sum(candidate.qualified for candidate in candidates)
    none = [] if qualified else [Missing('No candidate qualifies: say less in the goal, or ask '
                                         'for more candidates.')]
    return Page(
        'Rehearsal', f'“{rehearsal.goal}”: {len(candidates)} candidates, each walked by '
        f'{len(candidates[0].contacts)} twins ({rehearsal.twins}).', _key_figures(rehearsal), [
            Section('Candidates', '', [*none, _candidate_table(rehearsal)]),
            Section('Measures', 'What each candidate aims at, and the mean of what its twins did.',
                    [_measure_table(candidates)]),
            Section('Gaits', 'When each foot stands: aimed at (grey), and each twin in a line of '
                    'its own.', [Charts([gait_diagram(
                        _name(rehearsal, i), candidate.asked, candidate.contacts, 'accent',
                        f'{_percent(candidate.survived)} stay up, reward {candidate.reward:.2f}')
                        for i, candidate in enumerate(candidates)], CHART_REM)])],
        f'policy_gen rehearse: {rehearsal.seconds:.1f} s.')


def _key_figures(rehearsal: Rehearsal) -> list[KeyFigure]:
    candidates = rehearsal.candidates
    qualified = KeyFigure('Candidates that qualify',
                          f'{sum(c.qualified for c in candidates)} of {len(candidates)}')
    if rehearsal.chosen is None:
        return [KeyFigure('Kept', 'none'), qualified]
    kept = candidates[rehearsal.chosen]
    return [KeyFigure('Kept', kept.name), qualified,
            KeyFigure('Its twins that stay up', _percent(kept.survived)),
            KeyFigure('Its reward', f'{kept.reward:.2f}')]


def _candidate_table(rehearsal: Rehearsal) -> Table:
    return Table('All candidates', ('', 'qualifies', 'stays up', 'reward', 'ms', 'why not'), [
        (_name(rehearsal, i), 'yes' if c.qualified else 'no', f'{c.survived:.2f}',
         f'{c.reward:.3f}', f'{c.milliseconds:.0f}', '; '.join(c.reasons))
        for i, c in enumerate(rehearsal.candidates)],
        {'stays up': HIGH, 'reward': HIGH}, ('why not',))


def _measure_table(candidates: Sequence[RehearsedCandidate]) -> Table:
    def cell(candidate: RehearsedCandidate, name: str) -> str:
        asked, reached = (values.get(name, np.nan)
                          for values in (candidate.asked, candidate.reached))
        return f'{_known(asked)} → {_known(reached)}'

    return Table('Aimed at → reached', ('', 'unit', *(c.name for c in candidates)), [
        (measure.name, measure.unit, *(cell(c, measure.name) for c in candidates))
        for measure in MEASURES], words=('unit',))


def _known(value: float) -> str:
    return f'{round(value, 2) + 0.0:.2f}' if np.isfinite(value) else '?'  # never -0.00


def _percent(share: float) -> str:
    return f'{100 * share:.0f} %'


def _name(rehearsal: Rehearsal, row: int) -> str:
    return rehearsal.candidates[row].name + (', kept' if row == rehearsal.chosen else '')
