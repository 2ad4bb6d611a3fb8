# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What an actor expects of the machine that runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
import json

from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import (
    LATENT_DIM,
    OBSERVATION_DIM,
    OBSERVATION_FIELDS,
)

HIDDEN_SIZES = (192, 192)
MAX_LAYERS = 16
"""Deeper ones, however small, would take more than a control period."""


class SpecError(ValueError):
    """The actor does not fit this robot, adaptor or software version."""


def parameter_count(layer_sizes: Sequence[int]) -> int:
    """Weights and biases of a network with these units of input, hidden and output layers."""
    # The Python 3.8 of Isaac Gym has no pairwise.
    return sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:]))  # noqa: RUF007


@dataclass(frozen=True)
class ActorSpec:
    """
    Interface of an actor network: a reader refuses whatever it cannot honour.

    :param clock_hz: rate of the neutral clock that the actor sees
    :param layer_sizes: units of input, hidden and output layers
    :param latent_dim: size of the adaptor's output that the actor reads
    """

    clock_hz: float
    layer_sizes: tuple[int, ...] = (OBSERVATION_DIM, *HIDDEN_SIZES, go2.NUM_JOINTS)
    latent_dim: int = LATENT_DIM
    activation: str = 'elu'
    observation: tuple[tuple[str, int], ...] = OBSERVATION_FIELDS
    joints: tuple[str, ...] = field(default=go2.JOINT_NAMES)
    control_dt_s: float = go2.CONTROL_DT_S
    kp: float = go2.KP_WALK
    kd: float = go2.KD_WALK

    def __post_init__(self) -> None:
        if not 0.5 <= self.clock_hz <= 6.0:
            raise SpecError(f'clock_hz is {self.clock_hz}, expected 0.5 to 6')
        reference = {f.name: f.default for f in fields(self)
                     if f.name not in ('clock_hz', 'layer_sizes')}
        for name, expected in reference.items():
            if getattr(self, name) != expected:
                raise SpecError(f'actor spec: {name} is {getattr(self, name)!r:.80}, '
                                f'this robot offers {expected!r}')
        sizes = self.layer_sizes
        if len(sizes) < 3 or sizes[0] != OBSERVATION_DIM or sizes[-1] != go2.NUM_JOINTS:
            raise SpecError(f'actor spec: layer_sizes is {sizes!r:.80}, expected '
                            f'{OBSERVATION_DIM} inputs and {go2.NUM_JOINTS} outputs')
        if len(sizes) > MAX_LAYERS + 1:
            raise SpecError(f'actor spec: {len(sizes) - 1} layers, at most {MAX_LAYERS} are run '
                            'in time')
        if not all(isinstance(size, int) and 0 < size <= 4096 for size in sizes):
            raise SpecError(f'actor spec: layer_sizes {sizes!r:.80} must be integers from 1 to '
                            '4096')

    @property
    def parameter_count(self) -> int:
        """Return the number of weights and biases."""
        return parameter_count(self.layer_sizes)

    def to_json(self) -> str:
        """Serialise for the safetensors metadata."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> ActorSpec:
        """
        Parse and check a spec.

        :raises SpecError: not JSON, unknown or missing keys, or a value this robot cannot honour
        """
        try:
            raw = json.loads(text)
            known = {f.name for f in fields(cls)}
            unknown = sorted(set(raw) - known)
            if unknown:
                raise SpecError(f'actor spec: unknown keys {unknown!r:.80}')
            raw['layer_sizes'] = tuple(raw['layer_sizes'])
            raw['observation'] = tuple((str(n), int(s)) for n, s in raw['observation'])
            raw['joints'] = tuple(raw['joints'])
            raw['clock_hz'] = float(raw['clock_hz'])
            return cls(**raw)
        except SpecError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise SpecError(f'actor spec is malformed: {error!r}') from error
