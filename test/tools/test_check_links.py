# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The documents lead somewhere, and the check would notice if they did not."""

from __future__ import annotations

import importlib.util
from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / 'tools' / 'check_links.py'
spec = importlib.util.spec_from_file_location('check_links', TOOL)
assert spec is not None
assert spec.loader is not None
check_links = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_links)

GUIDE = """\
# Guide
## What `it` is: *all* of it (1)
## Again
## Again
### A real Go2 — **not run**
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for file in ('docs/guide.md', 'docs/picture.png', 'config/go2.yaml',
                 'policy_gen_ros/goals/goal.py'):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    (tmp_path / 'docs/guide.md').write_text(GUIDE)
    return tmp_path


def found(project: Path, text: str) -> list[str]:
    (project / 'README.md').write_text(f'# Read me\n\n{text}\n')
    return check_links.dead_links(project)


def test_documents_of_this_project_have_no_dead_links():
    assert check_links.dead_links(ROOT) == []


def test_anchors_are_those_of_github(project):
    assert check_links.anchors(project / 'docs/guide.md') == {
        'guide', 'what-it-is-all-of-it-1', 'again', 'again-1', 'a-real-go2--not-run'}


@pytest.mark.parametrize('text', [
    '[guide](docs/guide.md), [again](docs/guide.md#again-1), [here](#read-me), [up](docs/)',
    '![picture](docs/picture.png) <https://example.org/none> [web](https://example.org/none#x)',
    '`config/*.yaml` `python goals/goal.py --x` `goal/` `policy_gen_ros/actor/1` `archives/go2`',
    '`/usr/config/none.yaml` `~/docs/none` `$(prefix)/config/none.xml` <!-- [x](none.md) -->',
    '```\n[x](none.md)\ncat config/go2.yaml\n```'])
def test_sound_links_are_let_through(project, text):
    assert found(project, text) == []


@pytest.mark.parametrize(('text', 'problem'), [
    ('[guide](docs/gide.md)', 'docs/gide.md: no such file'),
    ('[guide][1]\n\n[1]: docs/gide.md', 'docs/gide.md: no such file'),
    ('| a |\n|---|\n| [guide](docs/gide.md) |', 'docs/gide.md: no such file'),
    ('![picture](docs/pictur.png)', 'docs/pictur.png: no such file'),
    ('[guide](docs/guide.md#agian)', 'docs/guide.md#agian: no heading #agian'),
    ('[here](#reed-me)', '#reed-me: no heading #reed-me'),
    ('[up](../other.md)', '../other.md: outside of the repository'),
    ('set it in `config/go3.yaml`.', 'config/go3.yaml: no such file'),
    ('`goal/gaol.py`', 'goal/gaol.py: no such file'),
    ('`gaol/goal.py`', 'gaol/goal.py: no such file'),
    ('```\npython tools/none.py -x\n```', 'tools/none.py: no such file')])
def test_dead_links_are_found(project, text, problem):
    assert found(project, text) == [f'README.md: {problem}']


def test_the_command_fails_where_something_is_dead(project):
    (project / 'README.md').write_text('[x](none.md)')
    run = subprocess.run([sys.executable, str(TOOL), str(project)], capture_output=True,
                         text=True, check=False)
    assert (run.returncode, run.stdout) == (1, 'README.md: none.md: no such file\n')
