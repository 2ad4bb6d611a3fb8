# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Pages and the drawings in them: nothing slips out of its place, and no id is there twice."""

from collections import Counter
import re
from xml.etree import ElementTree

from hypothesis import given, settings, strategies
from jinja2 import UndefinedError
from policy_gen_ros.evaluation.report.page import render, write_page
from policy_gen_ros.evaluation.report.parts import (
    Caution,
    Chart,
    Charts,
    KeyFigure,
    Missing,
    Page,
    Section,
)
from policy_gen_ros.evaluation.report.style import (
    ACCENT_COLOR,
    COLORS,
    FAMILY_KEY,
    new_figure,
    plain,
)
from policy_gen_ros.evaluation.report.svg import inline_svg
from policy_gen_ros.evaluation.report.table import HIGH, Table
import pytest


def some_figure():
    figure = new_figure(3, 2)
    axes = figure.subplots()
    axes.plot([0, 1, 2], [0, 1, 4], color=ACCENT_COLOR)
    axes.scatter([1], [2], color=COLORS['walk'].light)
    axes.set_xlabel('speed [m/s]')
    plain(axes)
    return figure


def some_page(text='words'):
    chart = Chart(text, some_figure(), text, text)
    return Page(text, text, [KeyFigure(text, '1', text, text)], [
        Section('One', text, [Charts([chart, chart], 15, FAMILY_KEY, text), Missing(text),
                              Caution(text)]),
        Section('Two', '', [Table(text, ('', text), [(text, '1')], {text: HIGH}, (), (text,))])],
        text)


@settings(max_examples=20, deadline=None)
@given(strategies.text(strategies.characters(blacklist_categories=['C'])).map(
    lambda text: f'<b x="{text}">&amp;</b>\'{{{{'))
def test_no_words_become_markup(text):
    page = render(some_page(text))
    assert '<b ' not in page and '"{text}"' not in page
    assert page.count('<section ') == 2 and page.count('</section>') == 2
    assert page.count('&lt;b x=') > 10


def test_ids_are_unique_and_all_that_is_linked_is_there():
    page = render(some_page())
    ids = Counter(re.findall(r'\bid="([^"]+)"', page))
    assert max(ids.values()) == 1
    linked = re.findall(r'(?:href="|url\()#([^")]+)', page)
    linked += ' '.join(re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', page)).split()
    assert len(linked) > 10
    assert set(linked) <= set(ids)


def test_a_drawing_keeps_its_words_and_takes_the_page_s_colours():
    svg = inline_svg(some_figure(), 'chart7', 'Speed <1>', 'rises from 0 to 4')
    root = ElementTree.fromstring(svg)
    assert [element.text for element in root][:2] == ['Speed <1>', 'rises from 0 to 4']
    assert root.get('aria-labelledby') == root.find('title').get('id') == 'chart7-title'
    assert 'speed [m/s]' in [text.text for text in root.iter('text')]
    styles = ' '.join(element.get('style', '') for element in root.iter())
    assert {'var(--accent)', 'var(--walk)', 'var(--text)', 'var(--frame)'} <= set(
        re.findall(r'var\(--\w+\)', styles))
    assert 'font-family' not in styles and not re.search('#[0-9a-f]{6}', styles)
    assert {element.tag for element in root.iter()}.isdisjoint({'style', 'metadata'})
    assert 'http' not in svg


def test_each_colour_has_a_name_of_its_own():
    assert len({color.light for color in COLORS.values()}) == len(COLORS)
    page = render(some_page())
    assert set(re.findall(r'var\(--(\w+)\)', page)) <= set(COLORS)


def test_a_page_is_written_whole_or_not_at_all(tmp_path):
    write_page(some_page('déjà “vu”'), tmp_path / 'report.html')
    assert '<h1>déjà “vu”</h1>' in (tmp_path / 'report.html').read_text('utf-8')
    with pytest.raises(UndefinedError):
        write_page(None, tmp_path / 'broken.html')
    assert [file.name for file in tmp_path.iterdir()] == ['report.html']
