# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Hot swap: actors are checked off the control thread and handed over between two policy ticks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
import threading
import time

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor, check_latent
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import CLOCK_DIM, LATENT_DIM
from policy_gen_ros.domains.go2.spec import NETWORK
from policy_gen_ros.policies.network import forward
from policy_gen_ros.policies.signature import check_signature
from policy_gen_ros.policies.weights import ActorError, ActorWeights
from safetensors.numpy import load_file

MAX_WAITING = 8
"""Received actors that may wait to be checked; of more, the oldest are dropped."""
PROBE_FILE = Path(__file__).with_name('probe.safetensors')
MAX_SATURATED_SHARE = 0.01
"""
Share of clipped actions on the probe. Of 1,106 qualified actors none had more than 0.005; with
their weights off by as much as these are spread, 98 of 100 have more than 0.01.
"""


@dataclass(frozen=True)
class HandOver:
    """A checked actor on its way to the control thread; the time is of :func:`time.monotonic`."""

    actor: ActorWeights
    received_s: float


def probe_observations(latent_dim: int = LATENT_DIM) -> np.ndarray:
    """
    Observations that actors of many gaits met while walking (``tools/record_probe.py``).

    :param latent_dim: of the actors to try. What was recorded has a latent of two values; one of
        another width is zero, the middle of what adaptors are trained to give
    :return: Shape: (256, 47 + latent_dim), float32
    """
    met = load_file(PROBE_FILE)['observations'].astype(np.float32)
    if latent_dim == LATENT_DIM:
        return met
    before, _, clock = np.split(met, [-LATENT_DIM - CLOCK_DIM, -CLOCK_DIM], axis=1)
    return np.concatenate([before, np.zeros((len(met), latent_dim), np.float32), clock], axis=1)


def check_actor(blob: bytes, adaptor: Adaptor, probe: np.ndarray,
                trusted: Collection[str] = ()) -> ActorWeights:
    """
    Parse an actor and try it on a probe batch, which also warms its weights.

    :param probe: observations that a sound actor answers with moderate actions, with a latent as
        wide as the adaptor's. Shape: (n, 47 + latent)
    :param trusted: public keys, one of which has to have signed it; none: anybody may send actors
    :raises ActorError: not sound bytes, not signed by who is trusted, or the nominal command or
        the actions on the probe are not finite or out of range
    :raises SpecError: the actor is for another robot, version or adaptor
    """
    if trusted:
        check_signature(blob, trusted)
    actor = ActorWeights.from_bytes(blob, 'go2')
    command = np.array(actor.nominal_command)
    if (np.clip(command, go2.COMMAND_LOWER, go2.COMMAND_UPPER) != command).any():
        raise ActorError(f'nominal_command is {command.tolist()}, expected '
                         f'{go2.COMMAND_LOWER.tolist()} to {go2.COMMAND_UPPER.tolist()}')
    check_latent(actor, adaptor)
    with np.errstate(over='ignore', invalid='ignore'):
        actions = forward(actor.layers, probe, NETWORK)
    if not np.isfinite(actions).all():
        raise ActorError('actions on the probe observations are not finite')
    saturated = np.abs(actions) >= go2.ACTION_CLIP
    if saturated.mean() > MAX_SATURATED_SHARE:
        row, joint = np.argwhere(saturated)[0]
        raise ActorError(
            f'actions on the probe observations leave the range of +-{go2.ACTION_CLIP:g}: '
            f'{int(saturated.sum())} of {actions.size}, first {go2.JOINT_NAMES[joint]} '
            f'in row {row}')
    return actor


class SwapSlot:
    """One place for the newest checked actor; an actor not yet taken is replaced."""

    def __init__(self) -> None:
        # append and popleft of a deque are atomic: the control thread never waits for a lock.
        self._slot: deque[HandOver] = deque(maxlen=1)

    def offer(self, item: HandOver) -> None:
        """Put an actor in the slot."""
        self._slot.append(item)

    def take(self) -> HandOver | None:
        """Remove and return the actor, if any."""
        try:
            return self._slot.popleft()
        except IndexError:
            return None


class SwapWorker:
    """
    A thread that checks received bytes and hands sound actors over.

    :param offer: takes a sound actor, on the worker's thread
    :param check: raises for an actor to refuse: ``ValueError`` with a message fit for a user
    :param on_refused: called with the reason, on the worker's thread
    """

    def __init__(self, check: Callable[[bytes], ActorWeights], offer: Callable[[HandOver], None],
                 on_refused: Callable[[str], None]) -> None:
        self._check, self._offer, self._on_refused = check, offer, on_refused
        self._inbox: deque[tuple[bytes, float]] = deque(maxlen=MAX_WAITING)
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name='swap-check', daemon=True)
        self._thread.start()

    def submit(self, blob: bytes) -> None:
        """Queue bytes for the check, in the order in which they came."""
        self._inbox.append((blob, time.monotonic()))
        self._wake.set()

    def close(self) -> None:
        """End the thread."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout=2.0)

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait()
            self._wake.clear()
            while self._inbox and not self._stopping:
                blob, received_s = self._inbox.popleft()
                try:
                    actor = self._check(blob)
                except Exception as error:  # foreign bytes must not end the thread
                    self._on_refused(str(error) if isinstance(error, ValueError)
                                     else f'{type(error).__name__}: {error}')
                    continue
                self._offer(HandOver(actor, received_s))
