# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Charts of how numbers are distributed: rewards of archives, latencies."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator, ScalarFormatter
import numpy as np
from policy_gen_ros.evaluation.report.parts import Chart
from policy_gen_ros.evaluation.report.style import (
    ACCENT_COLOR,
    ASKED_COLOR,
    new_figure,
    plain,
    TEXT_COLOR,
)

BINS = 48


def reward_curves(rewards: np.ndarray, reference: tuple[str, np.ndarray],
                  generated: tuple[str, np.ndarray]) -> Chart:
    """
    Share of all cells of two archives whose best actor earns at least a reward.

    :param rewards: Shape: (n,)
    :param reference, generated: a name, and the share at each reward. Shape: (n,)
    """
    figure = new_figure(4.3, 3.5)
    axes = figure.subplots()
    for (name, share), color, line in ((reference, ASKED_COLOR, '--'),
                                       (generated, ACCENT_COLOR, '-')):
        axes.plot(rewards, share, line, label=name, color=color)
    axes.set_xlabel('reward')
    axes.set_ylabel('share of cells with at least this reward')
    axes.set_xlim(rewards[0], rewards[-1])
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, labelcolor=TEXT_COLOR, fontsize=9, loc='lower left')
    plain(axes)
    half = len(rewards) // 2
    summary = '; '.join(f'{name}: {share[0]:.2f} of the cells filled, {share[half]:.2f} with a '
                        f'reward of {rewards[half]:.2f} or more' for name, share in (
                            reference, generated))
    return Chart('Rewards of the best actors', figure, f'Cumulative distribution. {summary}',
                 'Complementary cumulative distribution over all cells, empty ones included')


def latency_histograms(times_ms: Mapping[str, np.ndarray]) -> list[Chart]:
    """
    Histograms in one scale.

    :param times_ms: title -> times. Shapes: (n,)
    """
    end = 1.1 * max(np.percentile(times, 99) for times in times_ms.values())
    return [_latency_histogram(title, times, end) for title, times in times_ms.items()]


def _latency_histogram(title: str, times_ms: np.ndarray, end_ms: float) -> Chart:
    figure = new_figure(4.3, 2.1)
    axes = figure.subplots()
    axes.hist(np.minimum(times_ms, end_ms), BINS, range=(0, end_ms), color=ACCENT_COLOR)
    middle, slow = np.percentile(times_ms, [50, 99])
    for value in (middle, slow):
        axes.axvline(value, color=TEXT_COLOR, linewidth=0.8, linestyle=':')
    axes.set_xlim(0, end_ms)
    axes.set_xlabel('ms (last bin: and slower)')
    axes.set_ylabel('goals')
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    plain(axes)
    note = f'median {middle:.1f} ms, p99 {slow:.1f} ms, {len(times_ms)} goals'
    return Chart(title, figure, f'Histogram: {note}', f'{note} (dotted: median and p99)')


def distances(title: str, apart: Mapping[str, np.ndarray]) -> Chart:
    """
    Cumulative distributions of distances that are never negative, in one chart.

    :param apart: name -> distances, two or three of them; the last one stands out
    """
    figure = new_figure(4.3, 3.0)
    axes = figure.subplots()
    looks = ((ASKED_COLOR, '--'), (TEXT_COLOR, ':'), (ACCENT_COLOR, '-'))[-len(apart):]
    for (name, values), (color, line) in zip(apart.items(), looks):
        share = np.arange(1, len(values) + 1) / len(values)
        axes.plot(np.sort(values), share, line, label=name, color=color)
    axes.set_xscale('symlog', linthresh=1.0)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(FixedLocator([0, 0.5, 1, 2, 5, 10, 20]))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_ylim(0, 1)
    axes.set_xlabel('distance (1: as between training actors)')
    axes.set_ylabel('share that is nearer')
    axes.legend(frameon=False, labelcolor=TEXT_COLOR, fontsize=9, loc='upper left')
    plain(axes)
    summary = '; '.join(f'{name}: median {np.median(values):.2f}, least {values.min():.2f}'
                        for name, values in apart.items())
    return Chart(title, figure, f'Cumulative distributions. {summary}', summary)
