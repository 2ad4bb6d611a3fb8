# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The command line ``policy_gen``: one module a subcommand, imported when it is needed."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
import errno
import importlib
import os
from pathlib import Path
import sys
from types import ModuleType
from typing import NoReturn

from policy_gen_ros.commands.completion import add_completion_option, leaf_parsers
from policy_gen_ros.commands.options import show_defaults
from policy_gen_ros.commands.output import check_json_path
from policy_gen_ros.utils.progress import silence

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141

PACKAGE = Path(__file__).parent.parent.name

COMMANDS = {
    'demo': 'a simulated Go2 walks to goals: generator, controller and twin on real DDS',
    'generate': 'make actors from a text, measures or a trajectory',
    'rehearse': 'try candidates for a goal in perturbed twins, keep the best',
    'rollout': 'run an actor in the twin',
    'archive': 'build, describe and convert policy archives',
    'train': 'train decoder, embeddings and generator into a bundle',
    'finetune': 'let the actors of a bundle walk, and train it on that',
    'export': 'write the networks of a bundle as ONNX',
    'explain': 'what a text is understood as',
    'evaluate': "results on held-out goals, with the archive's own and baselines",
    'sign': 'sign actors for controllers that trust known keys only',
    'bench': 'latencies and throughput',
    'doctor': 'check installation, middleware, clock and robot'}
"""Subcommands and what they do. The module of each is ``policy_gen_ros.commands.<name>``..."""
WITH_FOLDER = ('demo', 'bench', 'doctor')
"""...and of these ``command`` in the folder of that name."""

RESUMABLE = ('archive build', 'train', 'finetune')

CURES = {'PIL': 'pip install pillow', 'imageio_ffmpeg': 'pip install imageio-ffmpeg',
         'rerun': 'pip install rerun-sdk',
         'rclpy': "source your ROS 2's setup.bash, or pip install the ros-* of requirements.txt"}
"""For packages that are optional, or named otherwise than in ``pip install``."""


FILE_CURES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), 'make room there, or choose another place'),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS),
                    'choose another place, or ask its owner'),
    errno.EFBIG: 'files may not be that large here: see "ulimit -f"'}
"""What helps where the system does not let a file be read or written."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_BAD_INPUT, f'{self.prog}: {message} (see {self.prog} --help)\n')


def build_parser(commands: Collection[str] = ()) -> argparse.ArgumentParser:
    """
    Parser of the whole command line.

    :param commands: subcommands whose modules are imported for their options; the others are only
        listed
    """
    parser = _Parser(
        prog='policy_gen', description='Generate locomotion policies for a Unitree Go2.')
    add_completion_option(parser, lambda: build_parser(COMMANDS))
    subparsers = parser.add_subparsers(dest='command', metavar='COMMAND', required=True)
    for name, summary in COMMANDS.items():
        if name in commands:
            _module(name).add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=summary)
    for leaf in leaf_parsers(parser):
        leaf.add_argument('-q', '--quiet', action='store_true',
                          help='no progress; only the result, warnings and errors')
        show_defaults(leaf)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the exit code of the process."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        parsed = build_parser(arguments[:1]).parse_args(arguments)
        check_json_path(parsed.json)
        if parsed.quiet:
            silence()
        code: int = _module(arguments[0]).run(parsed)
        return code
    except BrokenPipeError:  # whoever read the result has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE
    except (ValueError, OSError, RuntimeError) as error:
        if not _is_ours(error):
            raise
        print(f'policy_gen: {_one_line(error)}', file=sys.stderr)
        return EXIT_BAD_INPUT
    except ImportError as error:
        package = str(error.name).partition('.')[0]
        if package == PACKAGE:
            raise
        cure = CURES.get(package, f'pip install {package}')
        print(f'policy_gen: {package} is not installed: {cure}'
              if isinstance(error, ModuleNotFoundError) else
              f'policy_gen: {str(error).splitlines()[0]} (see "policy_gen doctor")',
              file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        rest = '; what is finished is kept: the same command goes on from there' \
            if ' '.join(arguments).startswith(RESUMABLE) else ''
        print(f'policy_gen: interrupted{rest}', file=sys.stderr)
        return EXIT_INTERRUPTED


def _module(name: str) -> ModuleType:
    inside = '.command' if name in WITH_FOLDER else ''
    return importlib.import_module(f'policy_gen_ros.commands.{name}{inside}')


def _is_ours(error: Exception) -> bool:
    """Bad input and bad files; a RuntimeError counts only where this package defined it."""
    return not isinstance(error, RuntimeError) or type(error).__module__.startswith(PACKAGE)


def _one_line(error: Exception) -> str:
    if not isinstance(error, OSError) or error.errno is None:
        return str(error)
    cure = FILE_CURES.get(error.errno)
    place = f'{error.filename}: ' if error.filename else ''
    return f'{place}{error.strerror}' + (f' ({cure})' if cure else '')


if __name__ == '__main__':
    sys.exit(main())
