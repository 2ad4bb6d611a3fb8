# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Types are announced as Cyclone DDS 0.10.2 does: robots run that, and take no other."""

from __future__ import annotations

from hashlib import sha256

from policy_gen_ros.deployment.wire import sdk
import pytest

# Of type information and type mapping, as cyclonedds 0.10.2 gave them (Python 3.8, unitree-sdk2
# 1.0.1). With those of 11.0.1 a 0.10.2 process that had the same topics ended with a segmentation
# fault, and neither heard the other.
BY_0_10_2 = {'LowCmd_': '9878cce8eaaddfd4', 'LowState_': '8a468573f190a795',
             'SportModeState_': '6370bda6df276a06', 'WirelessController_': '2ec4d99e64c6ae00',
             'Request_': 'a3a11755b7a7885b', 'Response_': 'b6da96ee64726d04'}


@pytest.mark.parametrize('name', BY_0_10_2)
def test_types_are_announced_as_robots_do(name: str) -> None:
    announced = getattr(sdk, name).__idl__._xt_bytedata
    assert sha256(b''.join(announced)).hexdigest()[:16] == BY_0_10_2[name]
