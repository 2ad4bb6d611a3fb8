# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Fixtures of the controller's tests."""

from __future__ import annotations

from controller_helpers import FakeRobot, make_adaptor
from policy_gen_ros.deployment.controller.runtime import LocomotionRuntime
import pytest


@pytest.fixture
def robot() -> FakeRobot:
    """Make a robot standing in the default pose, controller passive."""
    return FakeRobot(LocomotionRuntime(make_adaptor(), wall_s=lambda: 0.0))
