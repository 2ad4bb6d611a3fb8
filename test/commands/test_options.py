# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Options that several commands share."""

import argparse
from pathlib import Path

from policy_gen_ros.commands.main import main
from policy_gen_ros.commands.options import natural, positive, show_defaults
from policy_gen_ros.domains import find_domain
from policy_gen_ros.training.presets import short_preset
from policy_gen_ros.utils.config import to_dict, updated
import pytest
import yaml


def test_whole_numbers_begin_at_0_or_1():
    assert (natural('0'), positive('1')) == (0, 1)
    for kind, text in ((natural, '-1'), (positive, '0'), (positive, '-5'), (positive, 'two')):
        with pytest.raises(argparse.ArgumentTypeError, match=f'{text!r} is not a whole number'):
            kind(text)


def test_help_shows_defaults_that_are_numbers_or_paths():
    parser = argparse.ArgumentParser()
    parser.add_argument('--count', type=int, default=500)
    parser.add_argument('--out', type=Path, default=Path('outputs/x'), help='where to')
    parser.add_argument('--seconds', type=float, default=8.0, help='robot time (default 8)')
    parser.add_argument('--hurry', action='store_true', help='be quick')
    parser.add_argument('--name', help='of the run')
    show_defaults(parser)
    output = ' '.join(parser.format_help().split())
    for words in ('--count COUNT (default: 500)', 'where to (default: outputs/x)',
                  'robot time (default 8) --hurry be quick --name NAME of the run'):
        assert words in output


def test_train_shows_the_settings_of_the_papers_networks(capsys):
    assert main(['train', '--preset', 'policy_diffusion', '--print-config', '--set',
                 'denoiser_steps=9']) == 0
    shown = yaml.safe_load(capsys.readouterr().out)
    assert (shown['autoencoder_steps'], shown['denoiser_steps'], shown['kl']) == (7000, 9, 1e-6)
    assert main(['train', '--preset', 'make_an_agent', '--set', 'clips=0']) == 2
    assert 'clips is 0: Input should be greater' in capsys.readouterr().err


def test_options_of_train_change_settings_and_leave_the_others(capsys):
    assert main(['train', '--print-config', '--set', 'seed=3', '--set', 'text_encoder=x']) == 0
    shown = yaml.safe_load(capsys.readouterr().out)
    assert (shown['seed'], shown['text_encoder']) == (3, 'x')
    assert main(['train', '--print-config', '--set', 'seed=3', '--seed', '4']) == 0
    assert yaml.safe_load(capsys.readouterr().out)['seed'] == 4


def test_a_domain_has_settings_of_training_of_its_own(capsys):
    shown = {}
    for domain in ('go2', 'halfcheetah'):
        assert main(['train', '--domain', domain, '--preset', 'short', '--print-config']) == 0
        shown[domain] = yaml.safe_load(capsys.readouterr().out)
    assert shown['go2'] == to_dict(short_preset())
    assert shown['halfcheetah'] == to_dict(updated(
        short_preset(), find_domain('halfcheetah').training_settings())) != shown['go2']
    assert main(['train', '--domain', 'halfcheetah', '--print-config', '--set',
                 'finetune.reward_weight=9']) == 0
    assert yaml.safe_load(capsys.readouterr().out)['finetune']['reward_weight'] == 9


def test_archive_build_shows_the_sizes_of_the_default_archive(tmp_path, capsys):
    assert main(['archive', 'build', str(tmp_path / 'new'), '--print-config',
                 '--set', 'search.generations=7', '--set', 'seed=3']) == 0
    shown = yaml.safe_load(capsys.readouterr().out)
    assert (shown['clones'], shown['search']['generations'], shown['seed']) == (2560, 7, 3)
    assert not (tmp_path / 'new').exists()
