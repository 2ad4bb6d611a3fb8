"""
The only module that imports ``unitree_sdk2py``, whichever way it was installed.

The wheel on PyPI has three faults; an install from Unitree's repository has none or one of them:

- its ``__init__`` imports a subpackage ``b2`` that the wheel omits: a stub takes its place;
- it omits the CRC library: :mod:`policy_gen_ros.wire.layout` computes the CRC itself;
- it omits ``comm.motion_switcher``: :func:`motion_switcher_client` provides the same calls.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import json
import sys
import types
from typing import Any

from policy_gen_ros.wire.errors import WireError

INSTALL_COMMAND = 'pip install cyclonedds==11.0.1 && pip install --no-deps unitree-sdk2==1.0.1'
_PACKAGE = 'unitree_sdk2py'
_STUB_NAMES = ('b2',)


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


_import('cyclonedds')
_add_missing_subpackages()
_idl = _import(f'{_PACKAGE}.idl.unitree_go.msg.dds_')

LowCmd_ = _idl.LowCmd_
LowState_ = _idl.LowState_
SportModeState_ = _idl.SportModeState_


def motion_switcher_client() -> type:
    """
    Class of the client that asks the robot which built-in controller holds the legs.

    The SDK's own where it is installed, else one with the same methods (``Init``, ``CheckMode``,
    ``SelectMode``, ``ReleaseMode``; each returns ``(code, reply)``, code 0 for success).
    """
    try:
        found = importlib.import_module(f'{_PACKAGE}.comm.motion_switcher.motion_switcher_client')
        return found.MotionSwitcherClient
    except ImportError:
        return _define_motion_switcher()


def _define_motion_switcher() -> type:
    client: Any = _import(f'{_PACKAGE}.rpc.client').Client
    check_mode, select_mode, release_mode = 1001, 1002, 1003

    class MotionSwitcherClient(client):
        """Calls of the robot's service ``motion_switcher``."""

        def __init__(self) -> None:
            super().__init__('motion_switcher', False)

        def Init(self) -> None:
            self._SetApiVerson('1.0.0.1')
            for api in (check_mode, select_mode, release_mode):
                self._RegistApi(api, 0)

        def CheckMode(self) -> tuple[int, dict | None]:
            code, data = self._Call(check_mode, json.dumps({}))
            return code, json.loads(data) if code == 0 else None

        def SelectMode(self, name: str) -> tuple[int, None]:
            return self._Call(select_mode, json.dumps({'name': name}))[0], None

        def ReleaseMode(self) -> tuple[int, None]:
            return self._Call(release_mode, json.dumps({}))[0], None

    return MotionSwitcherClient
