# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What a policy network expects of the machine that runs it.

Read without pydantic, because simulators with an older Python (3.8 of Isaac Gym) load actors, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
import json
from typing import Any, Protocol

from policy_gen_ros.domains import DEFAULT, find_domain


class SpecError(ValueError):
    """The policy does not fit this robot, adaptor or software version."""


def parameter_count(layer_sizes: Sequence[int]) -> int:
    """Weights and biases of a network with these units of input, hidden and output layers."""
    # The Python 3.8 of Isaac Gym has no pairwise.
    return sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:]))  # noqa: RUF007


class Spec(Protocol):
    """What every policy says of itself; a domain may ask for more."""

    @property
    def domain(self) -> str:
        """Name of the domain that runs the policy."""

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units of input, hidden and output layers."""

    @property
    def command_dim(self) -> int:
        """Return how many numbers a nominal command of the policy has."""

    def to_json(self) -> str:
        """Serialise for the safetensors metadata."""


@dataclass(frozen=True)
class PolicySpec:
    """
    Interface of a policy network that sees what its domain observes, and nothing else.

    :param activation: after each hidden layer
    :param action_limit: actions are clipped to so much on either side
    """

    domain: str
    layer_sizes: tuple[int, ...]
    activation: str
    action_limit: float
    control_dt_s: float

    command_dim = 0

    def to_json(self) -> str:
        """Serialise for the safetensors metadata."""
        return json.dumps(asdict(self))

    def check(self, raw: Mapping[str, Any]) -> PolicySpec:
        """
        Read a stored spec that has to agree with this one in all but the hidden layers.

        :raises SpecError: it does not
        """
        known = {field.name for field in fields(self)}
        if set(raw) != known:
            raise SpecError(f'policy spec has keys {sorted(raw)!r:.200}, expected {sorted(known)}')
        for name in sorted(known - {'layer_sizes'}):
            if raw[name] != getattr(self, name):
                raise SpecError(f'policy spec: {name} is {raw[name]!r:.80}, the domain '
                                f'{self.domain} has {getattr(self, name)!r}')
        sizes = raw['layer_sizes']
        if not isinstance(sizes, list) or len(sizes) < 3 or not all(
                isinstance(size, int) and 0 < size <= 4096 for size in sizes) \
                or (sizes[0], sizes[-1]) != (self.layer_sizes[0], self.layer_sizes[-1]):
            raise SpecError(f'policy spec: layer_sizes is {sizes!r:.80}, expected integers from '
                            f'{self.layer_sizes[0]} inputs to {self.layer_sizes[-1]} outputs')
        return PolicySpec(self.domain, tuple(sizes), self.activation, self.action_limit,
                          self.control_dt_s)


def read_spec(text: str, wanted: str | None = None) -> Spec:
    """
    Read the spec of a stored policy by its domain; one that names none is for the Go2.

    :param wanted: no other domain is accepted, nor any of its code loaded
    :raises SpecError: malformed, of another or unknown domain, or not what the domain can honour
    """
    try:
        raw = json.loads(text)
        if not isinstance(raw, dict):
            raise SpecError(f'actor spec is malformed: {text!r:.80} is no object')
        domain = str(raw.get('domain', DEFAULT))
        if wanted not in (None, domain):
            raise SpecError(f'the policy is for the domain {domain!r:.80}, expected one for '
                            f'{wanted!r}')
        spec: Spec = find_domain(domain).read_spec(raw)
    except SpecError:
        raise
    except (ValueError, RecursionError) as error:
        raise SpecError(f'actor spec is malformed: {error!r:.200}') from error
    return spec
