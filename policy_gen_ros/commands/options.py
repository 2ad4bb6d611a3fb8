# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What options of several commands share: types, and how defaults are shown."""

from __future__ import annotations

import argparse
from pathlib import Path


def natural(text: str) -> int:
    """Whole number from 0."""
    return _whole(text, 0)


def positive(text: str) -> int:
    """Whole number from 1."""
    return _whole(text, 1)


def _whole(text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f'{text!r} is not a whole number from {least}')
    return int(text)


def show_defaults(parser: argparse.ArgumentParser) -> None:
    """Let ``--help`` say the defaults that are numbers and paths, where it does not yet."""
    for action in parser._actions:
        shown = isinstance(action.default, (int, float, Path)) \
            and not isinstance(action.default, bool)
        if shown and 'default' not in (action.help or ''):
            action.help = f'{action.help or ""} (default: %(default)s)'.lstrip()
