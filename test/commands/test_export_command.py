# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen export``: graphs where they were asked for, and one line for bad input."""

import json

from policy_gen_ros.commands.main import main
import pytest
from random_bundle import write_random_bundle


@pytest.fixture(scope='module')
def bundle(tmp_path_factory):
    return write_random_bundle(tmp_path_factory.mktemp('bundles') / 'random')


def test_export_writes_graphs_and_compares_them(bundle, tmp_path, capsys):
    pytest.importorskip('onnxscript')
    folder = tmp_path / 'made' / 'onnx'
    options = ['export', '--bundle', str(bundle), '-o', str(folder), '--batch', '2', '--json', '-']
    assert main(options) == 0
    result = json.loads(capsys.readouterr().out)
    assert result['path'] == str(folder)
    files = {graph['file'] for graph in result['graphs']}
    assert {'condition_2.onnx', 'denoiser_2.onnx', 'decoder_2.onnx', 'trajectory_4.onnx',
            'sentence_1x16.onnx'} <= files
    assert {*files, 'weights.bin', 'tokenizer.json', 'onnx.json'} == {
        file.name for file in folder.iterdir()}
    assert result['largest_difference'] is None or result['largest_difference'] < 1e-4
    (folder / 'denoiser_2.onnx').unlink()
    assert main(options) == 0, 'an earlier export is replaced'
    assert (folder / 'denoiser_2.onnx').is_file()


@pytest.mark.parametrize(('options', 'message'), [
    (['--batch', '1,many'], 'expected numbers joined by commas'),
    (['--batch', '0'], 'at least one goal'),
    (['--bundle', 'nowhere'], 'no bundle at nowhere')])
def test_bad_input_is_one_clear_line(bundle, tmp_path, capsys, options, message):
    assert main(['export', '--bundle', str(bundle), '-o', str(tmp_path / 'onnx'), *options]) == 2
    output = capsys.readouterr().err
    assert message in output
    assert len(output.strip().splitlines()) == 1, output
    assert not (tmp_path / 'onnx').exists()


def test_a_folder_with_something_else_is_left_alone(bundle, capsys):
    before = sorted(bundle.iterdir())
    assert main(['export', '--bundle', str(bundle), '-o', str(bundle)]) == 2
    assert 'is no ONNX export' in capsys.readouterr().err
    assert sorted(bundle.iterdir()) == before
