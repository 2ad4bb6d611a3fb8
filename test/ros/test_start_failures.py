# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Nodes that cannot start say why in one line and end with exit code 1."""

from __future__ import annotations

from pathlib import Path
import shutil
import signal
import subprocess
import sys

from node_harness import CONTROLLER, GENERATOR, Process, ros_arguments, User
from policy_gen_ros.generation.bundle import BUNDLE_FORMAT, bundle_path
import pytest
from rclpy.qos import ReliabilityPolicy


def fails(module: str, tmp_path: Path, ros_domain: int | str, **parameters: object) -> str:
    """Start a node that must fail, and return the one line it says."""
    return fails_with(module, ros_arguments(**parameters), tmp_path, ros_domain)


def fails_with(module: str, arguments: list[str], tmp_path: Path, ros_domain: int | str) -> str:
    process = Process(module, arguments, tmp_path / 'node.log', ros_domain)
    assert process.wait(60.0) == 1, process.text()
    assert 'Traceback' not in process.text()
    lines = process.lines_with('error: ')
    assert len(lines) == 1, process.text()
    return lines[0]


@pytest.mark.parametrize('use_sim_time', [False, True], ids=['', 'no /clock'])
def test_no_twin(use_sim_time: bool, tmp_path: Path, ros_domain_id: int, domain_id: int) -> None:
    line = fails(CONTROLLER, tmp_path, ros_domain_id, domain_id=domain_id, clock='tick',
                 exit_after_silence_s=2.0, use_sim_time=use_sim_time)
    assert f'no LowState on domain {domain_id} interface lo for' in line


@pytest.mark.parametrize('module', [CONTROLLER, GENERATOR])
def test_no_bundle(module: str, tmp_path: Path, ros_domain_id: int) -> None:
    assert 'nowhere' in fails(module, tmp_path, ros_domain_id, bundle=tmp_path / 'nowhere')


def test_bundle_of_another_version(tmp_path: Path, ros_domain_id: int) -> None:
    copy = shutil.copytree(bundle_path(None), tmp_path / 'bundle')
    manifest = copy / 'bundle.json'
    manifest.write_text(manifest.read_text().replace(BUNDLE_FORMAT, 'policy_gen_ros/bundle/999'))
    assert 'bundle/999' in fails(GENERATOR, tmp_path, ros_domain_id, bundle=copy)


def test_no_such_interface(tmp_path: Path, ros_domain_id: int, domain_id: int) -> None:
    line = fails(CONTROLLER, tmp_path, ros_domain_id, domain_id=domain_id,
                 network_interface='eth77')
    assert "'eth77'" in line and 'lo' in line


@pytest.mark.parametrize(('parameters', 'says'), [
    ({'clock': 'sim'}, "parameter clock is 'sim', expected one of: wall, tick"),
    ({'blend_s': 99.0}, 'blend_s'),
    ({'guard__tilt_rad': 'steep'}, 'guard.tilt_rad'),
    ({'guard__tilt_radd': 0.5}, "no parameter guard.tilt_radd; did you mean 'guard.tilt_rad'?")])
def test_wrong_parameter(parameters: dict, says: str, tmp_path: Path, ros_domain_id: int,
                         domain_id: int) -> None:
    assert says in fails(CONTROLLER, tmp_path, ros_domain_id, domain_id=domain_id, **parameters)


@pytest.mark.parametrize('name', ['policy_generator', 'locomotion_controller'])
@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_it_may_be_ended_before_it_has_begun(name: str, number: int) -> None:
    process = subprocess.Popen(
        [sys.executable, '-X', 'importtime', '-c', 'from policy_gen_ros.ros import executables; '
         f'executables.{name}()'], stderr=subprocess.PIPE, text=True)
    assert process.stderr
    for line in process.stderr:
        if 'numpy' in line:  # it imports
            break
    process.send_signal(number)
    assert 'Traceback' not in process.stderr.read()
    assert process.wait(60.0) == 0


