# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Noise schedule and few-step sampler, as free functions.

Cosine schedule (Nichol and Dhariwal 2021): a sample at time t in [0, 1] is
``alpha(t) x0 + sigma(t) noise`` with alpha = cos(pi t / 2), sigma = sin(pi t / 2).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
import math

import torch
from torch import Tensor

T_MAX = 0.995
"""Sampling starts here: at 1 the signal's share is zero and x0 tells nothing about the noise."""


def alpha_sigma(t: Tensor) -> tuple[Tensor, Tensor]:
    """Signal and noise amplitudes. Shape: (n,) -> (n, 1), (n, 1)."""
    angle = t[:, None] * (math.pi / 2)
    return torch.cos(angle), torch.sin(angle)


def add_noise(x0: Tensor, noise: Tensor, t: Tensor) -> Tensor:
    """Forward process. Shapes: (n, d), (n, d), (n,) -> (n, d)."""
    alpha, sigma = alpha_sigma(t)
    return alpha * x0 + sigma * noise


def ddim_sample(predict_x0: Callable[[Tensor, Tensor], Tensor], noise: Tensor,
                steps: int) -> Tensor:
    """
    Deterministic DDIM (Song et al. 2021, equation 12 with eta = 0) on an even grid of times.

    :param predict_x0: (x_t, t) -> x0. Shapes: (n, d), (n,) -> (n, d)
    :param noise: standard normal. Shape: (n, d)
    :param steps: number of network evaluations, at least 1
    """
    return predict_x0(*before_last_step(predict_x0, noise, steps))


def before_last_step(predict_x0: Callable[[Tensor, Tensor], Tensor], noise: Tensor,
                     steps: int) -> tuple[Tensor, Tensor]:
    """
    Take all steps of :func:`ddim_sample` but the last, whose x0 is the sample.

    :return: what the last step starts from, and its time. Shapes: (n, d), (n,)
    """
    if steps < 1:
        raise ValueError(f'steps must be at least 1, got {steps}')
    grid = torch.linspace(T_MAX, 0.0, steps + 1, device=noise.device)
    x = noise
    for now, then in pairwise(grid[:-1]):
        t = now.expand(len(x))
        x0 = predict_x0(x, t)
        alpha, sigma = alpha_sigma(t)
        direction = (x - alpha * x0) / sigma
        x = add_noise(x0, direction, then.expand(len(x)))
    return x, grid[-2].expand(len(x))


def guided(predict_x0: Callable[[Tensor, Tensor, Tensor], Tensor], condition: Tensor,
           unconditional: Tensor, guidance: float) -> Callable[[Tensor, Tensor], Tensor]:
    """
    Classifier-free guidance (Ho and Salimans 2022) on x0; guidance 1 is plain conditioning.

    :param predict_x0: (x_t, t, condition) -> x0
    """
    if guidance == 1.0:
        return lambda x, t: predict_x0(x, t, condition)

    def predict(x: Tensor, t: Tensor) -> Tensor:
        both = predict_x0(torch.cat([x, x]), torch.cat([t, t]),
                          torch.cat([condition, unconditional]))
        with_condition, without = both.chunk(2)
        return without + guidance * (with_condition - without)

    return predict


def inpainted(predict_x0: Callable[[Tensor, Tensor], Tensor],
           known: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """
    Put what is known of x0 in place of what is predicted, at every step (RePaint, Lugmayr 2022).

    :param known: NaN where it is not known. Shape: (n, d)
    """
    return lambda x, t: torch.where(known.isnan(), predict_x0(x, t), known)
