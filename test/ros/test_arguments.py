# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a node is given at its start: what of it is refused, and in what words."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from policy_gen_ros.ros.arguments import (
    check_domain,
    check_params_file,
    check_params_files,
    HIGHEST_ROS_DOMAIN,
    in_short,
)
from policy_gen_ros.utils.paths import share_file
import pytest


@given(st.integers())
def test_a_domain_is_refused_where_dds_has_no_ports_for_it(domain: int) -> None:
    if 0 <= domain <= HIGHEST_ROS_DOMAIN:
        check_domain({'ROS_DOMAIN_ID': str(domain)})
    else:
        with pytest.raises(ValueError, match=rf"^ROS_DOMAIN_ID is '{domain}', expected .* 0 to"):
            check_domain({'ROS_DOMAIN_ID': str(domain)})


@pytest.mark.parametrize('environment', [{}, {'ROS_DOMAIN_ID': ''}, {'ROS_DOMAIN_ID': '0x10'}])
def test_what_rcl_understands_is_left_to_it(environment: dict[str, str]) -> None:
    check_domain(environment)


@pytest.mark.parametrize(('content', 'says'), [
    (b'walk slowly', 'holds no parameters: expected'), (b'- 1\n- 2', 'holds no parameters'),
    (b'a: [1,\nb: {', 'is not YAML'), (b'\x89PNG\r\n\x1a\n\x00', 'is not YAML'),
    (b'\xff\xfe\x00', 'is not YAML')])
def test_a_params_file_that_is_none(content: bytes, says: str, tmp_path: Path) -> None:
    file = tmp_path / 'params.yaml'
    file.write_bytes(content)
    with pytest.raises(ValueError, match=says):
        check_params_files(['--ros-args', '--params-file', str(file)])


def test_params_files_that_are() -> None:
    check_params_file(share_file('config/go2.yaml'))
    check_params_files(['--ros-args', '-p', 'params-file:=nope.yaml', '--params-file'])


def test_a_params_file_that_is_not_there() -> None:
    with pytest.raises(ValueError, match=r'^params file nope\.yaml: No such file or directory$'):
        check_params_file('nope.yaml')


def test_the_sources_of_rcl_are_left_away() -> None:
    assert in_short(RuntimeError(
        "failed to initialize rcl: Failed to parse ROS arguments: Couldn't parse parameter "
        "override rule: '-p a'. Error: Error parsing an event, at /project/src/parse.c:935, at "
        '/project/src/rcl/arguments.c:352')) == (
        "Failed to parse ROS arguments: Couldn't parse parameter override rule: '-p a'. Error: "
        'Error parsing an event; expected -p NAME:=VALUE')
