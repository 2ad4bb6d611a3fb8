# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What is published when: the actors of a sequence of goals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from policy_gen_ros.deployment.way import rate_along
from policy_gen_ros.domains.go2.spec import go2_spec
from policy_gen_ros.domains.go2.standing import standing_actor
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import Intent
from policy_gen_ros.goals.language.reading import Amount
from policy_gen_ros.goals.steps import MAX_STEP_S, MIN_STEP_S, Sequence, Step
from policy_gen_ros.policies.weights import ActorWeights

CALM_S = 1.5
"""
Steps on the spot before standing still. Of 100 gaits stopped in the twin like this one fell; of 75
that went straight to standing 11 did.
"""


@dataclass(frozen=True)
class Part:
    """
    One actor of a plan, or a request to the controller.

    :param actor: None where the robot lies down or stops at once, which no actor does
    :param seconds: until the next one, or what that should take where a way ends it; None for the
        last
    :param until: the way or angle that ends it
    """

    actor: ActorWeights | None
    seconds: float | None
    intent: Intent = Intent.WALK
    until: Amount | None = None


def plan(sequence: Sequence, make: Callable[[Goal], ActorWeights], calm: ActorWeights,
         current: ActorWeights | None = None) -> list[Part]:
    """
    Make the actors of all steps, before the first of them is published.

    :param make: goal -> actor; what it raises for one step, the whole plan fails with
    :param current: that walks now; texts such as "faster" are relative to it, and in later steps
        to the step before; a step may keep it, see :meth:`Sequence.from_rest` where there is none
    :param calm: steps on the spot, see :func:`policy_gen_ros.domains.go2.calm.calm_actor`
    """
    parts = []
    for step in sequence.steps:
        if step.goal or step.keeps:
            current = make(replace(step.goal, current=current)) if step.goal else current
            assert current is not None
            parts.append(Part(current, step_seconds(step, current), until=step.until))
            continue
        current = None  # who rests does nothing that could be changed
        if step.rest is not Intent.STAND:
            parts.append(Part(None, None, step.rest))
            continue
        first, last = rest_plan(calm)
        parts += [first, replace(last, seconds=step.seconds)]
    return [*parts[:-1], replace(parts[-1], seconds=None)]


def step_seconds(step: Step, actor: ActorWeights) -> float | None:
    """
    Return how long a step lasts: so long as it says, or until the actor has gone so far.

    :raises ValueError: the actor does not get there
    """
    if step.until is None:
        return step.seconds
    seconds = step.until.seconds(rate_along(step.until, actor.measures))
    return min(max(seconds, MIN_STEP_S), MAX_STEP_S)


def rest_plan(calm: ActorWeights) -> list[Part]:
    """Return what a robot that has to stand is sent: some steps on the spot, then standing."""
    return [Part(calm, CALM_S, Intent.STAND),
            Part(standing_actor(go2_spec(calm), calm.bundle), None, Intent.STAND)]
