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
    'utils', 'goals/language', 'domains', 'goals', 'policies', 'models', 'archive', 'generation',
    'training', 'baselines', 'evaluation/metrics', 'domains/gymnasium_locomotion',
    'domains/halfcheetah', 'domains/walker2d', 'domains/ant', 'domains/humanoid',
    'domains/metaworld', 'domains/go2', 'deployment/wire', 'deployment/controller',
    'deployment/recording', 'deployment/twin', 'deployment/way.py', 'deployment/plan.py',
    'evaluation/report', 'evaluation/any_domain.py', 'evaluation/prompted',
    'deployment/rehearsal', 'evaluation', 'ros', 'commands', '__init__.py')
"""
Each imports only from those before it: as in the table of CONTRIBUTING.md. A file belongs to the
longest of these that it lies in. What is imported for type checking alone does not count.
"""
CORE = ('goals', 'policies', 'models', 'archive', 'generation', 'training', 'baselines',
        'evaluation/metrics', 'evaluation/any_domain.py', 'evaluation/prompted')
"""Knows no robot: it imports no domain, and neither a simulator nor ROS."""
MAY_IMPORT_ROS = ('ros',)
ROS = {'rclpy', 'launch', 'launch_ros', 'rcl_interfaces', 'builtin_interfaces', 'diagnostic_msgs',
       'geometry_msgs', 'lifecycle_msgs', 'nav_msgs', 'sensor_msgs', 'std_msgs', 'std_srvs'}
DOMAINS = {f'{PACKAGE}.domains.{name}' for name in (
    'go2', 'halfcheetah', 'walker2d', 'ant', 'humanoid', 'metaworld')}
OUTSIDE_CORE = {'mujoco', 'gymnasium', 'metaworld', f'{PACKAGE}.domains.gymnasium_locomotion',
                f'{PACKAGE}.deployment', f'{PACKAGE}.ros', *DOMAINS, *ROS}
# Parts that run at 500 Hz or on the robot's computer: no learning framework, no simulator.
WIRE_SIDE = ('deployment/wire', 'deployment/controller')
HEAVY_OR_ROS = {'torch', 'mujoco', f'{PACKAGE}.domains.go2.twin', f'{PACKAGE}.deployment.twin',
                f'{PACKAGE}.ros', *ROS}


def imported_modules(path: Path, types_too: bool = True) -> list[tuple[int, str]]:
    """
    Line and dotted name of everything that a file imports, inside functions too.

    :param types_too: also what is imported for type checking alone
    """
    package_parts = path.relative_to(ROOT).with_suffix('').parts[:-1]
    found = []
    tree = ast.parse(path.read_text(), str(path))
    skipped = set() if types_too else {
        inside for node in ast.walk(tree) if isinstance(node, ast.If)
        and isinstance(node.test, ast.Name) and node.test.id == 'TYPE_CHECKING'
        for inside in ast.walk(node)}
    for node in ast.walk(tree):
        if node in skipped:
            continue
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


def part_of(path: str) -> str | None:
    """Return the longest part of ORDER that a path in the package lies in."""
    parts = [part for part in ORDER if f'{path}/'.startswith(f'{part}/')]
    return max(parts, key=len, default=None)


def files_of(*parts: str) -> list[Path]:
    """Return the sources of these parts, and of those inside them."""
    files = [path for path in SOURCES if any(
        f'{path.relative_to(ROOT / PACKAGE)}/'.startswith(f'{part}/') for part in parts)]
    assert files, f'{parts} are gone; take them off the lists of this test'
    return files


def test_parts_import_only_what_comes_before_them():
    rank = {part: place for place, part in enumerate(ORDER)}
    wrong = []
    for path in SOURCES:
        inside = str(path.relative_to(ROOT / PACKAGE))
        part = part_of(inside)
        if inside.endswith('__init__.py') and part is None:
            continue  # of a folder whose parts are listed one by one
        assert part is not None, f'{inside}: ORDER in this test and CONTRIBUTING.md list each part'
        for line, name in imported_modules(path, types_too=False):
            if not name.startswith(f'{PACKAGE}.'):
                continue
            other = part_of(name.removeprefix(f'{PACKAGE}.').replace('.', '/')) or part_of(
                name.removeprefix(f'{PACKAGE}.').rpartition('.')[0].replace('.', '/') + '.py')
            if other is not None and rank[other] > rank[part]:
                wrong.append(f'{inside}:{line} imports {name}, which comes after {part}')
    assert wrong == [], 'move the code to where both may import it: see CONTRIBUTING.md'


@pytest.mark.parametrize(('parts', 'unwanted'), [
    (WIRE_SIDE, {'torch', 'mujoco', 'rclpy'}),
    (CORE, {'mujoco', 'gymnasium', 'rclpy', 'cyclonedds'})])
def test_nothing_unwanted_is_loaded_by_way_of_others(parts, unwanted):
    modules = [str(path.relative_to(ROOT).with_suffix('')).replace('/', '.')
               for path in files_of(*parts)]
    assert len(modules) > len(parts)
    code = (f'import importlib, sys\nfor name in {modules}:\n    importlib.import_module(name)\n'
            f'    bad = {unwanted} & set(sys.modules)\n'
            f'    assert not bad, f"{{name}} loads {{bad}}"')
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr


def test_only_the_ros_folder_imports_ros():
    ros = files_of(*MAY_IMPORT_ROS)
    assert violations([path for path in SOURCES if path not in ros], ROS) == []


def test_the_core_imports_no_domain_no_simulator_no_robot_and_no_ros():
    assert violations(files_of(*CORE), OUTSIDE_CORE) == []


def test_a_domain_imports_no_other_domain_and_no_deployment():
    for name in sorted(DOMAINS):
        folder = name.removeprefix(f'{PACKAGE}.').replace('.', '/')
        others = {*DOMAINS, f'{PACKAGE}.deployment', *ROS} - {name}
        assert violations(files_of(folder), others) == []


def test_reports_are_made_of_plain_data():
    assert violations(files_of('evaluation/report'), {
        'torch', 'mujoco', f'{PACKAGE}.training', f'{PACKAGE}.domains.go2.twin',
        f'{PACKAGE}.domains.go2.building', *ROS}) == []


@pytest.mark.parametrize('part', WIRE_SIDE)
def test_wire_and_controller_import_no_torch_simulator_or_ros(part):
    assert violations(files_of(part), HEAVY_OR_ROS) == []


def test_no_file_is_longer_than_its_reader_can_hold():
    files = [*SOURCES, *(ROOT / 'test').rglob('*.py'), *(ROOT / 'launch').glob('*.py')]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}, \
        f'over {MAX_LINES} lines: split these by idea'


@pytest.mark.parametrize(('line', 'name'), [
    ('import mujoco.viewer', 'mujoco.viewer'),
    ('from mujoco import rollout', 'mujoco.rollout'),
    ('def f():\n    import mujoco', 'mujoco'),
    ('from ..deployment.twin import model', f'{PACKAGE}.deployment.twin.model'),
    (f'from {PACKAGE}.deployment import twin', f'{PACKAGE}.deployment.twin'),
])
def test_the_check_sees_every_form_of_import(tmp_path, monkeypatch, line, name):
    monkeypatch.setitem(globals(), 'ROOT', tmp_path)
    path = tmp_path / PACKAGE / 'goals' / 'example.py'
    path.parent.mkdir(parents=True)
    path.write_text(line)
    assert [found for _, found in imported_modules(path)] == [name]
    assert len(violations([path], {'mujoco', f'{PACKAGE}.deployment.twin'})) == 1
