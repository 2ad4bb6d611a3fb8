# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What a generator must be compared with where the goal says everything: plain regression.

Both networks are given the complete measures of a behaviour and learn by action errors what its
actor does; neither can answer one goal in two ways. :class:`Hypernetwork` writes the weights of an
actor (Ha et al. 2017), with the decoder that the generator has, only given the measures instead of
a latent. :class:`ConditionedActor` is one network of the size of an actor, conditioned on them at
every observation (universal value functions, Schaul et al. 2015): if it walks as well, there is no
need to generate weights.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar

import numpy as np
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.models.decoder import Decoder, DecoderConfig, run_actors
from policy_gen_ros.policies.spec import parameter_count
from policy_gen_ros.policies.weights import ActorWeights, Layers
from policy_gen_ros.training.config import DecoderTraining, OptimizerConfig
from policy_gen_ros.training.dataset import measure_features
from policy_gen_ros.training.decoder import draw_states, start_decoder, Visited
from policy_gen_ros.training.function_space import ActorData
from policy_gen_ros.training.loop import Batch, fit, TrainingRun
from policy_gen_ros.utils.config import configuration, Count, NotNegative
import torch
from torch import nn, Tensor

CONTROL_WIDTH = 64
_ACTIVATIONS = {'elu': nn.ELU, 'relu': nn.ReLU, 'tanh': nn.Tanh}
_DECODER = DecoderTraining()


@configuration(frozen=True)
class RegressionTraining:
    """
    How a regression is trained.

    :param batch: behaviours in a step; ``states`` of each kind for each of them
    :param condition_noise: standard deviation, of the features of measures: behaviours of the
        archive are not met again
    """

    batch: Count
    optimizer: OptimizerConfig
    states: Count = _DECODER.states
    condition_noise: NotNegative = 0.05


HYPERNETWORK = RegressionTraining(16, replace(_DECODER.optimizer, matrix_learning_rate=0.0))
"""The hypernetwork learns as the decoder does, by AdamW alone; a policy at half of that rate."""
CONDITIONED_POLICY = RegressionTraining(8, replace(HYPERNETWORK.optimizer, learning_rate=2e-3))


class Regression(nn.Module, ABC):
    """
    Condition -> an actor, its clock and its command.

    :cvar about: what it is, in a word or two
    """

    about: ClassVar[str]

    def __init__(self, domain: Domain) -> None:
        super().__init__()
        self.domain = domain
        self.controls = nn.Sequential(
            nn.Linear(domain.measures.features, CONTROL_WIDTH), nn.SiLU(),
            nn.Linear(CONTROL_WIDTH, domain.extras.control_dim))
        """Condition -> the first of the domain's extras. Shape: (n, features) -> (n, controls)."""

    @property
    @abstractmethod
    def layer_sizes(self) -> tuple[int, ...]:
        """Units of the actors."""

    @abstractmethod
    def act(self, condition: Tensor, states: Tensor) -> Tensor:
        """Unclipped actions. Shapes: (n, features), (n, s, inputs) -> (n, s, outputs)."""

    @abstractmethod
    def vectors(self, condition: Tensor) -> Tensor:
        """Flat actors. Shape: (n, features) -> (n, parameters)."""


class Hypernetwork(Regression):
    """Writes the weights of an actor for a condition."""

    about = 'hypernetwork'

    def __init__(self, domain: Domain, decoder: Decoder) -> None:
        super().__init__(domain)
        self.decoder = decoder

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units of the actors."""
        return self.decoder.config.layer_sizes

    def act(self, condition: Tensor, states: Tensor) -> Tensor:
        """Unclipped actions. Shapes: (n, features), (n, s, inputs) -> (n, s, outputs)."""
        return run_actors(self.decoder.weights(condition), states,
                          self.domain.network.activation)

    def vectors(self, condition: Tensor) -> Tensor:
        """Flat actors. Shape: (n, features) -> (n, parameters)."""
        return self.decoder.vectors(condition)


class ConditionedActor(Regression):
    """
    One actor for all behaviours, which reads the condition beside the observation.

    :param sizes: of the archive's actors: inputs, hidden layers, outputs
    :param width: of each hidden layer
    """

    about = 'conditioned policy'

    def __init__(self, domain: Domain, sizes: tuple[int, ...], width: int) -> None:
        super().__init__(domain)
        self._layer_sizes = of_width(sizes, width)
        parts: list[nn.Module] = []
        for fan_in, fan_out in pairwise((sizes[0] + domain.measures.features,
                                         *self._layer_sizes[1:])):
            parts += [nn.Linear(fan_in, fan_out), _ACTIVATIONS[domain.network.activation]()]
        self.network = nn.Sequential(*parts[:-1])

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units of the actors that it folds into."""
        return self._layer_sizes

    def act(self, condition: Tensor, states: Tensor) -> Tensor:
        """Unclipped actions. Shapes: (n, features), (n, s, inputs) -> (n, s, outputs)."""
        given = condition[:, None].expand(-1, states.shape[1], -1)
        actions: Tensor = self.network(torch.cat([states, given], dim=2))
        return actions

    def vectors(self, condition: Tensor) -> Tensor:
        """Folded actors, flat. Shape: (n, features) -> (n, parameters)."""
        return torch.stack([torch.from_numpy(ActorWeights.vector_from_layers(fold(self, row)))
                            for row in condition])


