# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Which part of the package may import what: read from the sources, and tried."""

from __future__ import annotations

import ast
from pathlib import Path
import subprocess
import sys

import pytest

PACKAGE = 'policy_gen_ros'
ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / PACKAGE).rglob('*.py'))
MAX_LINES = 500

ORDER = (
    'naming.py', 'caches.py', 'files.py', 'paths.py', 'progress.py', 'tensors.py', 'robot', 'wire',
    'goal', 'recording', 'report', 'actor', 'controller', 'condition', 'decoder', 'diffusion',
    'generator', 'twin', 'teacher', 'archive', 'rehearsal', 'training', 'papers', 'building',
    'foreign', 'evaluation', 'nodes', 'launching.py', 'demo', 'bench', 'doctor', 'commands',
    '__init__.py')
"""Each imports only from those before it: as in the table of CONTRIBUTING.md."""
MAY_IMPORT_ROS = ('nodes', 'launching.py')
ROS = {'rclpy', 'launch', 'launch_ros', 'rcl_interfaces', 'builtin_interfaces', 'diagnostic_msgs',
       'geometry_msgs', 'lifecycle_msgs', 'nav_msgs', 'sensor_msgs', 'std_msgs', 'std_srvs'}
SIMULATOR_AND_ROBOT_SIDE = {
    'mujoco', f'{PACKAGE}.twin', f'{PACKAGE}.wire', f'{PACKAGE}.nodes', *ROS}
CORE = ('goal', 'condition', 'diffusion', 'decoder', 'actor', 'generator', 'training', 'papers',
        'robot', 'recording')
ARCHIVE_MAKERS = {f'{PACKAGE}.{part}' for part in ('building', 'foreign', 'evaluation', 'twin')}
# Parts that run at 500 Hz or on the robot's computer: no learning framework, no simulator.
WIRE_SIDE = ('wire', 'controller')
HEAVY_OR_ROS = {'torch', 'mujoco', f'{PACKAGE}.twin', f'{PACKAGE}.nodes', *ROS}


def imported_modules(path: Path) -> list[tuple[int, str]]:
    """Line and dotted name of everything that a file imports, inside functions too."""
    package_parts = path.relative_to(ROOT).with_suffix('').parts[:-1]
    found = []
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package_parts[:len(package_parts) - node.level + 1] if node.level else ()
            base = '.'.join([*above, *filter(None, [node.module])])
            # The imported name may itself be a module: `from policy_gen_ros import twin`.
            found += [(node.lineno, f'{base}.{alias.name}') for alias in node.names]
    return found


def violations(paths: list[Path], forbidden: set[str]) -> list[str]:
    """One line for each import of a forbidden package or of something inside it."""
    return [f'{path.relative_to(ROOT)}:{line} imports {name}'
            for path in paths for line, name in imported_modules(path)
            if any(f'{name}.'.startswith(f'{package}.') for package in forbidden)]


def part_of(path: Path) -> str:
    """Return the subpackage or top-level module that a file is in."""
    return path.relative_to(ROOT / PACKAGE).parts[0]


def test_parts_import_only_what_comes_before_them():
    assert {part_of(path) for path in SOURCES} == set(ORDER), \
        'ORDER in this test and the table of CONTRIBUTING.md list every part: add the new one'
    rank = {part.removesuffix('.py'): place for place, part in enumerate(ORDER)}
    wrong = [
        f'{path.relative_to(ROOT)}:{line} imports {name}, which comes after {part_of(path)}'
        for path in SOURCES for line, name in imported_modules(path)
        if name.startswith(f'{PACKAGE}.')
        and rank.get(name.split('.')[1], len(ORDER)) > rank[part_of(path).removesuffix('.py')]]
    assert wrong == [], 'move the code to where both may import it: see CONTRIBUTING.md'


@pytest.mark.parametrize(('parts', 'unwanted'), [
    (('wire', 'controller'), {'torch', 'mujoco', 'rclpy'}),
    (('goal', 'condition', 'diffusion', 'decoder', 'actor', 'generator', 'archive', 'training',
      'papers', 'recording', 'report'), {'mujoco', 'rclpy', 'cyclonedds'})])
def test_nothing_unwanted_is_loaded_by_way_of_others(parts, unwanted):
    modules = [str(path.relative_to(ROOT).with_suffix('')).replace('/', '.')
               for path in SOURCES if part_of(path) in parts]
    assert len(modules) > len(parts)
    code = (f'import importlib, sys\nfor name in {modules}:\n    importlib.import_module(name)\n'
            f'    bad = {unwanted} & set(sys.modules)\n'
            f'    assert not bad, f"{{name}} loads {{bad}}"')
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr


def test_only_nodes_and_the_launch_helper_import_ros():
    others = [path for path in SOURCES if part_of(path) not in MAY_IMPORT_ROS]
    assert violations(others, ROS) == []


def test_reading_an_archive_needs_nothing_that_made_it():
    files = [path for path in SOURCES if part_of(path) == 'archive']
    assert violations(files, {'mujoco', *ARCHIVE_MAKERS, *ROS}) == []


def test_reports_are_made_of_plain_data():
    files = [path for path in SOURCES if part_of(path) == 'report']
    assert files
    assert violations(files, {'torch', 'mujoco', 'ribs', f'{PACKAGE}.archive', *ARCHIVE_MAKERS,
                              *ROS}) == []


@pytest.mark.parametrize('part', CORE)
def test_core_imports_no_simulator_no_wire_and_no_ros(part):
    files = [path for path in SOURCES if part_of(path) == part]
    assert files, f'{PACKAGE}/{part} is gone; take it off the list of this test'
    assert violations(files, SIMULATOR_AND_ROBOT_SIDE) == []


@pytest.mark.parametrize('part', WIRE_SIDE)
def test_wire_and_controller_import_no_torch_simulator_or_ros(part):
    files = [path for path in SOURCES if part_of(path) == part]
    assert files, f'{PACKAGE}/{part} is gone; take it off the list of this test'
    assert violations(files, HEAVY_OR_ROS) == []


def test_no_file_is_longer_than_its_reader_can_hold():
    files = [*SOURCES, *(ROOT / 'test').rglob('*.py'), *(ROOT / 'launch').glob('*.py')]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}, \
        f'over {MAX_LINES} lines: split these by idea'


@pytest.mark.parametrize(('line', 'name'), [
    ('import mujoco.viewer', 'mujoco.viewer'),
    ('from mujoco import rollout', 'mujoco.rollout'),
    ('def f():\n    import mujoco', 'mujoco'),
    ('from ..twin import model', f'{PACKAGE}.twin.model'),
    (f'from {PACKAGE} import twin', f'{PACKAGE}.twin'),
])
def test_the_check_sees_every_form_of_import(tmp_path, monkeypatch, line, name):
    monkeypatch.setitem(globals(), 'ROOT', tmp_path)
    path = tmp_path / PACKAGE / 'goal' / 'example.py'
    path.parent.mkdir(parents=True)
    path.write_text(line)
    assert [found for _, found in imported_modules(path)] == [name]
    assert len(violations([path], SIMULATOR_AND_ROBOT_SIDE)) == 1
