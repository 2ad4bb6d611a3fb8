# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The sampler against a case with a closed form."""

import math

from policy_gen_ros.models.sampler import (
    add_noise,
    alpha_sigma,
    ddim_sample,
    guided,
    inpainted,
    T_MAX,
)
import pytest
import torch

MEAN, STD = 1.5, 0.4


def gaussian_x0(x, t):
    """Posterior mean of x0 for normal data: the perfect denoiser."""
    alpha, sigma = alpha_sigma(t)
    gain = alpha * STD**2 / (alpha**2 * STD**2 + sigma**2)
    return MEAN + gain * (x - alpha * MEAN)


def test_many_steps_map_noise_to_the_data_distribution():
    noise = torch.randn(20_000, 1, generator=torch.Generator().manual_seed(0))
    sample = ddim_sample(gaussian_x0, noise, 200)
    # The probability flow of a normal distribution is the straight map between the quantiles.
    assert torch.allclose(sample, MEAN + STD * noise, atol=0.03)


def test_error_falls_with_the_number_of_steps():
    noise = torch.linspace(-2, 2, 100)[:, None]
    errors = [(ddim_sample(gaussian_x0, noise, steps) - (MEAN + STD * noise)).abs().max().item()
              for steps in (2, 8, 32, 128)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.03


def test_one_step_is_the_first_guess():
    noise = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    start = torch.full((5,), T_MAX)
    assert torch.allclose(ddim_sample(gaussian_x0, noise, 1), gaussian_x0(noise, start))


def test_steps_below_one_are_refused():
    with pytest.raises(ValueError, match='at least 1'):
        ddim_sample(gaussian_x0, torch.zeros(1, 1), 0)


def test_noise_keeps_variance():
    t = torch.rand(1000)
    alpha, sigma = alpha_sigma(t)
    assert torch.allclose(alpha**2 + sigma**2, torch.ones(1000, 1), atol=1e-6)
    assert add_noise(torch.ones(1, 1), torch.zeros(1, 1), torch.tensor([0.5])).item() == \
        pytest.approx(math.sqrt(0.5))


def test_guidance_extrapolates_between_condition_and_none():
    def predict(x, t, condition):
        return condition.expand_as(x)

    x, t = torch.zeros(4, 2), torch.zeros(4)
    yes, no = torch.ones(4, 1), torch.zeros(4, 1)
    for guidance in (0.0, 1.0, 2.5):
        assert torch.allclose(guided(predict, yes, no, guidance)(x, t),
                              torch.full((4, 2), guidance))


def test_what_is_known_stays_and_tells_about_the_rest():
    """Two equal numbers: if one is inpainted, the sampler brings the other to it."""
    def predict(x, t):
        # Posterior mean for x0 = (c, c), c standard normal.
        alpha, sigma = alpha_sigma(t)
        return (alpha * x.sum(dim=1, keepdim=True) / (2 * alpha**2 + sigma**2)).expand(-1, 2)

    noise = torch.randn(500, 2, generator=torch.Generator().manual_seed(0))
    known = torch.tensor([[1.3, torch.nan]]).expand(500, 2)
    sample = ddim_sample(inpainted(predict, known), noise, 50)
    assert torch.allclose(sample[:, 0], torch.full((500,), 1.3), atol=1e-5)
    free = ddim_sample(predict, noise, 50)
    assert (sample[:, 1] - 1.3).abs().mean() < 0.6 * (free[:, 1] - 1.3).abs().mean()
