# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen archive``: build, describe, convert and compare policy archives."""

from __future__ import annotations

import argparse

from policy_gen_ros.commands import (
    archive_build,
    archive_export,
    archive_import,
    archive_info,
    archive_teachers,
)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``archive`` and its actions."""
    parser = subparsers.add_parser('archive', help='build, describe and convert policy archives')
    actions = parser.add_subparsers(dest='action', required=True, metavar='ACTION')
    for module in (archive_build, archive_info, archive_export, archive_import,
                   archive_teachers):
        module.add_parser(actions)


def run(args: argparse.Namespace) -> int:
    """Run the chosen action."""
    action = {'build': archive_build.run_build, 'info': archive_info.run_info,
              'export': archive_export.run_export, 'import': archive_import.run_import,
              'teachers': archive_teachers.run_teachers}[args.action]
    return action(args)
