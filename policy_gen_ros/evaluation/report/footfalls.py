# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Gait diagrams: when each foot stands, asked and reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES, PHASE_NAMES
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.evaluation.report.parts import Chart
from policy_gen_ros.evaluation.report.style import ASKED_COLOR, COLORS, new_figure, plain

SHOWN_S = 2.0
FOOT_NAMES = ('FL', 'FR', 'RL', 'RR')
LINE_IN, FOOT_IN = 0.13, 0.5
"""Height of a line of bars, and the most that the lines of one foot take together."""
_GAP, _BAR = 0.25, 0.86
"""Gap between feet relative to a foot's lines, and height of a bar relative to its line."""

Spans = list[tuple[float, float]]
"""Start and length, s, of each time that a foot stands."""


def asked_footfalls(measures: Mapping[str, float]) -> list[Spans] | None:
    """
    Return the steps that measures ask for, from a touch-down of the front left foot on.

    :return: of each foot; None where contacts, frequency or phases are open
    """
    contacts = [measures.get(name, np.nan) for name in CONTACT_NAMES]
    phases = [0.0, *(measures.get(name, np.nan) for name in PHASE_NAMES)]
    frequency_hz = measures.get('frequency_hz', np.nan)
    if not np.isfinite([*contacts, *phases, frequency_hz]).all():
        return None
    cycles = np.arange(-1, np.ceil(SHOWN_S * frequency_hz))
    return [_within([((cycle + phase) / frequency_hz, contact / frequency_hz) for cycle in cycles])
            for contact, phase in zip(contacts, phases)]


def walked_footfalls(contact: np.ndarray) -> list[Spans]:
    """
    Find the steps from a touch-down of the front left foot in the middle of a walk on.

    :param contact: Shape: (time, 4), bool, 50 Hz
    :return: of each foot
    """
    middle = len(contact) // 2
    downs = np.flatnonzero(contact[middle + 1:, 0] & ~contact[middle:-1, 0])
    shown = contact[middle + 1 + downs[0] if len(downs) else middle:]
    spans = []
    for foot in range(len(FOOT_NAMES)):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], shown[:, foot], [False]])))
        spans.append(_within([(a * go2.CONTROL_DT_S, (b - a) * go2.CONTROL_DT_S)
                              for a, b in zip(edges[::2], edges[1::2])]))
    return spans


def gait_diagram(title: str, asked: Mapping[str, float], walks: Sequence[np.ndarray], color: str,
                 note: str = '') -> Chart:
    """
    Bars for the time that each foot stands.

    :param asked: measures; drawn above the walks where they say enough
    :param walks: contacts of one twin or of several. Shapes: (time, 4), bool, 50 Hz
    :param color: of the walks, a name of :data:`policy_gen_ros.evaluation.report.style.COLORS`
    """
    wanted = asked_footfalls(asked)
    lines = [(wanted, ASKED_COLOR)] if wanted else []
    lines += [(walked_footfalls(contact), COLORS[color].light) for contact in walks]
    block = (1 + _GAP) * len(lines)
    figure = new_figure(3.9, 0.75 + len(FOOT_NAMES) * min(LINE_IN * len(lines), FOOT_IN))
    axes = figure.subplots()
    for foot in range(len(FOOT_NAMES)):
        for i, (spans, shade) in enumerate(lines):
            axes.broken_barh(spans[foot], (foot * block + i, _BAR), color=shade, linewidth=0)
    axes.set_yticks([foot * block + len(lines) / 2 for foot in range(len(FOOT_NAMES))], FOOT_NAMES)
    axes.set_ylim(len(FOOT_NAMES) * block - _GAP * len(lines), 0)
    axes.set_xlim(0, SHOWN_S)
    axes.set_xlabel('s after a touch-down of FL')
    plain(axes)
    axes.spines['left'].set_visible(False)
    axes.tick_params(axis='y', length=0)
    shares = '; '.join(' '.join(f'{share:.2f}' for share in contact.mean(axis=0))
                       for contact in walks)
    return Chart(title, figure, f'Gait diagram of the feet {", ".join(FOOT_NAMES)}. Shares of '
                 f'time on the ground: {shares}. {note}', note)


def _within(spans: Spans) -> Spans:
    """Cut to what is shown."""
    cut = [(max(start, 0.0), min(start + length, SHOWN_S)) for start, length in spans]
    return [(start, end - start) for start, end in cut if end > start]
