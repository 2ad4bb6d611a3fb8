"""The learning rate of all training here: a short rise, then half a cosine down to zero."""

from __future__ import annotations

import math

import torch

RISE = 20
"""The rise takes one part in so many of all steps."""


def rise_and_fall(optimizer: torch.optim.Optimizer,
                  steps: int) -> torch.optim.lr_scheduler.LambdaLR:
    """
    Schedule over a known number of steps.

    Not torch's OneCycleLR: it divides by zero where the rise takes exactly one step.
    """
    rise = max(steps // RISE, 1)
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(
        (step + 1) / rise, 0.5 + 0.5 * math.cos(math.pi * step / steps)))
