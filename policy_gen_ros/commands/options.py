# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What options of several commands share: types, and how defaults are shown."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from policy_gen_ros.domains import DEFAULT, domain_names

if TYPE_CHECKING:
    from policy_gen_ros.archive.index import ArchiveIndex

_Config = TypeVar('_Config')


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


def add_domain_option(parser: argparse.ArgumentParser) -> None:
    """``--domain``."""
    parser.add_argument('--domain', choices=domain_names(), default=DEFAULT,
                        help='kind of robot or task (default: %(default)s)')


def add_model_option(parser: argparse._ActionsContainer) -> None:
    """``--model``."""
    parser.add_argument('--model', type=Path, metavar='FILE.xml', help="walk in another group's "
                        'MJCF of a Go2: its masses, joints, contacts and ground, our motors and '
                        'sensors (docs/robustness.md)')


def check_domain(archive: ArchiveIndex, domain: str) -> None:
    """
    Make sure that an archive is of the domain that was chosen.

    :raises ValueError: it is of another
    """
    if archive.domain.name != domain:
        raise ValueError(f'the archive at {archive.path} is of the domain {archive.domain.name}: '
                         f'give --domain {archive.domain.name}')


def add_config_options(parser: argparse.ArgumentParser, example: str, others: str) -> None:
    """
    Add ``--config``, ``--set`` and ``--print-config``; :func:`config_from` reads them.

    :param example: of a setting, such as ``decoder.steps=2000``
    :param others: what the settings that are not given are as
    """
    parser.add_argument('--config', type=Path, metavar='FILE.yaml',
                        help=f'settings; the others are as {others}')
    parser.add_argument('--set', metavar='NAME=VALUE', action='append', default=[],
                        dest='settings', help=f'one setting, such as {example}; can be given '
                        'several times')
    parser.add_argument('--print-config', action='store_true',
                        help='print all settings as YAML, and do nothing else')


def config_from(args: argparse.Namespace, base: _Config) -> _Config:
    """
    Change a configuration as the options say.

    :raises ValueError: an unknown setting, or a value that it cannot have
    """
    from policy_gen_ros.utils.config import override, read_yaml

    config = read_yaml(args.config, base) if args.config else base
    settings = {}
    for option in args.settings:
        name, separator, value = option.partition('=')
        if not separator:
            raise ValueError(f'--set: {option!r}: expected NAME=VALUE')
        settings[name.strip()] = value
    return override(config, settings)


def show_defaults(parser: argparse.ArgumentParser) -> None:
    """Let ``--help`` say the defaults that are numbers and paths, where it does not yet."""
    for action in parser._actions:
        shown = isinstance(action.default, (int, float, Path)) \
            and not isinstance(action.default, bool)
        if shown and 'default' not in (action.help or ''):
            action.help = f'{action.help or ""} (default: %(default)s)'.lstrip()
