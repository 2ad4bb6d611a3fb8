# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Nothing that is held out reaches training: not by data, and not by code."""

from __future__ import annotations

import ast
from dataclasses import replace
import json
from pathlib import Path
from typing import ClassVar

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES
from policy_gen_ros.models.text_encoder import TransformersEncoder
from policy_gen_ros.training import dataset
from policy_gen_ros.training.dataset import load_behaviors
from policy_gen_ros.training.function_space import ActorData
from policy_gen_ros.training.pipeline import train_bundle, TrainingInputs
from policy_gen_ros.training.presets import debug_preset
from policy_gen_ros.utils.config import updated
import pytest
from small_archive import HELD_OUT, pretend_walk, write_small_archive
import torch

PACKAGE = Path(__file__).resolve().parents[2] / 'policy_gen_ros'
LEARNING = ('training', 'models', 'generation', 'baselines')
MARKER = 'xylophone'
REGION_ACTORS = {'clone-0-1': [5]}
RUN_ACTORS = {'clone-2-0': [0, 1, 2, 3, 4]}
BEHAVIORS_IN_REGION = {'clone-0-0': [(0, 2)]}


def poison(path: Path, value: float) -> Path:
    """Spoil all that is held out, but for what decides that it is held out and qualifies."""
    for chunk, rows in {**REGION_ACTORS, **RUN_ACTORS}.items():
        for name in ('weights', 'trajectory', 'probe', 'clock_hz', 'style'):
            _spoil(path / 'chunks' / chunk, name, rows, value)
        _spoil(path / 'chunks' / chunk, 'measures', (rows, slice(None), slice(0, 4)), 1e30)
    for chunk, pairs in BEHAVIORS_IN_REGION.items():
        _spoil(path / 'chunks' / chunk, 'trajectory', tuple(zip(*pairs)), value)
    for folder in (path / 'chunks').iterdir():
        captions = json.loads((folder / 'captions.json').read_text())
        for i, actor in enumerate(captions):
            for k, words in enumerate(actor):
                held_out = i in {**REGION_ACTORS, **RUN_ACTORS}.get(folder.name, []) \
                    or (i, k) in BEHAVIORS_IN_REGION.get(folder.name, [])
                for caption in words:
                    if held_out or caption['template'] in HELD_OUT.caption_templates:
                        caption['text'] = f'{MARKER} {value}'
        (folder / 'captions.json').write_text(json.dumps(captions))
    return path


def _spoil(folder: Path, name: str, where: object, value: float) -> None:
    array = np.load(folder / f'{name}.npy')
    array[where] = value
    np.save(folder / f'{name}.npy', array)


class ListeningEncoder(TransformersEncoder):
    """The real encoder, which remembers what it was asked to embed."""

    heard: ClassVar[list[str]] = []

    def encode(self, texts, batch_size=64):
        self.heard.extend(texts)
        return super().encode(texts, batch_size)


@pytest.fixture
def encoder(monkeypatch):
    ListeningEncoder.heard = []
    monkeypatch.setattr(dataset, 'sentence_encoder', ListeningEncoder)
    return ListeningEncoder


def train(archive: Archive, folder: Path) -> bytes:
    config = updated(debug_preset(), {'network': {'latent_dim': 8}, 'threads': 1,
                                      'text_encoder': ''})
    inputs = TrainingInputs(archive.training(), archive.base_weights(), archive.path,
                            pretend_walk)
    train_bundle(inputs, folder / 'bundle', folder / 'stages', config, {})
    return (folder / 'bundle' / 'generator.safetensors').read_bytes()


def test_held_out_data_leaves_no_trace_in_what_is_trained(tmp_path, encoder):
    made = [train(Archive(poison(write_small_archive(tmp_path / name), value), HELD_OUT),
                  tmp_path / f'{name}-out')
            for name, value in (('nan', np.nan), ('large', 3e4))]
    assert made[0] == made[1]
    assert encoder.heard
    assert not [text for text in encoder.heard if MARKER in text]
    for stage in ('refined_decoder.pt', 'mixtures.pt', 'behavior.pt', 'practice.pt',
                  'final_diffusion.pt', 'finetuned-0.pt'):
        states = torch.load(tmp_path / 'nan-out' / 'stages' / stage, weights_only=True)
        values = states.get('decoder', states).values()
        assert all(torch.isfinite(value).all() for value in values), stage


def test_no_poison_in_what_batches_are_drawn_from(tmp_path, encoder):
    archive = Archive(poison(write_small_archive(tmp_path / 'nan'), np.nan), HELD_OUT)
    data = load_behaviors(archive.training(), tmp_path / 'text.npy')
    actors = ActorData(archive.training(), archive.base_weights())
    for tensor in (data.extras, data.segments, data.text, torch.from_numpy(data.measures),
                   actors.own, actors.weights, actors.common, actors.common_actions):
        assert torch.isfinite(tensor).all()
        assert tensor.abs().max() < 1e3
    assert sorted(set(encoder.heard)) == sorted(
        f'{family} {word}' for family in GAIT_FAMILIES
        for word in ('forward', 'on'))


def test_the_poison_works(tmp_path):
    """A split that holds nothing out lets it through, so the tests above would see it."""
    archive = Archive(poison(write_small_archive(tmp_path / 'nan'), np.nan), replace(
        HELD_OUT, regions=(), runs=(), caption_templates=()))
    training = archive.training()
    assert not np.isfinite(training.weights[:]).all()
    assert MARKER in ' '.join(c.text for group in training.captions for c in group)


def offences(source: str) -> list[str]:
    """List what training code must not do: read archives but through their training view."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f'{node.module}.{alias.name}' for alias in node.names]
        for name in names:
            inside = name.removeprefix('policy_gen_ros.')
            if inside.startswith('evaluation') or (
                    inside.startswith('archive') and not inside.startswith('archive.view.')):
                found.append(f'imports {name}')
        if isinstance(node, ast.Attribute):
            own = isinstance(node.value, ast.Name) and node.value.id in ('self', 'cls', 'os')
            if node.attr.startswith('_') and not node.attr.startswith('__') and not own:
                found.append(f'reaches for {node.attr}')
        word = node.attr if isinstance(node, ast.Attribute) else getattr(node, 'id', '')
        if word.startswith('held_out') or word in ('Archive', 'ArchiveIndex', 'qualified'):
            found.append(f'says {word}')
    return found


@pytest.mark.parametrize('part', LEARNING)
def test_learning_code_reads_the_training_view_only(part):
    files = sorted((PACKAGE / part).glob('*.py'))
    assert files
    assert {file.name: offences(file.read_text()) for file in files} \
        == {file.name: [] for file in files}


@pytest.mark.parametrize('source', [
    'from policy_gen_ros.evaluation.metrics.held_out import draw_held_out',
    'from policy_gen_ros.archive.store import Archive', 'import policy_gen_ros.archive.format',
    'from policy_gen_ros.archive import store', 'rows = archive.held_out',
    'whole = archive.weights._parts'])
def test_the_check_sees_every_way_around(source):
    assert offences(source)
