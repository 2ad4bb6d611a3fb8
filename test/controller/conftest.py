"""Fixtures of the controller's tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from helpers import FakeRobot, make_adaptor  # noqa: E402

from policy_gen_ros.controller.runtime import LocomotionRuntime  # noqa: E402


@pytest.fixture
def robot() -> FakeRobot:
    """A robot standing in the default pose, controller passive."""
    return FakeRobot(LocomotionRuntime(make_adaptor(), blend_s=0.2, wall_s=lambda: 0.0))
