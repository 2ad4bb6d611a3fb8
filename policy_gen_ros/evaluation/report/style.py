# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""How pages and charts look: colours, by day and by night, and quiet axes."""

from __future__ import annotations

from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES


class Color(NamedTuple):
    """A colour on light ground, and the one that stands for it on dark ground."""

    light: str
    dark: str


COLORS = {
    'paper': Color('#ffffff', '#15181c'), 'shade': Color('#f5f6f8', '#1d2126'),
    'empty': Color('#ececec', '#2a2f36'), 'line': Color('#d9dde2', '#333a42'),
    'frame': Color('#bbbbbb', '#5a626c'), 'soft': Color('#5b636d', '#a0a8b2'),
    'text': Color('#333333', '#e2e5e9'), 'asked': Color('#8a8f98', '#8b929c'),
    'accent': Color('#6a3d9a', '#c4a3ee')}
# Okabe and Ito's colours, which the colour-blind tell apart.
COLORS |= dict(zip(GAIT_FAMILIES, (
    Color('#0072b2', '#56b4e9'), Color('#e69f00', '#e69f00'), Color('#009e73', '#00b384'),
    Color('#d55e00', '#ee7518'), Color('#cc79a7', '#dd93bb'), Color('#56b4e9', '#8ecbf0'),
    Color('#f0e442', '#f0e442'), Color('#000000', '#ffffff'))))
"""By name. Charts are drawn in the light ones, no two of which are equal."""
EMPTY_COLOR, LINE_COLOR, TEXT_COLOR, FRAME_COLOR, SHADE_COLOR, ASKED_COLOR, ACCENT_COLOR = (
    COLORS[name].light for name in (
        'empty', 'paper', 'text', 'frame', 'shade', 'asked', 'accent'))
FAMILY_COLORS = {family: COLORS[family].light for family in GAIT_FAMILIES}
FAMILY_KEY = {family: family for family in GAIT_FAMILIES}
"""What the families' colours mean, as pages want it."""
_TICKS: dict[str, Any] = {'labelsize': 9, 'colors': TEXT_COLOR, 'length': 3}


def new_figure(width_in: float, height_in: float) -> Figure:
    """Return a figure without ground, whose parts keep out of each other's way."""
    figure = Figure(figsize=(width_in, height_in), facecolor='none', layout='constrained')
    FigureCanvasAgg(figure)
    return figure


def plain(axes: Axes) -> None:
    """Take away the upper and the right frame; soften the others, ticks and labels."""
    axes.spines[['top', 'right']].set_visible(False)
    axes.spines[['left', 'bottom']].set_color(FRAME_COLOR)
    axes.tick_params(**_TICKS)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(color=TEXT_COLOR, fontsize=9)
