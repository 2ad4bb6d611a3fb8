# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The genuine linters of ROS 2, where they are installed; elsewhere ruff stands in for them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = [str(ROOT / name) for name in (
    'policy_gen_ros', 'launch', 'sim', 'test', 'tools', 'setup.py')]


@pytest.mark.parametrize('linter', ['ament_copyright', 'ament_flake8', 'ament_pep257'])
def test_linters_of_ros_find_nothing(linter: str) -> None:
    pytest.importorskip(linter, reason='the ament linters come with ROS 2 and are not on PyPI')
    assert import_module(f'{linter}.main').main(argv=CODE) == 0
