# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A domain of another package, plugged in as an installed package is."""

from __future__ import annotations

from collections.abc import Iterator
import json
import sys

from policy_gen_ros.domains import ENTRY_POINTS, find_domain
from policy_gen_ros.domains.domain import Domain
import pytest

PLUGIN = """
from pathlib import Path

from toy_domain import Toy


class Plugged(Toy):
    def __init__(self):
        super().__init__(Path(__file__).parent)
"""


@pytest.fixture(scope='module')
def toy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Domain]:
    """Install the toy domain for the tests of a file."""
    site = tmp_path_factory.mktemp('site')
    (site / 'toy_plugin.py').write_text(PLUGIN)
    (site / 'held_out.json').write_text(json.dumps(
        {'regions': [{'group': 'fast', 'speed': [3.0, None]}]}))
    about = site / 'toy_plugin-1.0.dist-info'
    about.mkdir()
    (about / 'METADATA').write_text('Metadata-Version: 2.1\nName: toy-plugin\nVersion: 1.0\n')
    (about / 'entry_points.txt').write_text(f'[{ENTRY_POINTS}]\ntoy = toy_plugin:Plugged\n')
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(site)
        yield find_domain('toy')
    find_domain.cache_clear()
    del sys.modules['toy_plugin']
