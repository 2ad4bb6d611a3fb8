"""Plots of an evaluation: archives beside each other, rewards, and what was asked and reached."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
import numpy as np
from policy_gen_ros.archive.plots import draw_cells, FAMILY_COLORS, plain, TEXT_COLOR
from policy_gen_ros.condition.measures import MEASURE_SPREAD
from policy_gen_ros.evaluation.answers import Answers
from policy_gen_ros.evaluation.archive_kept import ArchiveKept
from policy_gen_ros.evaluation.quality_diversity import CDF_REWARDS, elite_cdf
from policy_gen_ros.evaluation.suite import Evaluation
from policy_gen_ros.files import write_whole
from policy_gen_ros.goal.measures import circular_difference, MEASURE_NAMES, MEASURES

DPI = 100
SHOWN = ('contact_fl', 'contact_rr', 'frequency_hz', 'body_height_m', 'swing_height_m', 'vx_mps',
         'vy_mps', 'yaw_rate_rps')
LABELS = {'contact_fl': 'contact, front left', 'contact_rr': 'contact, rear right',
          'frequency_hz': 'stepping frequency [Hz]', 'body_height_m': 'body height [m]',
          'swing_height_m': 'swing height [m]', 'vx_mps': 'vx [m/s]', 'vy_mps': 'vy [m/s]',
          'yaw_rate_rps': 'yaw rate [rad/s]'}


def draw_evaluation(result: Evaluation, folder: Path) -> list[Path]:
    """Draw everything that was computed, as PNGs; return their paths."""
    drawn = {'asked_and_reached': draw_asked_and_reached(result.held_out),
             'error_by_family': draw_error_by_family(result.held_out)}
    if result.kept:
        drawn |= {'archives': draw_archives(result.kept), 'rewards': draw_rewards(result.kept)}
    files = []
    for name, figure in drawn.items():
        files.append(folder / f'{name}.png')
        write_whole(files[-1], partial(figure.savefig, format='png'))
    return files


def draw_archives(kept: ArchiveKept) -> Figure:
    """Heat maps of the original and of the generated archive."""
    figure = _new_figure(12.0, 6.2)
    left, right = figure.subplots(1, 2)
    for axes, walks, whose in ((left, kept.many.reference, 'the archive'),
                               (right, kept.many.generated, 'generated')):
        cells = walks.elites()
        filled = int(np.isfinite(cells).sum())
        drawn = draw_cells(axes, cells, vmin=0, vmax=1)
        axes.set_xlabel('front left foot on the ground; inside a block: rear left')
        _title(axes, f'{whose}: {filled} cells of {len(cells)}, QD score {np.nansum(cells):.1f}')
    bar = figure.colorbar(drawn, ax=[left, right], fraction=0.03, pad=0.02, aspect=30)
    bar.outline.set_visible(False)
    bar.set_label('best reward', color=TEXT_COLOR)
    return figure


def draw_rewards(kept: ArchiveKept) -> Figure:
    """Share of all cells whose best actor earns at least a reward."""
    figure = _new_figure(6.4, 4.4)
    axes = figure.subplots()
    for walks, label, color in ((kept.many.reference, 'the archive', TEXT_COLOR),
                                (kept.many.generated, 'generated', '#D55E00')):
        axes.plot(CDF_REWARDS, elite_cdf(walks.elites()), label=label, color=color)
    axes.set_xlabel('reward')
    axes.set_ylabel('share of cells with at least this reward')
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, labelcolor=TEXT_COLOR)
    plain(axes)
    return figure


def draw_asked_and_reached(answers: Answers) -> Figure:
    """Scatter of asked and reached measures, of goals that say all of them."""
    figure = _new_figure(12.0, 6.4)
    walked, asked = answers.walked['measures'], answers.goals.measures
    reached, up = walked.measures, walked.survived
    colors = np.array([FAMILY_COLORS[family] for family in answers.goals.family])
    for axes, name in zip(figure.subplots(2, 4).flat, SHOWN):
        x, y = (values[:, MEASURE_NAMES.index(name)] for values in (asked, reached))
        axes.scatter(x[up], y[up], s=9, c=colors[up], alpha=0.7, linewidths=0)
        axes.scatter(x[~up], y[~up], s=18, c=colors[~up], marker='x', linewidths=0.8)
        low, high = np.nanmin([x, y]), np.nanmax([x, y])
        axes.plot([low, high], [low, high], color=TEXT_COLOR, linewidth=0.8)
        _title(axes, LABELS[name])
        plain(axes)
    figure.supxlabel('asked', color=TEXT_COLOR, fontsize=10)
    figure.supylabel('reached (crosses: fell)', color=TEXT_COLOR, fontsize=10)
    _family_legend(figure)
    return figure


def draw_error_by_family(answers: Answers) -> Figure:
    """Mean error of each measure by the family that was asked for, relative to its spread."""
    figure = _new_figure(12.0, 4.6)
    axes = figure.subplots()
    walked, asked = answers.walked['measures'], answers.goals.measures
    circular = np.array([measure.circular for measure in MEASURES])
    apart = np.where(circular, circular_difference(walked.measures, asked),
                     walked.measures - asked)
    error = np.abs(apart) / np.where(circular, 0.25, MEASURE_SPREAD)
    families = np.array(answers.goals.family)
    width, middle = 0.8 / len(FAMILY_COLORS), np.arange(len(MEASURE_NAMES))
    offsets = width * (np.arange(len(FAMILY_COLORS)) - (len(FAMILY_COLORS) - 1) / 2)
    for offset, (family, color) in zip(offsets, FAMILY_COLORS.items()):
        mine = np.ma.masked_invalid(error[walked.survived & (families == family)])
        if len(mine):
            axes.bar(middle + offset, mine.mean(axis=0).filled(0), width, color=color)
    axes.set_xticks(middle, [name.replace('_', '\n', 1) for name in MEASURE_NAMES])
    axes.set_ylabel('mean error / spread over gaits\n(phases: / a quarter cycle)')
    plain(axes)
    _family_legend(figure)
    return figure


def _new_figure(width_in: float, height_in: float) -> Figure:
    figure = Figure(figsize=(width_in, height_in), dpi=DPI, facecolor='white',
                    layout='constrained')
    FigureCanvasAgg(figure)
    return figure


def _family_legend(figure: Figure) -> None:
    dots = [figure.axes[0].scatter([], [], color=color, label=family)
            for family, color in FAMILY_COLORS.items()]
    figure.legend(handles=dots, loc='outside upper right', ncols=len(dots), frameon=False,
                  labelcolor=TEXT_COLOR)


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, loc='left', fontsize=10, color=TEXT_COLOR)
