# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a check found: a line for people, with the cure where something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

OK, WARN, FAIL = 'OK', 'WARN', 'FAIL'


@dataclass(frozen=True)
class Finding:
    """
    Result of one check.

    :param status: OK, WARN or FAIL
    :param cure: what to do; empty where all is well
    """

    name: str
    status: str
    detail: str
    cure: str = ''

    def __str__(self) -> str:
        """One line, and a second with the cure."""
        line = f'{self.status:4}  {self.name}: {self.detail}'
        return line + (f'\n      cure: {self.cure}' if self.cure else '')


Check = Callable[[], Finding]


def found(name: str, check: Callable[[], Finding]) -> Finding:
    """Run a check; one that breaks has found something too."""
    try:
        return check()
    except Exception as error:  # a doctor does not die of what the patient has
        text = ' '.join(str(error).split()) or type(error).__name__
        return Finding(name, FAIL, text, 'see docs, or report this')
