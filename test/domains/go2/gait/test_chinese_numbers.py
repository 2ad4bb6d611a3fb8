# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Chinese numerals in front of units."""

from hypothesis import given
from hypothesis import strategies as st
from policy_gen_ros.domains.go2.gait.chinese_numbers import in_digits
import pytest

ONES = '零一二三四五六七八九'


@pytest.mark.parametrize(('text', 'expected'), [
    ('身体高度二十五厘米', '身体高度25厘米'), ('向右转九十度', '向右转90度'), ('十步', '10步'),
    ('走十二米', '走12米'), ('一百二十度', '120度'), ('两米', '2米'), ('半米', '0.5米'),
    ('每秒零点五米', '0.5米每秒'), ('速度零点二五', '速度0.25'), ('百分之三十', '30%'),
    ('一只脚一只脚', '一只脚一只脚'), ('两条腿', '两条腿')])
def test_numerals_are_digits_before_units_alone(text: str, expected: str) -> None:
    assert in_digits(text) == expected


@given(st.integers(1, 999))
def test_every_number_is_read(value: int) -> None:
    hundreds, tens, ones = value // 100, value // 10 % 10, value % 10
    numeral = f'{ONES[hundreds]}百' if hundreds else ''
    numeral += f'{ONES[tens]}十' if tens else '零' if hundreds and ones else ''
    numeral += ONES[ones] if ones else ''
    assert in_digits(f'{numeral}米') == f'{value}米'


@given(st.text(max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    assert isinstance(in_digits(text), str)
