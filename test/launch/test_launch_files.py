# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Both launch files: their arguments, and which processes they start with which parameters."""

from __future__ import annotations

import importlib.util
from pathlib import Path
import shutil
import subprocess
import sys

import pytest

WHY = 'launch and launch_ros come with ROS 2 and are not on PyPI'
launch = pytest.importorskip('launch', reason=WHY)
actions = pytest.importorskip('launch.actions', reason=WHY)
substitutions = pytest.importorskip('launch.substitutions', reason=WHY)
substituting = pytest.importorskip('launch.utilities', reason=WHY)
ros = pytest.importorskip('launch_ros.actions', reason=WHY)
utilities = pytest.importorskip('launch_ros.utilities', reason=WHY)

ROOT = Path(__file__).resolve().parents[2]
COMMON_ARGUMENTS = {'namespace', 'network_interface', 'domain_id', 'builtin_controller',
                    'auto_activate', 'rehearse', 'bundle', 'params_file', 'log_level'}
NODES = ['policy_generator', 'locomotion_controller']


def description_of(name: str) -> launch.LaunchDescription:
    """Run a launch file the way ``ros2 launch`` does."""
    spec = importlib.util.spec_from_file_location('launch_file', ROOT / 'launch' / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.generate_launch_description()


def executable_of(process: actions.ExecuteProcess) -> str:
    """Name of the executable in this package that a process runs."""
    if isinstance(process, ros.Node):
        return process.node_executable
    return next(part.executable[0].text for part in process.cmd[0])


def started(name: str, **arguments: str) -> tuple[launch.LaunchContext, dict]:
    """Collect what a launch file would start, by executable."""
    context = launch.LaunchContext()
    context.launch_configurations.update(
        {'params_file': str(ROOT / 'config' / 'go2.yaml'), **arguments})
    processes: dict[str, actions.ExecuteProcess] = {}
    for entity in description_of(name).entities:
        if isinstance(entity, actions.DeclareLaunchArgument):
            entity.visit(context)
        elif isinstance(entity, actions.OpaqueFunction):
            for action in entity.visit(context) or []:
                if isinstance(action, actions.ExecuteProcess):
                    processes[executable_of(action)] = action
                else:
                    action.visit(context)
    return context, processes


def parameters(context: launch.LaunchContext, node: ros.Node) -> dict:
    """Parameters that the launch file sets on top of the params file."""
    overrides: dict = {}
    for entry in utilities.evaluate_parameters(context, node._Node__parameters):
        if isinstance(entry, dict):
            overrides.update(entry)
    return overrides


def refusal(file: Path, *arguments: str) -> str:
    """Return what ``ros2 launch`` says last of a file and arguments that it must not start."""
    program = shutil.which('ros2')
    if program is None:
        pytest.skip('the command ros2 comes with ROS 2')
    done = subprocess.run([program, 'launch', str(file), *arguments], capture_output=True,
                          text=True, timeout=60, check=False)
    output = (done.stdout + done.stderr).strip()
    assert done.returncode == 1 and 'Traceback' not in output, output
    return output.splitlines()[-1]


@pytest.mark.parametrize(('name', 'extra'), [
    ('go2_real.launch.py', set()),
    ('go2_sim.launch.py', {'discovery', 'isaacgym_python', 'rehearsal', 'twin'})])
def test_arguments(name, extra):
    arguments = {argument.name: argument
                 for argument in description_of(name).get_launch_arguments()}
    assert set(arguments) == COMMON_ARGUMENTS | extra
    assert all(argument.description for argument in arguments.values())


def test_the_interface_of_a_real_robot_is_never_guessed():
    required = {argument.name for argument in
                description_of('go2_real.launch.py').get_launch_arguments()
                if argument.default_value is None}
    assert required == {'network_interface'}
    with pytest.raises(RuntimeError, match='network_interface'):
        started('go2_real.launch.py')


def test_real_starts_two_nodes_on_the_robots_domain():
    context, processes = started('go2_real.launch.py', network_interface='eth0')
    assert list(processes) == NODES
    wire = parameters(context, processes['locomotion_controller'])
    assert wire == {'network_interface': 'eth0', 'domain_id': 0, 'clock': 'wall',
                    'auto_activate': False,
                    'builtin_controller': 'release'}, 'waits for the robot for ever'


def test_a_simulator_of_unitree_has_no_controller_of_its_own():
    context, processes = started('go2_real.launch.py', network_interface='lo', domain_id='1',
                                 builtin_controller='none')
    wire = parameters(context, processes['locomotion_controller'])
    assert wire['builtin_controller'] == 'none'
    assert 'exit_after_silence_s' not in wire, 'waits for the simulator for ever'


def test_sim_starts_the_twin_as_well():
    context, processes = started('go2_sim.launch.py')
    assert list(processes) == ['go2_twin', *NODES]
    wire = parameters(context, processes['locomotion_controller'])
    assert wire == {'network_interface': 'lo', 'domain_id': 1, 'clock': 'tick',
                    'auto_activate': True, 'builtin_controller': 'none',
                    'exit_after_silence_s': 10.0}


def test_what_a_robot_walks_with_was_rehearsed():
    for file, arguments, expected in (('go2_real.launch.py', {}, 'gate'),
                                      ('go2_sim.launch.py', {}, 'off'),
                                      ('go2_real.launch.py', {'rehearse': 'best_of_k'},
                                       'best_of_k')):
        context, processes = started(file, network_interface='eth0', **arguments)
        assert parameters(context, processes['policy_generator'])['rehearse'] == expected


@pytest.mark.parametrize(('distro', 'name', 'local', 'wide'), [
    ('jazzy', 'ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST', 'SUBNET'),
    ('humble', 'ROS_LOCALHOST_ONLY', '1', '0')])
def test_a_simulation_is_found_from_this_machine_only(distro, name, local, wide, monkeypatch):
    monkeypatch.setenv('ROS_DISTRO', distro)
    for arguments, expected in (({}, local), ({'discovery': 'SUBNET'}, wide)):
        context, _ = started('go2_sim.launch.py', **arguments)
        assert context.environment[name] == expected


def test_a_rehearsal_is_handed_to_the_twin():
    for rehearsal, expected in (('true', True), ('false', False)):
        context, processes = started('go2_sim.launch.py', rehearsal=rehearsal)
        words = [substituting.perform_substitutions(context, part)
                 for part in processes['go2_twin'].cmd[1:]]
        assert ('--rehearsal' in words) == expected


def test_without_a_twin_only_the_nodes_start():
    _, processes = started('go2_sim.launch.py', twin='none')
    assert list(processes) == NODES


def test_isaac_gym_runs_in_the_interpreter_that_has_it():
    with pytest.raises(RuntimeError, match=r'isaacgym_python:=python0 is no program'):
        started('go2_sim.launch.py', twin='isaacgym', isaacgym_python='python0')
    description = description_of('go2_sim.launch.py')
    functions = [entity for entity in description.entities
                 if isinstance(entity, actions.OpaqueFunction)]
    context = launch.LaunchContext()
    context.launch_configurations.update(
        twin='isaacgym', isaacgym_python=sys.executable, rehearsal='false')
    process, = functions[2].visit(context)
    assert substituting.perform_substitutions(context, process.cmd[0]) == sys.executable
    script = process.cmd[1][0]
    assert isinstance(script, substitutions.PathJoinSubstitution)
    assert (ROOT / 'sim' / 'isaacgym_twin.py').exists()


@pytest.mark.parametrize(('argument', 'value'), [
    ('twin', 'gazebo'), ('log_level', 'loud'), ('domain_id', 'one'),
    ('builtin_controller', 'ignore'), ('params_file', 'nope.yaml')])
def test_a_bad_value_is_refused_by_name(argument, value):
    with pytest.raises((RuntimeError, ValueError), match=value):
        started('go2_sim.launch.py', **{argument: value})


def test_a_bundle_reaches_both_nodes_and_an_empty_one_hides_nothing():
    context, processes = started('go2_sim.launch.py', bundle='/some/bundle')
    assert all(parameters(context, processes[name])['bundle'] == '/some/bundle' for name in NODES)
    context, processes = started('go2_sim.launch.py')
    assert not any('bundle' in parameters(context, processes[name]) for name in NODES)


@pytest.mark.parametrize(('name', 'given', 'says'), [
    ('go2_sim.launch.py', ['twinn:=none'], "no launch argument twinn; did you mean 'twin'?"),
    ('go2_real.launch.py', ['network_interface:=lo', 'bundel:=x'],
     "no launch argument bundel; did you mean 'bundle'?"),
    ('go2_real.launch.py', ['network_interfce:=lo'],
     "missing required argument 'network_interface'"),
    ('go2_real.launch.py', ['network_interface:=lo', 'params_file:=nope.yaml'],
     'params file nope.yaml: No such file or directory')])
def test_ros2_launch_refuses_what_is_misspelt(name, given, says):
    assert says in refusal(ROOT / 'launch' / name, *given)


def test_a_launch_file_around_ours_has_arguments_of_its_own(tmp_path):
    outer = tmp_path / 'robot.launch.xml'
    outer.write_text(f"""<launch><arg name="arm"/>
        <include file="{ROOT / 'launch' / 'go2_real.launch.py'}">
        <arg name="network_interface" value="lo"/><arg name="params_file" value="nope.yaml"/>
        </include></launch>""")
    assert 'params file nope.yaml' in refusal(outer, 'arm:=left')
