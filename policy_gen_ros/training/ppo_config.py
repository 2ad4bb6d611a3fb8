# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Settings of proximal policy optimisation. Imports no PyTorch: the command line reads them."""

from __future__ import annotations

from policy_gen_ros.utils.config import configuration, Count, NotNegative, Positive, Share


@configuration(frozen=True)
class PpoConfig:
    """
    How a batch of experience changes the networks (Schulman et al. 2017).

    :param noise: standard deviation of exploration, in action units
    :param learned_noise: ``noise`` is only where it begins; each action's own is learned
    :param entropy: reward of the entropy of learned exploration
    :param learning_rate: of the actors; :class:`policy_gen_ros.training.ppo.Learner` takes a share
        of it
    :param desired_kl: divergence of the new policy from the old one, to which the learning rate
        adapts from minibatch to minibatch, as in rsl_rl (Rudin et al. 2022); 0 leaves the rate.
        Policies that walk already explore little, so that small steps diverge much: 16 steps of
        1e-4 by 0.04, of 1e-5 by 0.01, the value of rsl_rl
    :param discount: a control step; 0.98 at 50 Hz: one second counts
    :param gae_lambda: of generalised advantage estimation (Schulman et al. 2016)
    :param clip: of the ratio of probabilities
    :param max_gradient_norm: limit of each actor's and each critic's gradient norm
    :param critic_hidden: units of the critics' hidden layers
    """

    noise: Positive = 0.3
    learned_noise: bool = False
    entropy: NotNegative = 0.0
    learning_rate: NotNegative = 7e-5
    desired_kl: NotNegative = 0.0
    critic_learning_rate: NotNegative = 1e-3
    discount: Share = 0.98
    gae_lambda: Share = 0.95
    clip: Positive = 0.2
    max_gradient_norm: Positive = 1.0
    epochs: Count = 3
    minibatches: Count = 4
    critic_hidden: tuple[Count, ...] = (128, 128)
