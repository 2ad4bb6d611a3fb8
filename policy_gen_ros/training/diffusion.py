"""
Training the latent diffusion model: x0 prediction with condition dropout.

The loss is on the sample alone. An action loss on decoded actors was tried beside it: its
gradient, from few actors, drowned that of the conditions, which were then hardly followed.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from policy_gen_ros.condition.encoder import SOURCES
from policy_gen_ros.diffusion.model import DiffusionModel
from policy_gen_ros.diffusion.sample import CONTROL_DIM, EXTRA_DIM
from policy_gen_ros.diffusion.sampler import add_noise, T_MAX
from policy_gen_ros.files import write_whole
from policy_gen_ros.training.dataset import BehaviorSet, measure_features
from policy_gen_ros.training.schedule import rise_and_fall
import torch
from torch import nn, Tensor
from tqdm import tqdm

EMPTY_PROBABILITY, ALONE_PROBABILITY = 0.05, 0.5
ALONE_SHARES = (0.5, 0.2, 0.3)
"""
Of text, measures and trajectory among the cases with one source. Text has the largest: of all that
users say, a sentence alone is the commonest and the hardest.
"""
ALL_SAID, ONLY_CONTACTS = 0.5, 0.15
"""Shares of cases in which all measures are said, and only the contacts; else a random part."""
MEASURE_NOISE = np.array([0.01] * 4 + [0.02] + [0.01] * 3 + [0.002, 0.002, 0.02, 0.01, 0.02])
CONTROL_WEIGHT, AIM_WEIGHT = 3.0, 0.5
EMA_DECAY = 0.999
LEARNING_RATE = 1.5e-3
CHECKPOINT_STEPS = 1000


def random_measure_subset(measures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Leave measures unsaid at random, and blur the others a little. Shape: (n, 13)."""
    n, k = measures.shape
    kind = rng.random((n, 1))
    said = rng.random((n, k)) < rng.random((n, 1))
    said = np.where(kind < ALL_SAID + ONLY_CONTACTS, np.arange(k) < 4, said)
    said |= kind < ALL_SAID
    noisy = measures + MEASURE_NOISE * rng.standard_normal((n, k))
    return np.where(said, noisy, np.nan)


def random_sources(count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw which sources are present: one in half of the cases, else any. Shape: (n, 3), bool."""
    present = rng.random((count, len(SOURCES))) < 0.5
    alone = rng.random(count) < ALONE_PROBABILITY
    only = rng.choice(len(SOURCES), count, p=ALONE_SHARES)
    present[alone] = only[alone, None] == np.arange(len(SOURCES))
    present[rng.random(count) < EMPTY_PROBABILITY] = False
    return present


class DiffusionTrainer:
    """
    One training run: draws batches, steps the optimiser, keeps the moving average.

    Every step draws from its own seed, so a run that was stopped goes on as if it had not been.

    :param model: trained in place
    :param latents: latent of each behaviour's actor. Shape: (n, latent_dim)
    :param importance: share that each latent dimension has in what actors do: with it, an error
        in the latent counts as the error of actions that it makes. Shape: (latent_dim,)
    :param embeddings: behaviour embeddings of several cuts. Shape: (cuts, n, 128)
    """

    def __init__(self, model: DiffusionModel, data: BehaviorSet, latents: Tensor,
                 importance: Tensor, embeddings: Tensor, steps: int, seed: int = 0,
                 batch: int = 256) -> None:
        self._model, self._data, self._embeddings = model, data, embeddings
        self._steps, self._seed, self._batch = steps, seed, batch
        self._x0 = torch.cat([latents, data.extras], dim=1)
        self._weight = torch.cat([
            len(importance) * importance, torch.full((CONTROL_DIM,), CONTROL_WEIGHT),
            torch.full((EXTRA_DIM - CONTROL_DIM,), AIM_WEIGHT)])
        moving_average = torch.optim.swa_utils.get_ema_multi_avg_fn(EMA_DECAY)
        self._averaged = torch.optim.swa_utils.AveragedModel(
            model, multi_avg_fn=moving_average, use_buffers=True)
        self._optimizer = torch.optim.AdamW(model.parameters(), LEARNING_RATE, weight_decay=0.01)
        self._schedule = rise_and_fall(self._optimizer, steps)
        self._done = 0

    def train(self, checkpoint: Path) -> None:
        """
        Train to the end; the model then has the moving average of its weights.

        :param checkpoint: file to go on from, and to write every CHECKPOINT_STEPS steps; gone at
            the end
        """
        if checkpoint.exists():
            self._load(checkpoint)
        progress = tqdm(range(self._done, self._steps), desc='diffusion', unit='step',
                        initial=self._done, total=self._steps, mininterval=5)
        for step in progress:
            loss = self._step(np.random.default_rng([self._seed, step]))
            self._done = step + 1
            if step % 100 == 0:
                progress.set_postfix(loss=f'{loss:.3f}')
            if self._done % CHECKPOINT_STEPS == 0:
                self._save(checkpoint)
        self._model.load_state_dict(self._averaged.module.state_dict())
        checkpoint.unlink(missing_ok=True)

    def _step(self, rng: np.random.Generator) -> float:
        pick = torch.from_numpy(self._data.draw(self._batch, rng))
        condition = self._model.condition(*self._conditions(pick, rng))
        x0 = self._x0[pick]
        # Most draws are noisy: there the condition decides, and a few-step sampler starts there.
        t = T_MAX * torch.from_numpy(rng.random(self._batch, np.float32)).sqrt()
        noise = torch.from_numpy(rng.standard_normal(x0.shape, np.float32))
        predicted = self._model.denoiser(add_noise(x0, noise, t), t, condition)
        loss = (self._weight * (predicted - x0).square()).mean()
        self._optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        self._schedule.step()
        self._averaged.update_parameters(self._model)
        return loss.item()

    def _conditions(self, pick: Tensor,
                    rng: np.random.Generator) -> tuple[dict[str, Tensor], Tensor]:
        measures = random_measure_subset(self._data.measures[pick.numpy()], rng)
        text, described = self._data.say(pick, rng)
        cut = torch.from_numpy(rng.integers(0, len(self._embeddings), len(pick)))
        conditions = {'text': text, 'measures': measure_features(measures),
                      'trajectory': self._embeddings[cut, pick]}
        present = torch.from_numpy(random_sources(len(pick), rng))
        present[:, SOURCES.index('text')] &= described
        return conditions, present

    def _save(self, path: Path) -> None:
        state = {'done': self._done, 'averaged': self._averaged.state_dict(),
                 'model': self._model.state_dict(), 'optimizer': self._optimizer.state_dict(),
                 'schedule': self._schedule.state_dict()}
        write_whole(path, partial(torch.save, state))

    def _load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        self._averaged.load_state_dict(state['averaged'])
        self._model.load_state_dict(state['model'])
        self._optimizer.load_state_dict(state['optimizer'])
        self._schedule.load_state_dict(state['schedule'])
        self._done = state['done']
