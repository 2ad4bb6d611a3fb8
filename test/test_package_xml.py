# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``package.xml`` says the same as ``setup.py``, the sources and ``CITATION.cff``."""

from __future__ import annotations

import ast
from pathlib import Path
import re
import subprocess
import sys
from xml.etree import ElementTree

import policy_gen_ros
import pytest
from test_layering import imported_modules, SOURCES
import yaml

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ElementTree.parse(ROOT / 'package.xml').getroot()
FROM_ROS = re.compile(
    r'rclpy|launch(_ros|_testing)?|ament_index_python|\w+_(msgs|srvs|interfaces)')


def declared(*kinds: str) -> set[str]:
    return {element.text or '' for kind in kinds for element in PACKAGE.findall(kind)}


def imported(files: list[Path]) -> set[str]:
    names = {name.partition('.')[0] for file in files for _, name in imported_modules(file)}
    return {name for name in names if FROM_ROS.fullmatch(name)}


def test_elements_that_rep_149_requires_are_there_in_their_order():
    assert (PACKAGE.tag, PACKAGE.get('format')) == ('package', '3')
    tags = [element.tag for element in PACKAGE]
    assert tags[:5] == ['name', 'version', 'description', 'maintainer', 'license']
    assert tags[-1] == 'export'
    assert PACKAGE.findtext('export/build_type') == 'ament_python'
    assert re.fullmatch(r'[^@\s]+@[^@\s]+', PACKAGE.find('maintainer').get('email'))
    assert (ROOT / PACKAGE.find('license').get('file')).is_file()


def test_setup_py_says_the_same():
    reported = subprocess.run(
        [sys.executable, 'setup.py', '--name', '--version', '--license', '--maintainer'],
        cwd=ROOT, capture_output=True, text=True, check=True).stdout.split('\n')[-5:-1]
    assert reported == [PACKAGE.findtext(tag)
                        for tag in ('name', 'version', 'license', 'maintainer')]


def test_the_citation_and_the_package_are_of_the_same_version():
    citation = yaml.safe_load((ROOT / 'CITATION.cff').read_text())
    assert citation['version'] == policy_gen_ros.__version__ == PACKAGE.findtext('version')
    assert citation['license'] == PACKAGE.findtext('license')
    assert [len(paper['authors']) for paper in citation['references']] == [6, 4]


def test_all_that_is_imported_from_ros_is_declared():
    run = [*SOURCES, *(ROOT / 'launch').glob('*.py')]
    needed = imported(run)
    assert {'rclpy', 'std_msgs'} <= needed
    assert needed - declared('exec_depend', 'depend') == set()
    tests = [*(ROOT / 'test').rglob('*.py')]
    assert imported(tests) - declared('exec_depend', 'depend', 'test_depend') == set()


def test_every_data_file_of_the_package_is_installed():
    package = ROOT / 'policy_gen_ros'
    setup = (ROOT / 'setup.py').read_text()
    listed = re.search(r'package_data=\{PACKAGE: (\[.*?\])\}', setup, re.S)
    installed = {file for pattern in ast.literal_eval(listed[1]) for file in package.glob(pattern)}
    kept = subprocess.run(['git', 'ls-files', '-z', 'policy_gen_ros'], cwd=ROOT, check=False,
                          capture_output=True, text=True)
    if kept.returncode:
        pytest.skip('no git repository: it tells which files belong to the package')
    files = {ROOT / name for name in kept.stdout.split('\0') if name and not name.endswith('.py')}
    assert len(files) > 100
    assert not files - installed
