"""Tables of an evaluation, for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import math

from policy_gen_ros.evaluation.figures import Figure
from policy_gen_ros.evaluation.single_shot import Score
from policy_gen_ros.evaluation.suite import Evaluation


@dataclass(frozen=True)
class Table:
    """Text in cells; the first column is to the left, the others to the right."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def plain(self) -> str:
        """For the terminal."""
        widths = [max(map(len, column)) for column in zip(self.header, *self.rows)]
        lines = [' '.join([cells[0].ljust(widths[0]),
                           *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:]))])
                 for cells in (self.header, *self.rows)]
        return '\n'.join([self.title, '', *(line.rstrip() for line in lines)])

    def markdown(self) -> str:
        """For a file."""
        rule = ['---', *['---:'] * (len(self.header) - 1)]
        lines = ['| ' + ' | '.join(cells) + ' |' for cells in (self.header, rule, *self.rows)]
        return '\n'.join([f'## {self.title}', '', *lines])


def tables(result: Evaluation) -> list[Table]:
    """All tables of an evaluation."""
    found = [
        Table('Figures', ('', 'value', '95 %', 'floor', 'n'),
              [_figure_row(figure) for figure in result.figures]),
        _score_table('Held-out goals, one actor each', {
            **result.held_out.scores, **result.held_out.parts}),
        _score_table('Held-out goals by sampler steps', {
            f'{kind}, {steps}': score for steps, scores in result.steps.items()
            for kind, score in scores.items()})]
    if result.seen:
        found.append(_score_table('Seen goals, one actor each', {
            **result.seen.scores, **result.seen.parts}))
    if result.rivals:
        rivals = {'this generator': result.rivals.generator, **result.rivals.baselines}
        found.append(_score_table('Baselines on the held-out goals, told all measures', {
            name: rival.score for name, rival in rivals.items()}))
        found.append(Table(
            'Baselines: reward on behaviours that training has seen, and how new actors are',
            ('', 'reward ratio', 'distance to training actors'),
            [(name, _number(rival.reward_ratio), _number(rival.distance))
             for name, rival in rivals.items()]))
    return found


def plain(result: Evaluation) -> str:
    """Text for the terminal."""
    parts = [table.plain() for table in tables(result)]
    return '\n\n'.join([*parts, *([f'Missing: {result.missing}'] if result.missing else []),
                        _closing(result)])


def markdown(result: Evaluation) -> str:
    """Text for a file."""
    parts = [table.markdown() for table in tables(result)]
    missing = [f'Missing: {result.missing}.'] if result.missing else []
    return '\n\n'.join(['# Evaluation', *missing, *parts, _closing(result)]) + '\n'


def _closing(result: Evaluation) -> str:
    return (f'{result.subject.generator.info.name}, seed {result.subject.seed}, '
            f'{result.seconds:.0f} s')


def _figure_row(figure: Figure) -> tuple[str, ...]:
    interval = '' if figure.interval is None else ' to '.join(map(_number, figure.interval))
    floor = '' if figure.floor is None else _number(figure.floor)
    return figure.name, _number(figure.value), interval, floor, str(figure.count)


def _number(value: float) -> str:
    """Whole numbers as they are, others with three digits after the point or four in all."""
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        return 'none'
    return f'{value:.3f}' if abs(value) < 10 else f'{value:.4g}'


def _score_table(title: str, scores: Mapping[str, Score]) -> Table:
    header = ('', 'goals', 'walks', 'family', 'qualified', '95 %', 'ok', 'contact error', 'MEM',
              'vx error', 'Hz error', 'reward')
    return Table(title, header, [(
        name, str(s.count), f'{s.walks:.2f}', f'{s.right_family:.2f}', f'{s.qualified:.2f}',
        '{:.2f} to {:.2f}'.format(*s.qualified_interval), f'{s.ok:.2f}', f'{s.contact_error:.3f}',
        f'{s.mem:.3f}', f'{s.vx_error_mps:.3f}', f'{s.frequency_error_hz:.2f}', f'{s.reward:.2f}')
        for name, s in scores.items()])
