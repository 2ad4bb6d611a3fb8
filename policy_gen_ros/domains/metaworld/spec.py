# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a policy of MetaWorld expects of whoever runs it: the task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_gen_ros.domains.metaworld.constants import (
    ACTION_LIMIT,
    ACTIVATION,
    CONTROL_DT_S,
    LAYER_SIZES,
    TASKS,
)
from policy_gen_ros.policies.spec import PolicySpec, SpecError


@dataclass(frozen=True)
class MetaWorldSpec(PolicySpec):
    """
    Interface of a policy for one task.

    :param task: in which it is run
    """

    task: str

    def check(self, raw: Mapping[str, Any]) -> MetaWorldSpec:
        """
        Read a stored spec that has to agree with this one in all but task and hidden layers.

        :raises SpecError: it does not
        """
        if raw.get('task') not in TASKS:
            raise SpecError(f'policy spec: task is {raw.get("task")!r:.80}, expected one of '
                            + ', '.join(TASKS))
        same_task = spec_of(raw['task'])
        return spec_of(raw['task'], PolicySpec.check(same_task, raw).layer_sizes)


def spec_of(task: str, layer_sizes: tuple[int, ...] = LAYER_SIZES) -> MetaWorldSpec:
    """Return the spec of a policy for a task."""
    return MetaWorldSpec('metaworld', layer_sizes, ACTIVATION, ACTION_LIMIT, CONTROL_DT_S, task)
