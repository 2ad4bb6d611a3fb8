# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The one loop of all training: draw, differentiate, step; on a CPU, a GPU or several.

Devices and processes are Accelerate's business. ``torchrun --nproc-per-node N -m
policy_gen_ros.commands.main train ...`` starts several: each draws batches of its own, and their
gradients are averaged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
import math
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from accelerate.utils import send_to_device
import numpy as np
from policy_gen_ros.training.config import OptimizerConfig
from policy_gen_ros.training.stages import read_stored
from policy_gen_ros.utils.files import write_stream
from policy_gen_ros.utils.progress import progress
import torch
from torch import nn, Tensor

Batch = Mapping[str, Any]
"""Arguments of a loss by name: tensors, or mappings of tensors."""
CHECKPOINT_STEPS = 1000
LOSS_WINDOW_STEPS = 200
"""Steps over which the reported loss is a mean."""


@dataclass(frozen=True)
class TrainingRun:
    """
    How long a network trains, from which seed, and where it goes on.

    :param checkpoint: file to go on from, and to write every CHECKPOINT_STEPS steps; gone at the
        end
    """

    steps: int
    seed: int = 0
    checkpoint: Path | None = None


def fit(network: nn.Module, loss: Callable[..., Tensor],
        draw: Callable[[np.random.Generator], Batch], run: TrainingRun,
        optimizer: OptimizerConfig, description: str) -> float:
    """
    Train in place.

    Random numbers, torch's too, depend on seed, process and step only: what was stopped goes on as
    if it had not been.

    :param loss: of a batch, which comes as keywords. All that is trained is in ``network``
    :param draw: makes the batch of one step
    :return: mean loss of the last steps
    :raises ValueError: no steps
    """
    if run.steps < 1:
        raise ValueError(f'{description}: training takes at least 1 step, got {run.steps}')
    trainer = _Trainer(network, loss, optimizer, run.steps)
    checkpoint = run.checkpoint
    done = trainer.read(checkpoint) if checkpoint else 0
    recent: list[float] = []
    bar = progress(range(done, run.steps), about=description, unit='step', done=done,
                   total=run.steps)
    for step in bar:
        rng = np.random.default_rng([run.seed, trainer.accelerator.process_index, step])
        torch.manual_seed(int(rng.integers(2**62)))
        recent = [*recent[1 - LOSS_WINDOW_STEPS:], trainer.step(draw(rng))]
        if step % 100 == 0:
            bar.set_postfix(loss=f'{np.mean(recent):.4f}', refresh=False)
        if checkpoint and (step + 1) % CHECKPOINT_STEPS == 0:
            trainer.write(checkpoint, step + 1)
    trainer.finish()
    if checkpoint and trainer.accelerator.is_main_process:
        checkpoint.unlink(missing_ok=True)
    return float(np.mean(recent))


class _Trainer:
    """A network with all that changes while it trains: optimisers, rates and moving average."""

    def __init__(self, network: nn.Module, loss: Callable[..., Tensor], config: OptimizerConfig,
                 steps: int) -> None:
        self._network, self._max_gradient_norm = network, config.max_gradient_norm
        self.accelerator = Accelerator(cpu=not torch.cuda.is_available())
        self._averaged = _moving_average(network, config.ema_decay).to(self.accelerator.device) \
            if config.ema_decay else None
        self._objective, *self._optimizers = self.accelerator.prepare(
            _Objective(network, loss), *_optimizers(network, config))
        self._schedules = [warmup_and_cosine(part, steps, config.warmup)
                           for part in self._optimizers]

    def step(self, batch: Batch) -> float:
        """Learn from a batch, and return its loss."""
        value = self._objective(**send_to_device(dict(batch), self.accelerator.device))
        self._network.zero_grad()
        self.accelerator.backward(value)
        if self._max_gradient_norm:
            self.accelerator.clip_grad_norm_(self._network.parameters(), self._max_gradient_norm)
        for part in (*self._optimizers, *self._schedules):
            part.step()
        if self._averaged:
            self._averaged.update_parameters(self._network)
        return float(value.item())

    def finish(self) -> None:
        """Give the network the moving average of its weights, if there is one."""
        if self._averaged:
            self._network.load_state_dict(self._averaged.module.state_dict())
        self._network.to('cpu')

    def _parts(self) -> dict[str, Any]:
        """Return what a checkpoint holds, by name."""
        parts: dict[str, Any] = {'network': self._network}
        for i, pair in enumerate(zip(self._optimizers, self._schedules)):
            parts |= zip((f'optimizer-{i}', f'schedule-{i}'), pair)
        if self._averaged:
            parts['average'] = self._averaged
        return parts

    def read(self, checkpoint: Path) -> int:
        """Go on from a checkpoint, if it is there; return how many steps it had done."""
        if not checkpoint.exists():
            return 0
        state = read_stored(checkpoint)
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        return int(state['done'])

    def write(self, checkpoint: Path, done: int) -> None:
        """Write a checkpoint, in the first of all processes."""
        if self.accelerator.is_main_process:
            state = {name: part.state_dict() for name, part in self._parts().items()}
            write_stream(checkpoint, partial(torch.save, {**state, 'done': done}))


class _Objective(nn.Module):
    """A loss as a module: processes share the gradients of what passes through its forward."""

    def __init__(self, network: nn.Module, loss: Callable[..., Tensor]) -> None:
        super().__init__()
        self.network, self.loss = network, loss

    def forward(self, **batch: Any) -> Tensor:
        """Return the loss of a batch."""
        return self.loss(**batch)


def _optimizers(network: nn.Module, config: OptimizerConfig) -> list[torch.optim.Optimizer]:
    trained = [p for p in network.parameters() if p.requires_grad]
    rate, decay = config.learning_rate, config.weight_decay
    if not config.matrix_learning_rate:
        return [torch.optim.AdamW(trained, rate, weight_decay=decay)]
    return [torch.optim.AdamW([p for p in trained if p.ndim != 2], rate, weight_decay=decay),
            torch.optim.Muon([p for p in trained if p.ndim == 2], config.matrix_learning_rate,
                             weight_decay=decay, adjust_lr_fn='match_rms_adamw')]


def warmup_and_cosine(optimizer: torch.optim.Optimizer, steps: int,
                      warmup: float = 0.05) -> torch.optim.lr_scheduler.LambdaLR:
    """
    Learning rate over a known number of steps: a warm-up, then half a cosine down to zero.

    Not torch's OneCycleLR: it divides by zero where the warm-up takes exactly one step.

    :param warmup: share of the steps
    """
    rising = max(int(steps * warmup), 1)
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(
        (step + 1) / rising, 0.5 + 0.5 * math.cos(math.pi * step / steps)))


def _moving_average(network: nn.Module, share: float) -> torch.optim.swa_utils.AveragedModel:
    return torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(share), use_buffers=True)