@pytest.mark.parametrize('module', [CONTROLLER, GENERATOR])
@pytest.mark.parametrize('ros_domain', ['abc', '300'])
def test_no_such_ros_domain(module: str, ros_domain: str, tmp_path: Path) -> None:
    assert f"error: ROS_DOMAIN_ID is '{ros_domain}', expected a whole number from 0 to 232" in \
        fails(module, tmp_path, ros_domain)


@pytest.mark.parametrize('module', [CONTROLLER, GENERATOR])
@pytest.mark.parametrize(('arguments', 'says'), [
    (['--ros-args', '--params-file', 'nope.yaml'], 'params file nope.yaml: No such file'),
    (['--ros-args', '-p', 'seed'], "'-p seed'. Error: "),
    (['--ros-args', '-p', 'seed:=[1'], "'-p seed:=[1'. Error: "),
    (['--ros-args', '--seed', '1'], "unknown ROS arguments ['--seed'"),
    (['-p', 'seed:=1'], "nobody reads the argument '-p': parameters are given as --ros-args -p")])
def test_malformed_arguments(module: str, arguments: list[str], says: str, tmp_path: Path,
                             ros_domain_id: int) -> None:
    line = fails_with(module, arguments, tmp_path, ros_domain_id)
    assert says in line and '/src/' not in line


def test_whole_numbers_are_fractions_too(tmp_path: Path, ros_domain_id: int,
                                         domain_id: int) -> None:
    file = tmp_path / 'params.yaml'
    file.write_text('/**: {ros__parameters: {exit_after_silence_s: 1, guard: {tilt_rad: 1}}}')
    arguments = ros_arguments(domain_id=domain_id, blend_s=1)
    assert 'no LowState' in fails_with(CONTROLLER, [*arguments, '--params-file', str(file)],
                                       tmp_path, ros_domain_id)


def test_a_parameter_that_may_be_meant_for_another_node_is_named(
        tmp_path: Path, ros_domain_id: int, domain_id: int) -> None:
    process = Process(CONTROLLER, ros_arguments(domain_id=domain_id, blennd_s=0.3),
                      tmp_path / 'node.log', ros_domain_id)
    user = User(ros_domain_id)
    try:
        user.wait(lambda: user.command.get_subscription_count(), 'the controller')
        assert len(process.lines_with("no parameter blennd_s; did you mean 'blend_s'?")) == 1
    finally:
        user.close()
        process.end()


def test_quality_of_service_can_be_overridden(tmp_path: Path, ros_domain_id: int,
                                              domain_id: int) -> None:
    process = Process(CONTROLLER, ros_arguments(
        domain_id=domain_id, clock='tick', exit_after_silence_s=6.0, **{
            'qos_overrides__/cmd_vel__subscription__reliability': 'best_effort'}),
        tmp_path / 'node.log', ros_domain_id)
    user = User(ros_domain_id)
    try:
        user.wait(lambda: user.command.get_subscription_count(), 'the controller')
        found = user.node.get_subscriptions_info_by_topic('/cmd_vel')
        assert [info.qos_profile.reliability for info in found] == [ReliabilityPolicy.BEST_EFFORT]
    finally:
        user.close()
        process.end()


def test_keys_that_cannot_be_used(tmp_path: Path, ros_domain_id: int, domain_id: int) -> None:
    assert 'cannot read the signing key' in fails(GENERATOR, tmp_path, ros_domain_id,
                                                  signing_key=tmp_path / 'none.pem')
    assert "trusted key 'abc'" in fails(CONTROLLER, tmp_path, ros_domain_id, domain_id=domain_id,
                                        trusted_keys='["abc"]')


def test_a_twin_has_no_controller_of_its_own(tmp_path: Path, ros_domain_id: int,
                                             domain_id: int) -> None:
    assert 'auto_activate is for twins' in fails(
        CONTROLLER, tmp_path, ros_domain_id, domain_id=domain_id, auto_activate=True,
        builtin_controller='release')
