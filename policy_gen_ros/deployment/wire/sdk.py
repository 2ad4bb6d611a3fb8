# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The only module that imports ``unitree_sdk2py``, whichever way it was installed.

The wheel on PyPI has two faults; an install from Unitree's repository has none or one of them:

- its ``__init__`` imports a subpackage ``b2`` that the wheel omits: a stub takes its place;
- it omits the CRC library: :mod:`policy_gen_ros.deployment.wire.layout` computes the CRC itself.
"""

from __future__ import annotations

from collections.abc import Sequence
import importlib
import importlib.machinery
import importlib.util
import sys
import types
from typing import Any

from policy_gen_ros.deployment.wire.errors import WireError

INSTALL_COMMAND = 'pip install cyclonedds==11.0.1 && pip install --no-deps unitree-sdk2==1.0.1'
_PACKAGE = 'unitree_sdk2py'
_STUB_NAMES = ('b2',)
_NEW_KINDS = {'TK_INT8': 'TK_CHAR8', 'TK_UINT8': 'TK_BYTE'}
"""Names of 8-bit numbers in type information, and what Cyclone DDS 0.10 called them."""


def _import(module: str) -> types.ModuleType:
    """
    Import a module of the SDK or of Cyclone DDS.

    :raises WireError: it is not installed, or its native library does not load
    """
    try:
        return importlib.import_module(module)
    except Exception as error:  # the binding raises its own type when its library does not load
        raise WireError(f'cannot import {module} ({error}); install the Unitree SDK with: '
                        f'{INSTALL_COMMAND}') from error


def _add_missing_subpackages() -> None:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.submodule_search_locations is None:
        raise WireError(f'{_PACKAGE} is not installed; install it with: {INSTALL_COMMAND}')
    for name in _STUB_NAMES:
        # Looked up in the folder: importing the parent to ask would already fail.
        path = list(spec.submodule_search_locations)
        if importlib.machinery.PathFinder.find_spec(name, path) is None:
            full_name = f'{_PACKAGE}.{name}'
            sys.modules.setdefault(full_name, types.ModuleType(full_name))


def _announce_as_robots_do(idl_types: Sequence[Any]) -> None:
    """
    Work out the type information of messages as Cyclone DDS 0.10 does, which robots run.

    Newer releases announce 8-bit numbers by names that 0.10 does not know: it then finds the types
    unlike its own, and falls over with a segmentation fault when it reads them.
    """
    xtypes = _import('cyclonedds.idl._typesupport.DDS.XTypes')
    kept = {name: value for name, value in vars(xtypes).items() if name in _NEW_KINDS}
    try:
        for name in kept:
            setattr(xtypes, name, getattr(xtypes, _NEW_KINDS[name]))
        for idl_type in idl_types:
            idl_type.__idl__.fill_type_data()  # kept there for all topics to come
    finally:
        for name, value in kept.items():
            setattr(xtypes, name, value)


_import('cyclonedds')
_add_missing_subpackages()
_idl = _import(f'{_PACKAGE}.idl.unitree_go.msg.dds_')

LowCmd_ = _idl.LowCmd_
LowState_ = _idl.LowState_
SportModeState_ = _idl.SportModeState_
WirelessController_ = _idl.WirelessController_
_api = _import(f'{_PACKAGE}.idl.unitree_api.msg.dds_')
Request_ = _api.Request_
Response_ = _api.Response_
_announce_as_robots_do(
    (LowCmd_, LowState_, SportModeState_, WirelessController_, Request_, Response_))


def request(number: int, api: int, parameter: str) -> Any:
    """
    Request to one of the robot's services.

    :param number: comes back with the answer
    """
    identity, lease = _api.RequestIdentity_(number, api), _api.RequestLease_(0)
    header = _api.RequestHeader_(identity, lease, _api.RequestPolicy_(0, False))
    return Request_(header, parameter, [])
