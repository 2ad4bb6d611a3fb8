# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Word lists of ``wordings/*.yaml`` as regular expressions."""

from __future__ import annotations

from pathlib import Path
import re
from typing import Any

import yaml

FOLDER = Path(__file__).with_name('wordings')


class WordLists:
    """
    A file of word lists.

    :param name: of the file, without its ending
    """

    def __init__(self, name: str) -> None:
        self.data: dict[str, Any] = yaml.safe_load(
            (FOLDER / f'{name}.yaml').read_text(encoding='utf-8'))

    @property
    def words(self) -> frozenset[str]:
        """Every word of some length in the file, whatever list it stands in."""
        return frozenset(re.findall('[a-z]{4,}', str(self.data)))

    def lines(self, words: str) -> list[str]:
        """Return the lines of a list, with the file's parts in place of their names."""
        whole = re.sub(r'\n +', '', words.strip())
        return [re.sub('<([a-z]+)>', self._part, line) for line in whole.split('\n')]

    def pattern(self, words: str) -> re.Pattern[str]:
        """Return what finds the words of a list."""
        return re.compile(rf'\b(?:{"|".join(self.lines(words))})\b')

    def _part(self, name: re.Match[str]) -> str:
        return f'(?:{"|".join(self.lines(self.data["parts"][name[1]]))})'
