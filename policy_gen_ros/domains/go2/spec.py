# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What an actor expects of the Go2 that runs it: the robot's safety gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
import json
from typing import Any, TYPE_CHECKING

from policy_gen_ros.domains.domain import NetworkSpec
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import (
    LATENT_DIM,
    latent_dim_of,
    OBSERVATION_DIM,
    observation_dim,
    observation_fields,
)
from policy_gen_ros.policies.spec import parameter_count, SpecError

if TYPE_CHECKING:
    from policy_gen_ros.policies.weights import ActorWeights

HIDDEN_SIZES = (192, 192)
MIN_CLOCK_HZ, MAX_CLOCK_HZ = 0.5, 6.0
MAX_LAYERS = 16
"""Deeper ones, however small, would take more than a control period."""
MAX_LATENT_DIM = 64


@dataclass(frozen=True)
class ActorSpec:
    """
    Interface of an actor network: a reader refuses whatever it cannot honour.

    :param clock_hz: rate of the neutral clock that the actor sees
    :param layer_sizes: units of input, hidden and output layers
    :param latent_dim: size of the adaptor's output that the actor reads; ``observation`` and the
        inputs in ``layer_sizes`` have to fit it, as those of :meth:`of_layers` do
    """

    clock_hz: float
    layer_sizes: tuple[int, ...] = (OBSERVATION_DIM, *HIDDEN_SIZES, go2.NUM_JOINTS)
    latent_dim: int = LATENT_DIM
    activation: str = 'elu'
    observation: tuple[tuple[str, int], ...] = observation_fields()
    joints: tuple[str, ...] = field(default=go2.JOINT_NAMES)
    control_dt_s: float = go2.CONTROL_DT_S
    kp: float = go2.KP_WALK
    kd: float = go2.KD_WALK

    command_dim = 3
    domain = 'go2'

    def __post_init__(self) -> None:
        if not MIN_CLOCK_HZ <= self.clock_hz <= MAX_CLOCK_HZ:
            raise SpecError(f'clock_hz is {self.clock_hz}, expected {MIN_CLOCK_HZ:g} to '
                            f'{MAX_CLOCK_HZ:g}')
        reference = {f.name: f.default for f in fields(self)
                     if f.name not in ('clock_hz', 'layer_sizes', 'latent_dim', 'observation')}
        for name, expected in reference.items():
            if getattr(self, name) != expected:
                raise SpecError(f'actor spec: {name} is {getattr(self, name)!r:.80}, '
                                f'this robot offers {expected!r}')
        width, sizes = self.latent_dim, self.layer_sizes
        if not (isinstance(width, int) and 1 <= width <= MAX_LATENT_DIM):
            raise SpecError(f'actor spec: latent_dim is {width!r:.80}, expected an integer from 1 '
                            f'to {MAX_LATENT_DIM}')
        if self.observation != observation_fields(width):
            raise SpecError(f'actor spec: observation is {self.observation!r:.80}, this robot '
                            f'offers {observation_fields(width)!r} with latent_dim {width}')
        inputs = observation_dim(width)
        if len(sizes) < 3 or sizes[0] != inputs or sizes[-1] != go2.NUM_JOINTS:
            raise SpecError(f'actor spec: layer_sizes is {sizes!r:.80}, with latent_dim {width} '
                            f'expected {inputs} inputs and {go2.NUM_JOINTS} outputs')
        if len(sizes) > MAX_LAYERS + 1:
            raise SpecError(f'actor spec: {len(sizes) - 1} layers, at most {MAX_LAYERS} are run '
                            'in time')
        if not all(isinstance(size, int) and 0 < size <= 4096 for size in sizes):
            raise SpecError(f'actor spec: layer_sizes {sizes!r:.80} must be integers from 1 to '
                            '4096')

    @classmethod
    def of_layers(cls, clock_hz: float, layer_sizes: tuple[int, ...]) -> ActorSpec:
        """
        Return the spec of an actor whose inputs tell how wide a latent it reads.

        :raises SpecError: sizes or a rate that this robot cannot honour
        """
        width = latent_dim_of(layer_sizes[0])
        return cls(clock_hz, layer_sizes, width, observation=observation_fields(width))

    @property
    def parameter_count(self) -> int:
        """Return the number of weights and biases."""
        return parameter_count(self.layer_sizes)

    def to_json(self) -> str:
        """Serialise for the safetensors metadata."""
        return json.dumps(asdict(self))

    @classmethod
    def from_raw(cls, raw: Mapping[str, Any]) -> ActorSpec:
        """
        Check a stored spec.

        :param raw: as read from JSON
        :raises SpecError: unknown or missing keys, or a value this robot cannot honour
        """
        unknown = sorted(set(raw) - {f.name for f in fields(cls)})
        if unknown:
            raise SpecError(f'actor spec: unknown keys {unknown!r:.80}')
        try:
            return cls(**{
                **raw, 'layer_sizes': tuple(raw['layer_sizes']),
                'observation': tuple((str(n), int(s)) for n, s in raw['observation']),
                'joints': tuple(raw['joints']), 'clock_hz': float(raw['clock_hz'])})
        except SpecError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SpecError(f'actor spec is malformed: {error!r}') from error


NETWORK = NetworkSpec(ActorSpec(clock_hz=1.0).layer_sizes, 'elu', go2.ACTION_CLIP)


def go2_spec(actor: ActorWeights) -> ActorSpec:
    """
    Return the spec of an actor.

    :raises SpecError: it is a policy of another domain
    """
    if not isinstance(actor.spec, ActorSpec):
        raise SpecError(f'the policy is for the domain {actor.spec.domain}, not for the Go2')
    return actor.spec
