# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Requests to the robot's services over DDS, as the SDK's clients make them."""

from __future__ import annotations

import json
import time
from typing import Any

from cyclonedds.core import DDSException
from cyclonedds.pub import DataWriter
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic
from policy_gen_ros.deployment.wire import sdk
from policy_gen_ros.deployment.wire.channel import Participant
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.matched import MATCHED

_POLL_S = 0.01
_QUEUE = 16


class NoAnswerError(WireError):
    """The robot has no such service, or it did not answer in time."""


class RobotService:
    """
    One service, such as ``motion_switcher``.

    The SDK's own clients come with a process-wide DDS participant, and its wheel lacks the client
    of this service.
    """

    def __init__(self, participant: Participant, name: str) -> None:
        self.name = name
        request: Topic = Topic(participant.entity, f'rt/api/{name}/request', sdk.Request_)
        response: Topic = Topic(participant.entity, f'rt/api/{name}/response', sdk.Response_)
        self._writer = DataWriter(participant.entity, request)
        self._reader = DataReader(participant.entity, response)
        participant.own(request, response, self._writer, self._reader)

    def call(self, api: int, parameter: dict[str, Any] | None = None,
             timeout_s: float = 2.0) -> dict[str, Any]:
        """
        Ask, and wait for the answer.

        :param api: number of the function
        :return: the answer's JSON object; empty where it has none
        :raises NoAnswerError: nobody answers in time
        :raises WireError: the service refuses, or answers what is not JSON
        """
        deadline_s = time.monotonic() + timeout_s
        while not (MATCHED.readers(self._writer._ref, None, 0)
                   and MATCHED.writers(self._reader._ref, None, 0)):
            self._wait(deadline_s, 'is not there')
        number = time.monotonic_ns()
        self._reader.take(N=_QUEUE)
        try:
            self._writer.write(sdk.request(number, api, json.dumps(parameter or {})))
        except DDSException as error:
            raise WireError(f"cannot ask the robot's service {self.name}: {error}") from error
        while True:
            for answer in self._reader.take(N=_QUEUE):
                if getattr(answer, 'header', None) and answer.header.identity.id == number:
                    return self._read(api, answer)
            self._wait(deadline_s, f'did not answer request {api}')

    def _wait(self, deadline_s: float, what: str) -> None:
        if time.monotonic() > deadline_s:
            raise NoAnswerError(f"the robot's service {self.name} {what}")
        time.sleep(_POLL_S)

    def _read(self, api: int, answer: Any) -> dict[str, Any]:
        code = answer.header.status.code
        if code:
            raise WireError(f"the robot's service {self.name} refused request {api} "
                            f'with code {code}')
        try:
            value = json.loads(answer.data or '{}')
        except ValueError as error:
            raise WireError(f"the robot's service {self.name} answered request {api} with "
                            f'{answer.data!r:.60}') from error
        return value if isinstance(value, dict) else {}
