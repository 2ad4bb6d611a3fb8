# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Configurations: what is changed, what is refused, and that YAML holds all of it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

from policy_gen_ros.training.config import TrainConfig
from policy_gen_ros.training.pipeline import stage_inputs
from policy_gen_ros.training.presets import PRESETS
from policy_gen_ros.utils.config import ConfigError, override, read_yaml, to_dict, to_yaml
import pytest


@pytest.mark.parametrize('preset', PRESETS)
def test_yaml_holds_all_settings(preset: str, tmp_path: Path) -> None:
    config = PRESETS[preset]()
    file = tmp_path / 'settings.yaml'
    file.write_text(to_yaml(config))
    assert read_yaml(file, TrainConfig(seed=9)) == config


def test_settings_are_changed_by_their_names() -> None:
    changed = override(TrainConfig(), {
        'decoder.optimizer.learning_rate': '1e-3', 'seed': '7', 'text_encoder': 'x',
        'diffusion.one_condition_shares': '[0.2, 0.3, 0.5]', 'error_of_actions': 'false'})
    assert changed.decoder.optimizer.learning_rate == 1e-3
    assert changed.decoder.optimizer.max_gradient_norm == \
        TrainConfig().decoder.optimizer.max_gradient_norm
    assert (changed.seed, changed.text_encoder, changed.error_of_actions) == (7, 'x', False)
    assert changed.diffusion.one_condition_shares == (0.2, 0.3, 0.5)
    with pytest.raises(FrozenInstanceError):
        changed.seed = 8  # type: ignore[misc]


@pytest.mark.parametrize(('settings', 'error'), [
    ({'decoder.stepz': '5'}, "unknown setting decoder.stepz; did you mean 'steps'"),
    ({'decoder': '5'}, 'decoder has settings of its own, such as decoder.steps'),
    ({'decoder.steps': '0'}, 'decoder.steps is 0: Input should be greater than or equal to 1'),
    ({'decoder.steps': 'many'}, "decoder.steps is 'many': Input should be a valid integer"),
    ({'guidance': '-1'}, 'guidance is -1: Input should be greater'),
    ({'finetune.critic.optimizer.learning_rate': '0'}, 'learning_rate is 0: Input should be gre'),
    ({'seed': '[1'}, "seed: '\\[1' is not a value")])
def test_what_there_is_not_is_named(settings: dict[str, str], error: str) -> None:
    with pytest.raises(ConfigError, match=error):
        override(TrainConfig(), settings)


@pytest.mark.parametrize(('text', 'error'), [
    ('decoder: {stepz: 1}', 'settings.yaml: unknown setting decoder.stepz'),
    ('- 1', 'settings.yaml: expected settings by name'), ('a: [', 'settings.yaml is not YAML')])
def test_a_file_that_is_wrong_is_named(text: str, error: str, tmp_path: Path) -> None:
    file = tmp_path / 'settings.yaml'
    file.write_text(text)
    with pytest.raises(ConfigError, match=error):
        read_yaml(file, TrainConfig())


def test_stages_depend_on_every_setting_but_the_threads() -> None:
    """A changed learning rate must not take a stage that was made with another."""
    def leaves(settings: dict, inside: str = '') -> list[str]:
        return [name for key, value in settings.items() for name in (
            leaves(value, f'{inside}{key}.') if isinstance(value, dict) else [inside + key])]

    base = TrainConfig()
    known = stage_inputs('archive', base)
    for name in leaves(to_dict(base)):
        value: object = base
        for part in name.split('.'):
            value = getattr(value, part)
        other = {bool: 'false' if value else 'true', str: 'x', int: f'{value}7',
                 float: '0.123', tuple: '[0.3, 0.3, 0.4]'}[type(value)]
        same = stage_inputs('archive', override(base, {name: other})) == known
        assert same == (name == 'threads'), name
    assert stage_inputs('other', base) != known
