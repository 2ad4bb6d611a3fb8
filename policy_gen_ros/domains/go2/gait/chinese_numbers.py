# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Chinese numerals in front of units, such as 二十五厘米, in digits."""

from __future__ import annotations

import re

_DIGITS = {digit: i for i, digit in enumerate('零一二三四五六七八九')} | {'\u3007': 0, '两': 2}
_POWERS = {'十': 10, '百': 100}
_DIGIT = f'[{"".join(_DIGITS)}]'
_WHOLE = f'[{"".join([*_DIGITS, *_POWERS])}]+'
_UNIT = ('米|公尺|秒|分钟|步|度|厘米|公分|毫米|分米|公里|千米|赫兹|赫|弧度|圈|次|倍|英寸|英尺')
_PER_CENT = re.compile(rf'百分之({_WHOLE})')
_NUMBER = re.compile(rf'({_WHOLE}点{_DIGIT}+)|({_WHOLE}|半)(?=(?:{_UNIT}))')
_RATE = re.compile(r'(每秒|每小时)([\d.]+)(米|步|度|次|公里|千米)')
_HOURLY = re.compile(r'时速([\d.]+)(公里|千米)')


def in_digits(text: str) -> str:
    """Return a text with Chinese numerals before units in digits, and rates as in English."""
    text = _PER_CENT.sub(lambda found: f'{_value(found[1]):g}%', text)
    text = _NUMBER.sub(lambda found: f'{_value(found[0]):g}', text)
    return _RATE.sub(r'\2\3\1', _HOURLY.sub(r'\1\2每小时', text))


def _value(numeral: str) -> float:
    """Value of a numeral below a thousand, such as 二十五 or 零点五."""
    if numeral == '半':
        return 0.5
    whole, _, decimals = numeral.partition('点')
    total = digit = 0
    for character in whole:
        if character in _POWERS:
            total, digit = total + (digit or 1) * _POWERS[character], 0
        else:
            digit = _DIGITS[character]
    return float(f'{total + digit}.{"".join(str(_DIGITS[each]) for each in decimals) or 0}')
