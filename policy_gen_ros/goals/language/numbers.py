# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Numbers in digits or English words: "0.5", "1 1/2", "twenty-five", "half a", "point three"."""

from __future__ import annotations

import re

_ONES = ('one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine')
_TEENS = ('ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen',
          'eighteen', 'nineteen')
_TENS = ('twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety')
WORD_NUMBERS: dict[str, float] = {
    'zero': 0.0, 'a': 1.0, 'an': 1.0, 'once': 1.0, 'twice': 2.0, 'a couple of': 2.0,
    'half': 0.5, 'half a': 0.5, 'half an': 0.5, 'half of a': 0.5, 'a half': 0.5,
    'one half': 0.5, 'quarter': 0.25, 'a quarter': 0.25, 'a quarter of a': 0.25,
    'three quarters': 0.75, 'three quarters of a': 0.75, 'a few': 3.0,
    **{f'{one} tenth{plural} of a': i / 10 for i, one in enumerate(('a', *_ONES[1:]), 1)
       for plural in ('', 's')},
    'third': 1 / 3, 'one third': 1 / 3, 'one quarter': 0.25, 'a third': 1 / 3,
    'a third of a': 1 / 3, 'two thirds': 2 / 3,
    'one and a half': 1.5, 'two and a half': 2.5, 'three and a half': 3.5,
    'single': 1.0, 'a single': 1.0, 'dozen': 12.0, 'a dozen': 12.0, 'half a dozen': 6.0,
    'hundred': 100.0, 'a hundred': 100.0, 'one hundred': 100.0,
    **{f'{hundred}{link}{tens}': 100.0 + 10.0 * i for i, tens in enumerate(_TENS, 2)
       for hundred in ('hundred', 'a hundred', 'one hundred') for link in (' ', ' and ')},
    **{word: float(i) for i, word in enumerate((*_ONES, *_TEENS), 1)},
    **{tens: 10.0 * i for i, tens in enumerate(_TENS, 2)},
    **{f'{tens}{link}{one}': 10.0 * i + j for i, tens in enumerate(_TENS, 2)
       for j, one in enumerate(_ONES, 1) for link in ('-', ' ')}}
"""A quantity may be written out."""

DIGITS = (r'(?:(?:\d+ )?\d+ ?/ ?[1-9]\d*(?![\d/]|[.,]\d)|\d+(?:[.,]\d+)?'
          r'|(?<![\d.,])[.,]\d+)')
_DIGIT = '|'.join(('zero', *_ONES))
_WORDED = '|'.join(sorted(map(re.escape, WORD_NUMBERS), key=len, reverse=True))
NUMBER = (rf'(?:(?<![\w.,/]){DIGITS}|(?<![\w-])(?:(?:(?:{_DIGIT}) )?(?:point|comma) (?:{_DIGIT})'
          rf'|{_WORDED})(?![\w-]))')
"""A number in digits or words."""


def number(word: str) -> float:
    """
    Value of a number in digits or words.

    :raises ValueError: no number
    """
    if word in WORD_NUMBERS:
        return WORD_NUMBERS[word]
    if parts := re.fullmatch(r'(?:(\w+) )?(?:point|comma) (\w+)', word):
        return (number(parts[1]) if parts[1] else 0.0) + number(parts[2]) / 10
    if parts := re.fullmatch(r'(?:(\d+) )?(\d+) ?/ ?(\d+)', word):
        return float(parts[1] or 0) + int(parts[2]) / int(parts[3])
    return float(word.replace(',', '.'))
