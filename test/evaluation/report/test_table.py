# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Tables: which value is the best, and how words stand."""

from policy_gen_ros.evaluation.report.table import HIGH, LOW, Table
import pytest

SCORES = Table('Scores', ('', 'ok', 'error', 'n', 'remark'), [
    ('a', '0.90', '0.10', '7', 'tall'), ('b', '0.75', '0.02', '9', ''),
    ('c', '0.90', 'none', '8', 'x')], {'ok': HIGH, 'error': LOW}, ('remark',))


def test_the_best_of_each_marked_column_is_known_ties_included():
    best = {(i, j) for i in range(3) for j in range(5) if SCORES.is_best(i, j)}
    assert best == {(0, 1), (2, 1), (1, 2)}


def test_markdown_is_bold_where_best_and_words_are_to_the_left():
    lines = SCORES.markdown().splitlines()
    assert lines[0] == '## Scores'
    assert lines[3:] == ['| --- | ---: | ---: | ---: | --- |',
                         '| a | **0.90** | 0.10 | 7 | tall |', '| b | 0.75 | **0.02** | 9 |  |',
                         '| c | **0.90** | none | 8 | x |']


def test_the_terminal_gets_straight_columns():
    assert SCORES.plain().splitlines()[2:] == [
        '    ok error n remark', 'a 0.90  0.10 7 tall', 'b 0.75  0.02 9', 'c 0.90  none 8 x']


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"row of table 'Short' has 1 cells, expected 2"):
        Table('Short', ('', 'n'), [('a',)])


def test_notes_stand_under_the_table():
    noted = Table('Noted', ('', 'n'), [('a', '1')], notes=('n: how many', 'a: the first'))
    assert noted.plain().splitlines()[-2:] == ['n: how many', 'a: the first']
    assert noted.markdown().endswith('| a | 1 |\n\nn: how many\n\na: the first')
