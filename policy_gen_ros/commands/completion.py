# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Shell completion: ``policy_gen --print-completion bash``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SHELLS = ('bash', 'zsh', 'tcsh')


def add_completion_option(parser: argparse.ArgumentParser,
                          build_whole: Callable[[], argparse.ArgumentParser]) -> None:
    """
    Add ``--print-completion``.

    :param build_whole: makes the parser with the options of all subcommands, which costs their
        imports
    """
    class PrintCompletion(argparse.Action):
        """Print the script and leave."""

        def __call__(self, *call: Any) -> None:
            import shtab

            whole = build_whole()
            for leaf in leaf_parsers(whole):
                for action in leaf._actions:
                    if action.type is Path or action.metavar == 'PATH':
                        action.complete = shtab.FILE  # type: ignore[attr-defined]
            print(shtab.complete(whole, call[2]))
            parser.exit()

    parser.add_argument('--print-completion', action=PrintCompletion, choices=SHELLS,
                        help='print a completion script; for bash put it into '
                        '~/.local/share/bash-completion/completions/policy_gen')


def leaf_parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """All parsers below this one that have no subcommands of their own, or itself."""
    # argparse has no public list of what was added to a parser; shtab reads this one, too.
    below = [child for action in parser._actions
             if isinstance(action, argparse._SubParsersAction)
             for child in action.choices.values()]
    for child in below:
        yield from leaf_parsers(child)
    if not below:
        yield parser
