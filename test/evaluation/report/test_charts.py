# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Charts: the numbers that are drawn are those that were given."""

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import GAIT_PHASES, MEASURE_NAMES
from policy_gen_ros.evaluation.report.distributions import latency_histograms, reward_curves
from policy_gen_ros.evaluation.report.footfalls import (
    asked_footfalls,
    gait_diagram,
    SHOWN_S,
    walked_footfalls,
)
from policy_gen_ros.evaluation.report.heat_map import heat_maps
from policy_gen_ros.evaluation.report.measures import asked_and_reached, measure_errors, SCATTERED
import pytest

TROT = dict(zip(MEASURE_NAMES, [0.5, 0.5, 0.5, 0.5, 2.0, *GAIT_PHASES['trot'], 0.28, 0.07, 0.4,
                                0.0, 0.0]))


def walk_of(measures, seconds=10.0, start=0.13):
    """Return contacts at 50 Hz that have these measures."""
    phases = np.array([0.0, *(measures[f'phase_{leg}'] for leg in ('fr', 'rl', 'rr'))])
    cycles = (np.arange(round(50 * seconds))[:, None] * 0.02 + start) * measures['frequency_hz']
    return (cycles - phases) % 1 < [measures[f'contact_{leg}'] for leg in ('fl', 'fr', 'rl', 'rr')]


def test_steps_asked_for_follow_from_the_measures():
    left, right, *_, rear_right = asked_footfalls(TROT)
    assert left == [(0.0, 0.25), (0.5, 0.25), (1.0, 0.25), (1.5, 0.25)]
    assert right == [(0.25, 0.25), (0.75, 0.25), (1.25, 0.25), (1.75, 0.25)]
    assert rear_right == left
    for open_one in ('frequency_hz', 'phase_rl', 'contact_fr'):
        assert asked_footfalls({**TROT, open_one: float('nan')}) is None
        assert asked_footfalls({k: v for k, v in TROT.items() if k != open_one}) is None


def test_a_walk_that_does_what_is_asked_is_drawn_like_it():
    for asked, walked in zip(asked_footfalls(TROT), walked_footfalls(walk_of(TROT))):
        assert np.allclose(asked, walked, atol=0.021)


@pytest.mark.parametrize('contact', [
    np.ones((500, 4), bool), np.zeros((500, 4), bool), np.ones((1, 4), bool),
    walk_of(TROT, 0.4)])
def test_walks_without_a_rhythm_or_an_end_are_drawn_as_far_as_they_go(contact):
    for spans in walked_footfalls(contact):
        for start, length in spans:
            assert 0 <= start < start + length <= SHOWN_S + 1e-9
    shown = gait_diagram('Trot', TROT, [contact], 'trot')
    assert shown.figure.axes[0].get_xlim() == (0, SHOWN_S)


def test_a_diagram_has_a_line_for_each_twin_and_one_for_what_is_asked():
    def bars(chart):
        return len(chart.figure.axes[0].collections)

    walks = [walk_of(TROT, start=start) for start in (0.0, 0.1, 0.2)]
    assert bars(gait_diagram('Trot', TROT, walks, 'trot')) == 4 * 4
    chart = gait_diagram('Trot', {}, walks, 'trot', 'a note')
    assert bars(chart) == 4 * 3
    assert '0.52 0.48 0.48 0.52' in chart.summary and chart.note == 'a note'


def test_heat_maps_share_their_colours():
    one, other = np.full(625, np.nan), np.full(625, np.nan)
    one[:3], other[5:7] = (0.95, 0.5, 0.8), (0.72, 0.66)
    charts = heat_maps({'Original': one, 'Generated': other})
    assert [chart.note for chart in charts] == ['3 of 625 cells, QD score 2.2',
                                                '2 of 625 cells, QD score 1.4']
    images = [chart.figure.axes[0].images[0] for chart in charts]
    assert [image.get_clim() for image in images] == [(0.5, 1.0)] * 2
    assert sorted(images[1].get_array().compressed().tolist()) == [0.66, 0.72]
    empty = np.full(625, np.nan)
    assert heat_maps({'None': empty})[0].note == '0 of 625 cells, QD score 0.0'


def test_latencies_are_counted_and_share_a_scale():
    times = {'from text': np.array([9.0, 10.0, 11.0]), 'from measures': np.array([2.0, 3.0, 400.])}
    charts = latency_histograms(times)
    assert 'median 10.0 ms' in charts[0].note and '3 goals' in charts[0].note
    first, second = (chart.figure.axes[0] for chart in charts)
    assert first.get_xlim() == second.get_xlim()
    assert [sum(bar.get_height() for bar in axes.patches) for axes in (first, second)] == [3, 3]


def test_reward_curves_are_those_given():
    rewards, share = np.linspace(0, 1, 5), np.array([0.4, 0.4, 0.3, 0.1, 0.0])
    axes = reward_curves(rewards, ('original', share), ('generated', share / 2)).figure.axes[0]
    original, generated = axes.lines
    assert original.get_ydata().tolist() == share.tolist()
    assert generated.get_ydata().tolist() == (share / 2).tolist()


def test_scatter_tells_falls_and_unknown_values_apart():
    asked = np.tile([TROT[name] for name in MEASURE_NAMES], (3, 1))
    reached = asked + 0.1
    reached[1, 4] = np.nan
    survived = np.array([True, True, False])
    charts = asked_and_reached(asked, reached, survived, ['trot', 'walk', 'pronk'])
    assert len(charts) == len(SCATTERED)
    assert {chart.note.split(' ')[2] for chart in charts} == {'0.100'}
    frequency = charts[SCATTERED.index('frequency_hz')]
    assert frequency.note == 'mean error 0.100 Hz'
    up, fallen = frequency.figure.axes[0].collections
    assert (len(up.get_offsets()), len(fallen.get_offsets())) == (2, 1)
    nobody = asked_and_reached(asked, reached, np.zeros(3, bool), ['trot'] * 3)
    assert {chart.note for chart in nobody} == {'nothing known of walks to the end'}


def test_error_bars_are_those_given():
    values = np.linspace(0.1, 0.5, 13)[:, None] + np.array([0, -0.05, 0.1])
    charts = measure_errors({'walk': values, 'trot': 2 * values})
    drawn = np.concatenate([chart.figure.axes[0].collections[1].get_offsets()[:, 0]
                            for chart in charts])
    assert sorted(drawn) == pytest.approx(sorted(values[:, 0]))
    assert len({chart.figure.axes[0].get_xlim() for chart in charts}) == 1
