# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a node is given at its start, checked where ROS keeps silent, or says too much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
import os
from pathlib import Path
import re

from policy_gen_ros.utils.yaml_files import read_yaml_file

HIGHEST_ROS_DOMAIN = 232
"""Above it the ports of DDS would lie beyond 65535."""
DOMAIN = 'ROS_DOMAIN_ID'
PARAMS_FILE = '--params-file'
_PLACE_IN_RCL = re.compile(r',?\s+at /\S+:\d+')
_PREFIX_OF_RCL = 'failed to initialize rcl: '


def check_domain(environment: Mapping[str, str] = os.environ) -> None:
    """
    Look at the DDS domain of ROS.

    :raises ValueError: it is no whole number, or out of range
    """
    text = environment.get(DOMAIN, '')
    try:
        domain = int(text or '0', 0)  # as rcl reads it
    except ValueError:
        domain = -1
    if not 0 <= domain <= HIGHEST_ROS_DOMAIN:
        raise ValueError(f'{DOMAIN} is {text!r}, expected a whole number from 0 to '
                         f'{HIGHEST_ROS_DOMAIN}: export {DOMAIN}=0, or unset it')


def check_params_files(arguments: Sequence[str]) -> None:
    """
    Look at all params files that a command line names.

    :raises ValueError: as :func:`check_params_file` does
    """
    for option, value in pairwise(arguments):
        if option == PARAMS_FILE:
            check_params_file(value)


def refuse_rest(arguments: Sequence[str]) -> None:
    """
    Refuse what of a command line is no argument of ROS: nobody would read it.

    :raises ValueError: something is left
    """
    if arguments:
        raise ValueError(f'nobody reads the argument {arguments[0]!r}: parameters are given as '
                         '--ros-args -p NAME:=VALUE, or --ros-args --params-file FILE')


def check_params_file(path: str | Path) -> None:
    """
    Look at a YAML file of parameters; whether they fit is for ROS to say.

    :raises ValueError: it cannot be read, is no YAML, or names no nodes
    """
    try:
        content = read_yaml_file(Path(path))
    except OSError as error:
        raise ValueError(f'params file {path}: {error.strerror}') from error
    except ValueError as error:
        raise ValueError(f'params file {error}') from error
    if content is not None and not isinstance(content, dict):  # rcl would ignore it
        raise ValueError(f'params file {path} holds no parameters: expected '
                         '"/**: {ros__parameters: {NAME: VALUE}}", as in config/go2.yaml')


def in_short(error: RuntimeError) -> str:
    """Return what rcl says of bad arguments, without the lines of its sources."""
    unknown = 'unknown ROS arguments ' if type(error).__name__ == 'UnknownROSArgsError' else ''
    reason = unknown + _PLACE_IN_RCL.sub('', str(error).removeprefix(_PREFIX_OF_RCL))
    return reason + ('; expected -p NAME:=VALUE' if 'parameter override rule' in reason else '')
