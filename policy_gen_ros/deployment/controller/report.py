# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What passes between the control process and the process that started it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from policy_gen_ros.deployment.controller.event import Event
from policy_gen_ros.deployment.controller.guards import GuardLimits
from policy_gen_ros.deployment.controller.loop import LoopStatus
from policy_gen_ros.deployment.controller.remote import RemoteConfig
from policy_gen_ros.deployment.controller.trial import TrialLimits
from policy_gen_ros.deployment.wire.frames import LowState, SportState


@dataclass(frozen=True)
class Sample:
    """What the robot sent at one control period; ``time_s`` is the robot's clock."""

    time_s: float
    state: LowState
    sport: SportState | None


@dataclass(frozen=True)
class RuntimeStatus:
    """Figures of the runtime for diagnostics; ``actor`` is its hash, empty without one."""

    mode: str = 'passive'
    actor: str = ''
    goal: str = ''
    bundle: str = ''
    swaps: int = 0
    swap_ms: float = float('nan')
    rolled_back: int = 0
    guard_trips: int = 0
    last_trip: str = ''
    policy_ticks: int = 0
    missed_policy_ticks: int = 0
    unfilled: tuple[str, ...] = ()
    remote: str = 'absent'
    stops: int = 0
    """How often a stop chord was pressed on the remote."""
    command_from: str = 'nominal'


@dataclass(frozen=True)
class Report:
    """Sent up every 20 ms: what has happened since the report before."""

    runtime: RuntimeStatus
    loop: LoopStatus | None
    """None while the loop does not run."""
    events: tuple[Event, ...]
    samples: tuple[Sample, ...]
    dropped_frames: int


@dataclass(frozen=True)
class Settings:
    """
    What the control process is started with.

    :param calm: file of the actor that steps on the spot where a walk ends
    """

    adaptor: Path
    calm: Path | None
    domain_id: int
    interface: str | None
    clock: str
    alone: bool
    priority: int
    auto_activate: bool


@dataclass(frozen=True)
class Limits:
    """Sent down: what may change while it runs."""

    guard: GuardLimits = field(default_factory=GuardLimits)
    trial: TrialLimits = field(default_factory=TrialLimits)
    remote: RemoteConfig = field(default_factory=RemoteConfig)
    blend_s: float = 0.2


@dataclass(frozen=True)
class Start:
    """Sent down: command the legs from now on."""


@dataclass(frozen=True)
class Stop:
    """Sent down: damp, and command the legs no more."""


@dataclass(frozen=True)
class LetGo:
    """Sent down: others have taken the legs."""


@dataclass(frozen=True)
class Command:
    """Sent down: vx, vy in m/s and yaw rate in rad/s, of ``cmd_vel``."""

    velocity: tuple[float, float, float]


@dataclass(frozen=True)
class Request:
    """Sent down: a wish, see :data:`policy_gen_ros.deployment.controller.modes.REQUESTS`."""

    number: int
    wish: str
    only_ask: bool
    """Say whether it could be done, and do nothing."""


@dataclass(frozen=True)
class Answer:
    """Sent up: what becomes of the message with that number; number 0 answers Start and Stop."""

    number: int
    accepted: bool
    text: str
