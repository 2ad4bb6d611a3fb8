"""From an archive to a bundle: autoencoder, behaviour embedding, latent diffusion. Resumable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
import json
from pathlib import Path
from typing import Any

from policy_gen_ros.actor.adaptor import Adaptor
from policy_gen_ros.actor.weights import Layers
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.condition.trajectory import BehaviorEncoder
from policy_gen_ros.decoder.autoencoder import Decoder, DecoderConfig
from policy_gen_ros.diffusion.model import DiffusionConfig, DiffusionModel
from policy_gen_ros.files import write_whole
from policy_gen_ros.generator.bundle import BundleInfo
from policy_gen_ros.generator.networks import save_bundle
from policy_gen_ros.training.autoencoder import encode_all, train_autoencoder, WeightData
from policy_gen_ros.training.behavior import train_behavior_encoder
from policy_gen_ros.training.dataset import BehaviorSet, load_behaviors
from policy_gen_ros.training.diffusion import DiffusionTrainer, embed_behaviors
import torch

EMBEDDING_CUTS = 12


@dataclass(frozen=True)
class TrainConfig:
    """
    Lengths of training. Presets are functions: :func:`default_preset`, :func:`debug_preset`.

    :param autoencoder_steps, behavior_steps, diffusion_steps: optimiser steps of each stage
    :param text_encoder: see :class:`policy_gen_ros.condition.text.SentenceEncoder`
    """

    autoencoder_steps: int = 8000
    behavior_steps: int = 3000
    diffusion_steps: int = 12000
    latent_dim: int = 32
    seed: int = 0
    sampler_steps: int = 4
    guidance: float = 1.0
    threads: int = 2
    text_encoder: str = ''

    def __post_init__(self) -> None:
        for name in ('autoencoder_steps', 'behavior_steps', 'diffusion_steps', 'latent_dim'):
            if getattr(self, name) < 1:
                raise ValueError(f'{name} must be at least 1')


def default_preset() -> TrainConfig:
    """Return the preset of the shipped bundle."""
    return TrainConfig()


def debug_preset() -> TrainConfig:
    """Seconds instead of an hour: shows that everything runs, generates nothing useful."""
    return replace(TrainConfig(), autoencoder_steps=50, behavior_steps=50,
                   diffusion_steps=50)


PRESETS = {'default': default_preset, 'debug': debug_preset}


def train_bundle(archive: TrainingArchive, start: Layers, adaptor: Adaptor, output: Path,
                 work: Path, config: TrainConfig, provenance: Mapping[str, Any]) -> BundleInfo:
    """
    Train all stages and write a bundle.

    :param start: where the training of all actors began
    :param adaptor: goes into the bundle, as the actors know no other
    :param work: folder of finished stages; a killed training goes on from there
    :param provenance: where the archive comes from, for the bundle's description
    :raises ValueError: the stages there are of another archive or configuration
    """
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    _claim_stages(work, archive, config)
    weights = WeightData(archive, start)
    decoder, latents, action_rmse = _autoencoder_stage(weights, work, config)
    data = load_behaviors(archive, work / 'text.npy', config.text_encoder)
    behavior = _behavior_stage(data, work, config)
    model = DiffusionModel(config.latent_dim, DiffusionConfig(text_dim=data.text.shape[-1]))
    diffusion_file = work / 'diffusion.pt'
    if diffusion_file.exists():
        model.load_state_dict(torch.load(diffusion_file, weights_only=True))
    else:
        embeddings = embed_behaviors(behavior, data, EMBEDDING_CUTS, config.seed)
        trainer = DiffusionTrainer(model, data, latents[torch.from_numpy(data.actor)], embeddings,
                                   config.diffusion_steps, config.seed)
        model = trainer.train(work / 'diffusion_checkpoint.pt')
        write_whole(diffusion_file, partial(torch.save, model.state_dict()))
    info = _describe(archive, data, config, {
        **provenance, 'actors': len(archive), 'behaviors': len(data),
        'decoder_action_rmse': round(action_rmse, 4)})
    networks = torch.nn.ModuleDict(
        {'decoder': decoder, 'diffusion': model, 'behavior': behavior})
    save_bundle(output, info, networks, adaptor.tensors())
    return info


def _claim_stages(work: Path, archive: TrainingArchive, config: TrainConfig) -> None:
    """Make sure that finished stages in this folder belong to the same run."""
    work.mkdir(parents=True, exist_ok=True)
    run = {'archive': archive.fingerprint, **{name: getattr(config, name) for name in (
        'autoencoder_steps', 'behavior_steps', 'diffusion_steps', 'latent_dim', 'seed',
        'text_encoder')}}
    file = work / 'run.json'
    if not file.exists():
        file.write_text(json.dumps(run, indent=1))
    found = json.loads(file.read_text())
    if found != run:
        differs = ', '.join(name for name in run if found.get(name) != run[name])
        raise ValueError(f'{work} holds stages of another training ({differs} differ); choose '
                         'another --output or remove it')


def _autoencoder_stage(weights: WeightData, work: Path,
                       config: TrainConfig) -> tuple[Decoder, torch.Tensor, float]:
    decoder_config = DecoderConfig(weights.sizes, config.latent_dim)
    file = work / 'autoencoder.pt'
    if not file.exists():
        encoder, decoder, rmse = train_autoencoder(weights, decoder_config,
                                                   config.autoencoder_steps, seed=config.seed)
        write_whole(file, partial(torch.save, {
            'decoder': decoder.state_dict(), 'latents': encode_all(encoder, weights),
            'action_rmse': rmse}))
    stored: dict[str, Any] = torch.load(file, weights_only=True)
    decoder = Decoder(decoder_config)
    decoder.load_state_dict(stored['decoder'])
    return decoder.eval().requires_grad_(False), stored['latents'], stored['action_rmse']


def _behavior_stage(data: BehaviorSet, work: Path, config: TrainConfig) -> BehaviorEncoder:
    file = work / 'behavior.pt'
    if not file.exists():
        trained = train_behavior_encoder(data, config.behavior_steps, seed=config.seed)
        write_whole(file, partial(torch.save, trained.state_dict()))
    encoder = BehaviorEncoder()
    encoder.load_state_dict(torch.load(file, weights_only=True))
    return encoder.eval()


def _describe(archive: TrainingArchive, data: BehaviorSet, config: TrainConfig,
              provenance: dict[str, Any]) -> BundleInfo:
    decoder, diffusion = DecoderConfig(archive.layer_sizes), DiffusionConfig()
    return BundleInfo(
        name=f'go2-{len(archive)}-{config.seed}', layer_sizes=archive.layer_sizes,
        latent_dim=config.latent_dim, basis_size=decoder.basis_size, decoder_width=decoder.width,
        denoiser_width=diffusion.width, denoiser_blocks=diffusion.blocks, token=diffusion.token,
        steps=config.sampler_steps, guidance=config.guidance, text_dim=data.text.shape[-1],
        text_encoder=config.text_encoder, provenance=provenance)