@torch.no_grad()
def fold(policy: ConditionedActor, condition: Tensor) -> Layers:
    """
    Turn a conditioned policy into an actor that needs no condition and does exactly the same.

    A condition that stays the same adds a constant before the first activation: a bias.

    :param condition: Shape: (features,)
    :return: layers with the activation of the domain between them
    """
    first, *others = (part for part in policy.network if isinstance(part, nn.Linear))
    inputs = first.in_features - policy.domain.measures.features
    bias = first.bias + first.weight[:, inputs:] @ condition
    layers = [(first.weight[:, :inputs], bias), *((part.weight, part.bias) for part in others)]
    return tuple((weight.numpy().copy(), bias.numpy().copy()) for weight, bias in layers)


def of_width(sizes: tuple[int, ...], width: int) -> tuple[int, ...]:
    """Return layer sizes with hidden layers of another width."""
    return (sizes[0], *[width] * (len(sizes) - 2), sizes[-1])


def width_of_an_actor(domain: Domain, sizes: tuple[int, ...]) -> int:
    """Width of hidden layers at which a conditioned policy has as many parameters as an actor."""
    def conditioned(width: int) -> int:
        return parameter_count(
            (sizes[0] + domain.measures.features, *[width] * (len(sizes) - 2), sizes[-1]))

    wanted = parameter_count(sizes)
    return min(range(1, max(sizes) + 1), key=lambda width: abs(conditioned(width) - wanted))


def train_hypernetwork(data: ActorData, archive: TrainingArchive, run: TrainingRun,
                       visited: Visited | None = None,
                       config: RegressionTraining = HYPERNETWORK) -> Hypernetwork:
    """
    Regress from measures to actors by what these do, on own and common states.

    :param data: of the same archive
    :param visited: states that decoded actors met, where the generator's decoder learns on them
    """
    features = archive.domain.measures.features
    network = Hypernetwork(archive.domain,
                           start_decoder(data, DecoderConfig(data.sizes, features), run.seed))
    _train(network, data, archive, config, visited, run)
    return network


def train_conditioned_policy(data: ActorData, archive: TrainingArchive, run: TrainingRun,
                             hidden: int | None = None, visited: Visited | None = None,
                             config: RegressionTraining = CONDITIONED_POLICY
                             ) -> ConditionedActor:
    """
    Distil all actors into one that is conditioned on a behaviour's measures, on the same states.

    :param data: of the same archive
    :param hidden: width of the hidden layers; default: as many parameters as an actor
    :param visited: as in :func:`train_hypernetwork`
    """
    torch.manual_seed(run.seed)
    policy = ConditionedActor(archive.domain, data.sizes,
                              hidden or width_of_an_actor(archive.domain, data.sizes))
    _train(policy, data, archive, config, visited, run)
    return policy


def _train(network: Regression, data: ActorData, archive: TrainingArchive,
           config: RegressionTraining, visited: Visited | None, run: TrainingRun) -> None:
    """Train in place; each step draws behaviours, and states of their actors."""
    domain = archive.domain
    conditions = measure_features(domain.measures, archive.measures)
    actor = torch.from_numpy(archive.actor)
    extras = torch.from_numpy(domain.extras.encode(archive.controls, archive.measures))
    controls = extras[:, :domain.extras.control_dim]
    # The flags say the same of all complete measures: noise would only make them look uncertain.
    noise = config.condition_noise * (conditions != conditions[0]).any(dim=0)

    def draw(rng: np.random.Generator) -> Batch:
        pick = torch.from_numpy(rng.integers(0, len(conditions), config.batch))
        states, wanted = draw_states(data, visited, actor[pick], config.states, rng)
        blurred = conditions[pick] + noise * torch.randn(config.batch, conditions.shape[1])
        return {'condition': blurred, 'states': states, 'wanted': wanted,
                'controls': controls[pick]}

    def loss(condition: Tensor, states: Tensor, wanted: Tensor, controls: Tensor) -> Tensor:
        action_error = (network.act(condition, states) - wanted).square().mean()
        return action_error + (network.controls(condition) - controls).square().mean()

    fit(network, loss, draw, run, config.optimizer, network.about)
    network.eval().requires_grad_(False)
