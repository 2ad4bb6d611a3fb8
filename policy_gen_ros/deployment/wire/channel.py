# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Frames in and out of Cyclone DDS without its Python (de)serialiser.

A DDS domain exists once per process, so links share one; :class:`Participant` counts its users.
"""

from __future__ import annotations

import socket
import threading

from cyclonedds._clayer import ddspy_take, ddspy_write
from cyclonedds.core import (
    DDSException,
    InstanceState,
    ReadCondition,
    SampleState,
    ViewState,
    WaitSet,
)
from cyclonedds.domain import Domain, DomainParticipant
from cyclonedds.pub import DataWriter
from cyclonedds.qos import Policy, Qos
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.matched import MATCHED

LOOPBACK = 'lo'
MAX_DOMAIN_ID = 230
_ANY = SampleState.Any | ViewState.Any | InstanceState.Any
_NEW = SampleState.NotRead | ViewState.Any | InstanceState.Any
# Unitree's simulator and SDK announce themselves on loopback by multicast, so it stays on there. A
# machine may refuse multicast on loopback: participants at fixed ports then find each other.
_LOOPBACK_PEERS = ('<Discovery><ParticipantIndex>auto</ParticipantIndex>'
                   '<Peers><Peer address="127.0.0.1"/></Peers></Discovery>')


def domain_config(interface: str | None) -> str:
    """Cyclone DDS configuration of one interface; ``None`` lets Cyclone choose."""
    chosen = f'name="{interface}"' if interface else 'autodetermine="true"'
    return ('<CycloneDDS><Domain Id="any"><General><Interfaces>'
            f'<NetworkInterface {chosen} priority="default" multicast="default"/>'
            '</Interfaces></General>'
            f'{_LOOPBACK_PEERS if interface == LOOPBACK else ""}</Domain></CycloneDDS>')


class _Domains:
    """Domains this process created, with the number of participants in each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, tuple[Domain | None, str | None, int]] = {}

    def acquire(self, domain_id: int, interface: str | None) -> None:
        with self._lock:
            if domain_id in self._open:
                domain, used, users = self._open[domain_id]
                if used != interface:
                    raise WireError(f'DDS domain {domain_id} is already open on interface {used} '
                                    f'in this process; cannot open it on {interface}')
            else:
                domain, users = self._create(domain_id, interface), 0
            self._open[domain_id] = (domain, interface, users + 1)

    @staticmethod
    def _create(domain_id: int, interface: str | None) -> Domain | None:
        try:
            return Domain(domain_id, domain_config(interface))
        except DDSException as error:
            if error.code == DDSException.DDS_RETCODE_PRECONDITION_NOT_MET:
                return None  # the SDK's ChannelFactory opened it first: use that one
            raise WireError(f'cannot open DDS domain {domain_id} on interface {interface}: '
                            f'{error}') from error

    def release(self, domain_id: int) -> None:
        with self._lock:
            domain, interface, users = self._open.pop(domain_id)
            if users > 1:
                self._open[domain_id] = (domain, interface, users - 1)
            elif domain is not None:
                domain.__del__()


_DOMAINS = _Domains()


class Participant:
    """
    This program's presence in one DDS domain; owns the readers and writers made from it.

    :raises WireError: no such domain or interface
    """

    def __init__(self, domain_id: int, interface: str | None) -> None:
        if not 0 <= domain_id <= MAX_DOMAIN_ID:
            raise WireError(f'DDS domain {domain_id} is outside 0 to {MAX_DOMAIN_ID}')
        names = [name for _, name in socket.if_nameindex()]
        if interface is not None and interface not in names:
            raise WireError(f'network interface {interface!r} does not exist; '
                            f'this machine has {", ".join(names)}')
        self.domain_id = domain_id
        _DOMAINS.acquire(domain_id, interface)
        try:
            self.entity = DomainParticipant(domain_id)
        except DDSException as error:
            _DOMAINS.release(domain_id)
            raise WireError(f'cannot join DDS domain {domain_id}: {error}') from error
        self._owned: list = []
        self._closed = False

    def own(self, *entities: object) -> None:
        """Delete these with the participant, last one first."""
        self._owned.extend(entities)

    def close(self) -> None:
        """Leave the domain. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        for entity in reversed(self._owned):
            entity.__del__()  # the binding has no other way to delete now rather than eventually
        self._owned.clear()
        self.entity.__del__()
        _DOMAINS.release(self.domain_id)


class FrameWriter:
    """Writes frames to a topic."""

    def __init__(self, participant: Participant, topic: str, idl_type: type) -> None:
        topic_entity: Topic = Topic(participant.entity, topic, idl_type)
        self._writer = DataWriter(participant.entity, topic_entity)
        self._ref = self._writer._ref
        participant.own(topic_entity, self._writer)

    def write(self, frame: bytes) -> None:
        """
        Send one frame.

        :raises WireError: the middleware refused it
        """
        code = ddspy_write(self._ref, frame)
        if code < 0:
            raise WireError(f'DDS write failed: {DDSException(code)}')

    def readers(self) -> int:
        """Count the readers that get the frames."""
        return MATCHED.readers(self._ref, None, 0)


class FrameReader:
    """
    Takes frames from a topic, in the order in which they came.

    Best effort, like the SDK's readers: that matches every writer, and an old frame that is sent
    again is worth less than the next one. With ``foreign_only`` the participant's own writers do
    not count.
    """

    def __init__(self, participant: Participant, topic: str, idl_type: type, depth: int,
                 foreign_only: bool = False) -> None:
        policies = [Policy.History.KeepLast(depth)]
        if foreign_only:
            policies.append(Policy.IgnoreLocal.Participant)
        topic_entity: Topic = Topic(participant.entity, topic, idl_type)
        self._reader = DataReader(participant.entity, topic_entity, Qos(*policies))
        self._condition = ReadCondition(self._reader, _NEW)
        self._waitset = WaitSet(participant.entity)
        self._waitset.attach(self._condition)
        self._ref = self._reader._ref
        self._take_arguments = self._find_take_arguments(depth)
        participant.own(topic_entity, self._reader, self._condition, self._waitset)

    def _find_take_arguments(self, depth: int) -> tuple[int, ...]:
        # Unitree's repository pins a release whose call has no sample mask.
        try:
            ddspy_take(self._ref, _ANY, depth)
        except TypeError:
            return (depth,)
        return _ANY, depth

    def wait(self, timeout_s: float) -> bool:
        """Block until something is there to take, at most ``timeout_s``."""
        return self._waitset.wait(max(0, int(timeout_s * 1e9))) > 0

    def take(self) -> list[bytes]:
        """Take everything that waits, oldest first; at most ``depth`` frames."""
        samples = ddspy_take(self._ref, *self._take_arguments)
        if isinstance(samples, int):
            raise WireError(f'DDS read failed: {DDSException(samples)}')
        return [data for data, info in samples if info.valid_data]

    def writers(self) -> int:
        """Count the writers that feed this reader."""
        return MATCHED.writers(self._ref, None, 0)
