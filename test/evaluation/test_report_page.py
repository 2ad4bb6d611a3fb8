# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The report of an evaluation says what its JSON says, in a browser, on any screen."""

from __future__ import annotations

from dataclasses import replace
import json
import re

from chromium import needs_chromium, PHONE, read_page, visit, WIDE
from policy_gen_ros.commands.output import write_json
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES, MEASURE_NAMES
from policy_gen_ros.evaluation.report.page import write_page
from policy_gen_ros.evaluation.studies.errors import absolute_errors, typical_goals
from policy_gen_ros.evaluation.studies.page import evaluation_page
from policy_gen_ros.evaluation.studies.report import number
import pytest


@pytest.fixture(scope='module')
def report(result, tmp_path_factory):
    folder = tmp_path_factory.mktemp('report')
    write_page(evaluation_page(result), folder / 'report.html')
    write_json(result.to_dict(), str(folder / 'evaluation.json'))
    return folder


@pytest.fixture(scope='module')
def read(report):
    return json.loads((report / 'evaluation.json').read_text())


@pytest.fixture(scope='module')
def page(report):
    return read_page(report / 'report.html', WIDE, report)


def lookup(read, key):
    for part in key.split('.'):
        read = read[part]
    return read


def number_of(value):
    """As pages show what JSON has, where null is for a number that is none."""
    return number(float('nan') if value is None else value)


def test_the_file_loads_nothing_and_runs_nothing(report):
    text = (report / 'report.html').read_text()
    assert not re.search(r'https?:|<script|<link(?! rel="icon" href="data:,")|@import', text)
    loaded = re.findall(r'(?:\b(?:src|href)=|url\()["\']?([^"\')\s]*)', text)
    assert loaded
    assert [link for link in loaded if not link.startswith(('#', 'data:'))] == []


@needs_chromium
def test_every_figure_is_that_of_the_json(page, read, result):
    assert page['title'] == 'Evaluation of perfect'
    rows = {row[0]: row[1:] for row in page['tables']['Figures'][1:]}
    assert len(rows) == len(result.figures) > 20
    for figure in result.figures:
        own, interval = (read[kind].get(figure.key) for kind in ('floors', 'intervals'))
        assert rows[figure.name] == [
            number(lookup(read, figure.key)), ' to '.join(map(number, interval or [])),
            '' if own is None else number(own), str(figure.count)], figure.key
    tiles = {name: value for name, value, *_ in page['key_figures']}
    meaning = {name: notes for name, _, *notes in page['key_figures']}
    assert 'whoever stays up' in meaning['QD-score ratio'][-1]
    assert 'above 1 is no merit' in meaning['Coverage ratio'][-1]
    assert tiles['Mean error in measure'] == number(read['mem'])
    assert tiles['Qualified, new goals, from text'] == number(read['qualified_rate']['text'])
    errors = read['details']['measure_errors']
    header, *rows = page['tables'][
        'Mean error of each measure, held-out goals conditioned on all measures']
    assert header == ['', 'unit', *errors]
    assert [row[2:] for row in rows] == [[number_of(mine[name]) for mine in errors.values()]
                                         for name in MEASURE_NAMES]


@needs_chromium
def test_baselines_stand_there_with_the_best_marked(page, read):
    header, first, *rows = page['tables'][
        'Baselines on the held-out goals, conditioned on all measures']
    assert first[0] == 'this generator'
    assert [row[0] for row in rows] == list(read['baselines'])
    for row in rows:
        score = read['baselines'][row[0]]
        shown = dict(zip(header, row))
        assert shown['qualified'] == f'{score["qualified_rate"]["held_out"]:.2f}'
        assert shown['ok'] == f'{score["held_out_ok"]["measures"]:.2f}'
        assert shown['MEM'] == f'{score["mem"]:.3f}'
    assert page['strong']


@needs_chromium
def test_words_are_explained_where_they_stand(page, result):
    for word in ('ok:', 'MEM ', 'new region,', 'known wording,', 'crosses fell', 'Sequences'):
        assert [note for note in page['notes'] if word in note], word
    assert result.subject.command in page['closing']
    assert result.subject.archive.fingerprint in page['closing']


@needs_chromium
def test_charts_are_all_there(page, read):
    captions = {title: caption for title, caption, _ in page['charts']}
    assert {'Original archive', 'Generated archive', 'Rewards of the best actors', 'Contacts',
            'Frequency and phases', 'Heights and velocity', 'Stepping frequency', 'Yaw rate',
            'from measures', 'from text', 'from trajectory'} <= set(captions)
    assert {family.capitalize() for family in GAIT_FAMILIES} & set(captions)
    score = read['details']['archive']['behaviors']['qd_score']
    assert f'QD score {score:.1f}' in captions['Generated archive']
    for kind, times in read['details']['goal_to_weights_ms'].items():
        assert f'median {times["p50"]:.1f} ms, p99 {times["p99"]:.1f} ms' in \
            captions[f'from {kind}']
    assert len(page['missing']) == 1 and '--paper' in page['missing'][0]


@needs_chromium
@pytest.mark.parametrize('width', [PHONE, 800, WIDE])
@pytest.mark.parametrize('dark', [False, True])
def test_it_fits_any_screen_by_day_and_by_night(report, tmp_path, width, dark):
    page = read_page(report / 'report.html', width, tmp_path, dark)
    assert page['width'] == page['room'] <= width
    assert page['left'] >= 0 and page['right'] <= page['room']
    assert 'Figures' not in page['scrolled']
    assert min(chart_width for *_, chart_width in page['charts']) > 200
    assert page['dead_links'] == []
    assert page['ground'] == ('rgb(21, 24, 28)' if dark else 'rgb(255, 255, 255)')


@needs_chromium
def test_opened_as_a_file_the_console_stays_empty(report, tmp_path):
    dom, console = visit(report / 'report.html', tmp_path, '--window-size=1600,1000')
    assert 'Evaluation of perfect' in dom and '<svg' in dom
    assert console == []


@needs_chromium
def test_what_is_missing_is_said_in_its_place(index_result, tmp_path):
    write_page(evaluation_page(index_result), tmp_path / 'index.html')
    page = read_page(tmp_path / 'index.html', PHONE, tmp_path)
    assert [text.split(':')[0] for text in page['missing']] == ['Missing', 'None']
    assert 'an index with the weights of a few actors' in page['missing'][0]
    assert 'Original archive' in [title for title, *_ in page['charts']]
    alone = replace(index_result, kept=None, seen=None, figures=[
        figure for figure in index_result.figures if figure.key != 'mem'])
    write_page(evaluation_page(alone), tmp_path / 'alone.html')
    page = read_page(tmp_path / 'alone.html', PHONE, tmp_path)
    assert len([text for text in page['missing'] if '(--archive)' in text]) == 3
    assert 'Original archive' not in [title for title, *_ in page['charts']]
    assert 'Mean error in measure' not in [name for name, *_ in page['key_figures']]


def test_the_gait_shown_is_neither_the_best_nor_the_worst(result):
    answers = result.held_out
    error = absolute_errors(answers.goals.measures,
                            answers.walked['measures'].measures)[:, :4].mean(axis=1)
    for family, row in typical_goals(answers).items():
        mine = [error[i] for i, other in enumerate(answers.goals.family) if other == family]
        assert answers.goals.family[row] == family
        assert min(mine) <= error[row] <= max(mine)
