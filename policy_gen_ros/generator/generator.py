"""The generator: goal -> conditions -> latent diffusion -> decoder -> actor weights."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import overload

import numpy as np
from policy_gen_ros.actor.spec import ActorSpec
from policy_gen_ros.actor.steering import limit_command
from policy_gen_ros.actor.weights import ActorWeights
from policy_gen_ros.condition.encoder import source_dims, SOURCES
from policy_gen_ros.condition.measures import encode_measures
from policy_gen_ros.condition.text import SentenceEncoder
from policy_gen_ros.diffusion.sample import decode_extras, EXTRA_DIM
from policy_gen_ros.diffusion.sampler import ddim_sample, guided
from policy_gen_ros.generator.bundle import bundle_path, BundleInfo, read_info
from policy_gen_ros.generator.networks import GeneratorNetworks, load_networks
from policy_gen_ros.goal.goal import Goal
from policy_gen_ros.goal.measures import COMMAND_NAMES, MEASURE_NAMES, measures_array
import torch
from torch import Tensor

CLOCK_RANGE_HZ = (1.2, 4.2)
MAX_COUNT = 4096


def choose_device(device: str) -> str:
    """
    Resolve ``auto`` to CUDA where there is one.

    :raises ValueError: an unknown device, or CUDA where there is none
    """
    available = torch.cuda.is_available()
    if device == 'auto':
        return 'cuda' if available else 'cpu'
    if device not in ('cpu', 'cuda'):
        raise ValueError(f"device is {device!r}, expected 'auto', 'cpu' or 'cuda'")
    if device == 'cuda' and not available:
        raise ValueError('device is cuda, but torch finds no CUDA here; use auto or cpu')
    return device


class PolicyGenerator:
    """A loaded bundle. The same seed gives the same weights."""

    def __init__(self, info: BundleInfo, networks: GeneratorNetworks, device: str) -> None:
        self.info = info
        self._networks = networks
        self._device = device

    @classmethod
    def load(cls, path: str | Path | None = None, device: str = 'auto') -> PolicyGenerator:
        """
        Load a bundle, by default the shipped one.

        :raises BundleError: no bundle, or one of another version
        """
        folder = bundle_path(path)
        info, device = read_info(folder), choose_device(device)
        return cls(info, load_networks(folder, info, device), device)

    @property
    def bundle_name(self) -> str:
        """Name that generated actors carry."""
        return self.info.name

    def parameter_counts(self) -> dict[str, int]:
        """Trained parameters by part, the frozen public sentence encoder not counted."""
        def size(module: torch.nn.Module) -> int:
            return sum(p.numel() for p in module.parameters())

        diffusion = self._networks.diffusion
        return {'generator': size(diffusion.denoiser), 'decoder': size(self._networks.decoder),
                'condition': size(diffusion.condition) + size(self._networks.behavior)}

    @cached_property
    def sentence_encoder(self) -> SentenceEncoder:
        """Loaded with the first text."""
        return SentenceEncoder(self.info.text_encoder)

    @overload
    def generate(self, goal: Goal, seed: int = ..., count: None = ..., steps: int | None = ...,
                 guidance: float | None = ...) -> ActorWeights: ...

    @overload
    def generate(self, goal: Goal, seed: int = ..., count: int = ..., steps: int | None = ...,
                 guidance: float | None = ...) -> list[ActorWeights]: ...

    def generate(self, goal: Goal, seed: int = 0, count: int | None = None,
                 steps: int | None = None,
                 guidance: float | None = None) -> ActorWeights | list[ActorWeights]:
        """
        Generate actors for a goal.

        :param count: None for one actor, a number for a list
        :param steps: sampler steps; default: the bundle's
        :param guidance: 1 follows the condition plainly, more exaggerates it
        :raises ValueError: count or steps out of range
        """
        if count is not None and not 1 <= count <= MAX_COUNT:
            raise ValueError(f'count must be 1 to {MAX_COUNT}, got {count}')
        actors = self.generate_batch([goal] * (count or 1), seed, steps, guidance)
        return actors[0] if count is None else actors

    @torch.inference_mode()
    def generate_batch(self, goals: list[Goal], seed: int = 0, steps: int | None = None,
                       guidance: float | None = None) -> list[ActorWeights]:
        """One actor for each goal, sampled together."""
        steps = self.info.steps if steps is None else steps
        if not 1 <= steps <= 1000:
            raise ValueError(f'steps must be 1 to 1000, got {steps}')
        guidance = self.info.guidance if guidance is None else guidance
        generator = torch.Generator().manual_seed(seed)
        # Row by row: then the first of eight actors is the same as one alone.
        noise = torch.stack([torch.randn(self._networks.diffusion.sample_dim, generator=generator)
                             for _ in goals])
        conditions, present = self._conditions(goals)
        encode = self._networks.diffusion.condition
        token = encode(conditions, present)
        null = encode(conditions, torch.zeros_like(present))
        predict = guided(self._networks.diffusion.denoiser, token, null, guidance)
        sample = ddim_sample(predict, noise.to(self._device), steps)
        layers = self._networks.decoder(sample[:, :-EXTRA_DIM])
        vectors = torch.cat(layers, dim=1).cpu().numpy()
        clock, command, aims = decode_extras(sample[:, -EXTRA_DIM:].cpu().numpy())
        return [self._actor(*parts) for parts in zip(goals, vectors, clock, command, aims)]

    def _actor(self, goal: Goal, vector: np.ndarray, clock_hz: float, command: np.ndarray,
               aims: np.ndarray) -> ActorWeights:
        asked = dict(goal.measures or {})
        warnings = []
        wanted = np.array([asked.get(name, value) for name, value in zip(COMMAND_NAMES, command)])
        rate = float(np.clip(clock_hz, *CLOCK_RANGE_HZ))
        spec = ActorSpec(clock_hz=rate, layer_sizes=self.info.layer_sizes)
        measures = {**dict(zip(MEASURE_NAMES, (float(v) for v in aims))), **asked}
        limited = limit_command(wanted, rate, measures)
        if not np.allclose(limited, wanted):
            warnings.append(f'nominal command limited to {np.round(limited, 2).tolist()}')
        vx, vy, yaw = (round(float(v), 4) for v in limited)
        return ActorWeights(
            spec, ActorWeights.layers_from_vector(vector, spec.layer_sizes),
            nominal_command=(vx, vy, yaw), goal=goal.describe(), measures=measures,
            bundle=self.bundle_name, warnings=tuple(warnings))

    def _conditions(self, goals: list[Goal]) -> tuple[dict[str, Tensor], Tensor]:
        features = {source: np.zeros((len(goals), dim), np.float32)
                    for source, dim in source_dims(self.info.text_dim).items()}
        texts = [(i, goal.text) for i, goal in enumerate(goals) if goal.text is not None]
        if texts:
            unique = sorted({text for _, text in texts})
            encoded = self.sentence_encoder.encode(unique)
            for i, text in texts:
                features['text'][i] = encoded[unique.index(text)]
        for i, goal in enumerate(goals):
            if goal.measures is not None:
                features['measures'][i] = encode_measures(measures_array(goal.measures)[None])[0]
            if goal.trajectory is not None:
                features['trajectory'][i] = self._networks.behavior.embed(goal.trajectory)
        present = torch.tensor([[goal.text is not None, goal.measures is not None,
                                 goal.trajectory is not None] for goal in goals])
        return ({source: torch.from_numpy(features[source]).to(self._device)
                 for source in SOURCES}, present.to(self._device))
