# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
All that a researcher would turn about training, in one configuration.

``policy_gen train --print-config`` prints it, ``--config FILE.yaml`` and ``--set NAME=VALUE``
change it. It is recorded whole in the bundle.
"""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from policy_gen_ros.models.encoder_files import MULTILINGUAL_E5
from policy_gen_ros.utils.config import (
    configuration,
    Count,
    NotNegative,
    NotNegativeCount,
    Positive,
    Share,
)
from pydantic import Field


@configuration(frozen=True)
class OptimizerConfig:
    """
    AdamW, with a warm-up and half a cosine down to zero.

    :param learning_rate: the highest
    :param max_gradient_norm: longer gradients are cut to it; 0: none are
    :param ema_decay: of the moving average of the weights, which are those of the network in the
        end; 0: no average
    :param matrix_learning_rate: of Muon (Jordan et al. 2024) for the weight matrices; 0: AdamW
        trains these too
    :param warmup: share of the steps in which the learning rate rises
    """

    learning_rate: Positive
    weight_decay: NotNegative = 0.01
    max_gradient_norm: NotNegative = 0.0
    ema_decay: Share = 0.0
    matrix_learning_rate: NotNegative = 0.0
    warmup: Share = 0.05


@configuration(frozen=True)
class DecoderTraining:
    """
    Of the network that writes policies.

    :param steps: on the states that the archive's policies met
    :param refined_steps: also on those that the decoded ones met
    :param refined_rate: share of the learning rates in these
    :param batch: policies in a step; ``states`` of each kind for each of them
    :param latent_noise: standard deviation that blurs a latent
    """

    steps: Count = 14000
    refined_steps: Count = 10000
    refined_rate: Positive = 0.5
    batch: Count = 48
    states: Count = 64
    latent_noise: NotNegative = 0.05
    # Nearly every gradient is cut. Some latents are far out, and the policies that an untrained
    # decoder writes for them lose so much that one batch undoes hundreds.
    optimizer: OptimizerConfig = field(default_factory=lambda: OptimizerConfig(
        4e-3, weight_decay=1e-4, max_gradient_norm=0.15, matrix_learning_rate=5e-3))


@configuration(frozen=True)
class EmbeddingTraining:
    """
    Of the behaviour embedding (Make-An-Agent, section 3).

    :param measure_weight: weight of the loss of a linear probe on the measures
    :param actions_missing: share of segments without actions, as recordings have none
    :param sensor_noise: standard deviation, in scaled columns
    :param cuts: random clips of each trajectory that the diffusion model learns from
    :param longest_clip: segments of such a clip, at most
    """

    steps: Count = 3000
    batch: Count = 192
    measure_weight: NotNegative = 5.0
    actions_missing: Share = 0.4
    sensor_noise: NotNegative = 0.05
    cuts: Count = 12
    longest_clip: Count = 4
    optimizer: OptimizerConfig = field(default_factory=lambda: OptimizerConfig(2e-3))


@configuration(frozen=True)
class DiffusionTraining:
    """
    Of the latent diffusion model.

    :param steps: on the archive and the mixtures; ``final_steps``: on its own policies too
    :param no_condition: probability that nothing is given; ``one_condition``: that one source is,
        ``one_condition_shares`` of the cases text, measures and trajectory. Text has the largest:
        of all that users say, a sentence alone is the commonest and the hardest
    :param all_measures, grid_measures: shares of cases in which all measures are given, and only
        those of the grid; else a random part
    :param text_noise: of an embedding's standard deviation: new wordings lie beside known ones
    :param policy_share: share of cases in which a policy is drawn for known target measures; in
        the others targets are decided
    :param policy_steps: of the sampler, in which it is drawn. One draws the mean of all policies
        that behave alike, which behaves so too where they were learned from the same base policy
    :param control_weight, target_weight, latent_weight: of the loss; the last two where targets
        are decided: the policy beside them is thrown away, but they hang on each other
    """

    steps: Count = 8000
    final_steps: Count = 16000
    batch: Count = 256
    no_condition: Share = 0.05
    one_condition: Share = 0.5
    one_condition_shares: tuple[float, float, float] = (0.5, 0.2, 0.3)
    all_measures: Share = 0.5
    grid_measures: Share = 0.15
    text_noise: NotNegative = 0.4
    policy_share: Share = 0.4
    policy_steps: Count = 1
    control_weight: NotNegative = 3.0
    target_weight: NotNegative = 5.0
    latent_weight: NotNegative = 0.3
    optimizer: OptimizerConfig = field(default_factory=lambda: OptimizerConfig(
        1.5e-3, max_gradient_norm=1.0, ema_decay=0.999))


@configuration(frozen=True)
class SelfGenerated:
    """
    Policies that training makes for itself, runs, and relabels with what they did.

    :param mixtures: mixtures of neighbours; ``policies``: the diffusion model's own
    :param members: behaviours in a mixture, from so many ``neighbours``
    :param reach: how far a mixture goes; beyond 1 it leaves the outermost behaviours
    :param captions: of each behaviour
    """

    mixtures: Count = 8192
    policies: Count = 8192
    members: Annotated[int, Field(ge=2)] = 3
    neighbours: Count = 12
    reach: Positive = 1.2
    captions: Count = 4


@configuration(frozen=True)
class CriticConfig:
    """
    An ensemble that foresees how a sample will behave.

    :param members: networks; where one is wrong by chance, the others seldom are
    :param farthest: samples are clipped to so many standard deviations
    :param blur: noise on samples; ``label_smoothing`` of groups
    :param measure_weight: of errors in measures and reward, beside those in the group
    :param reward_spread: brings rewards to about unit scale
    """

    members: Count = 3
    width: Count = 384
    dropout: Share = 0.1
    farthest: Positive = 6.0
    blur: NotNegative = 0.02
    label_smoothing: Share = 0.02
    measure_weight: NotNegative = 0.5
    reward_spread: Positive = 0.2
    batch: Count = 512
    optimizer: OptimizerConfig = field(default_factory=lambda: OptimizerConfig(
        2e-3, weight_decay=0.05))


@configuration(frozen=True)
class FinetuneConfig:
    """
    Fine-tuning of the last sampling step with a critic.

    :param rounds: of running, learning from it and moving the model
    :param walks: in each
    :param critic_steps, steps: of the optimiser, in each
    :param spread_out: targets are tried up to so many tolerances off (standard deviation), but for
        a share of ``exact`` ones
    :param missed_again: share of what is tried that was missed before
    :param push: samples are tried up to so many standard deviations beside the model's answers
    :param other_sources: share of drawn policies that are given text and trajectory too
    :param group_weight: of not being in the group that was asked for, in nats; where groups are
        ranges of measures, it pushes what lies at their edges inwards
    :param reward_weight: of a reward of 1, beside these nats
    :param distance_weight: of a standard deviation, squared, that a sample moves
    :param kept_weight: of what changes where targets are decided
    """

    rounds: Count = 2
    walks: Count = 12288
    critic_steps: Count = 1000
    steps: Count = 1200
    spread_out: NotNegative = 2.0
    exact: Share = 0.25
    missed_again: Share = 0.5
    push: NotNegative = 1.5
    other_sources: Share = 0.4
    group_weight: NotNegative = 1.0
    reward_weight: NotNegative = 1.5
    distance_weight: NotNegative = 0.05
    kept_weight: NotNegative = 20.0
    batch: Count = 256
    critic: CriticConfig = field(default_factory=CriticConfig)
    optimizer: OptimizerConfig = field(default_factory=lambda: OptimizerConfig(
        3e-4, max_gradient_norm=1.0, ema_decay=0.99))


@configuration(frozen=True)
class CoverageConfig:
    """
    Of what the bundle calls outside its training.

    :param unknown_share: of the training's own behaviours and captions, at most, that are called
        unknown
    :param least_limit: in spreads: goals nearer than that, such as 0.15 m/s, are within what
        actors miss
    :param longest_clip: rows; clips are as long at most
    :param measure_points, motion_points: behaviours and clips that are kept: 0.1 and 0.4 MB as
        float16
    :param samples, captions: behaviours that the limits, and captions that the probe of texts is
        worked out from, drawn at random
    :param ridge_penalty: of the probe, in squared units of a sentence embedding; 0.001 to 0.01 do
        as well
    """

    unknown_share: Share = 0.01
    least_limit: NotNegative = 0.3
    longest_clip: Count = 100
    measure_points: Count = 4096
    motion_points: Count = 2048
    samples: Count = 2000
    captions: Count = 8000
    ridge_penalty: Positive = 0.003


@configuration(frozen=True)
class NetworkConfig:
    """
    Sizes of the networks.

    :param latent_dim: at most; an archive of fewer policies has as many
    :param rank: shared directions of each layer in the decoder, ``decoder_width`` its layers
    :param width, blocks, embedding: of the denoiser
    :param token: of the condition
    """

    latent_dim: Count = 128
    rank: Count = 192
    decoder_width: Count = 224
    width: Count = 160
    blocks: Count = 3
    embedding: Count = 112
    token: Count = 96


@configuration(frozen=True)
class TrainConfig:
    """
    Everything that training a bundle depends on, beside the archive.

    :param common_states: states on which policies are compared
    :param error_of_actions: an error in the latent counts as the error of actions that it makes;
        else all its dimensions count alike
    :param sampler_steps, guidance: of the bundle
    :param threads: of PyTorch; a run may go on with another number
    :param text_encoder: see :func:`policy_gen_ros.models.text_encoder.sentence_encoder`
    """

    network: NetworkConfig = field(default_factory=NetworkConfig)
    decoder: DecoderTraining = field(default_factory=DecoderTraining)
    embedding: EmbeddingTraining = field(default_factory=EmbeddingTraining)
    diffusion: DiffusionTraining = field(default_factory=DiffusionTraining)
    self_generated: SelfGenerated = field(default_factory=SelfGenerated)
    finetune: FinetuneConfig = field(default_factory=FinetuneConfig)
    coverage: CoverageConfig = field(default_factory=CoverageConfig)
    common_states: Count = 512
    error_of_actions: bool = True
    sampler_steps: Count = 4
    guidance: NotNegative = 1.0
    seed: NotNegativeCount = 0
    threads: Count = 2
    text_encoder: str = MULTILINGUAL_E5
