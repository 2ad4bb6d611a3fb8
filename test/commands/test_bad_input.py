# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Files and options that make no sense: one line that names them, and nothing is begun."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.commands.main import main
from policy_gen_ros.evaluation.studies.language import load_sentences
from policy_gen_ros.generation.generator import MAX_GUIDANCE
from policy_gen_ros.utils.yaml_files import read_yaml_file
import pytest

ROWS = np.zeros((60, 42), np.float32)


def refused(capsys, *arguments: str) -> str:
    """Return the one line that a command says on stderr."""
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize(('rows', 'reason'), [
    (ROWS.astype(complex), 'real numbers, got complex128'), (ROWS.astype(str), 'real numbers'),
    (ROWS > 0, 'got bool'), (ROWS + 1e30, 'row 0, feature 0 is 1e+30'),
    (ROWS.astype(object), 'rows.npz is not an NPZ file of numbers')])
def test_a_trajectory_of_anything_but_usual_numbers_is_refused(tmp_path, capsys, rows, reason):
    np.savez(tmp_path / 'rows.npz', trajectory=rows)
    assert reason in refused(capsys, 'generate', '--trajectory', str(tmp_path / 'rows.npz'),
                             '-o', str(tmp_path / 'x'))


def test_what_is_no_npz_file_is_no_pickle_to_be_trusted(tmp_path, capsys):
    (tmp_path / 'rows.npz').write_bytes(bytes(range(1, 200)))
    line = refused(capsys, 'generate', '--trajectory', str(tmp_path / 'rows.npz'), '-o', 'x')
    assert line.endswith('rows.npz is not an NPZ file of numbers') and 'pickle' not in line


@pytest.mark.parametrize(('arguments', 'reason'), [
    (('generate', '--measures', 'vx_mps=1,frequency_hz=2,vx_mps=0', '-o', 'x'),
     'vx_mps is given twice'),
    (('generate', '--text', 'trot', '--guidance', 'nan', '-o', 'x'), f'0 to {MAX_GUIDANCE:g}'),
    (('generate', '--text', 'trot', '--guidance', '-2', '-o', 'x'), f'0 to {MAX_GUIDANCE:g}'),
    (('demo', '--bundle', 'nowhere'), 'no bundle at nowhere'),
    (('evaluate', '--model', 'robot.xml'), '--model needs --robustness'),
    (('evaluate', '--condition', 'masses'), '--condition needs --robustness'),
    (('evaluate', '--foreign', 'folder', '--language'), '--foreign needs --robustness'),
    (('evaluate', '--spec', 'spec.json'), '--spec needs --clips'),
    (('evaluate', '--language', '--robustness'), '--robustness and --language: choose one'),
    (('evaluate', '--clips', 'x', '--domain', 'halfcheetah'), '--clips is for the domain go2')])
def test_options_that_would_be_ignored_or_do_harm_are_refused(capsys, arguments, reason):
    assert reason in refused(capsys, *arguments)


@pytest.mark.parametrize('content', [bytes(range(256)), b'a: [', b'[' * 20000])
def test_what_is_no_yaml_is_named_whoever_reads_it(tmp_path, capsys, content):
    file = tmp_path / 'some.yaml'
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r'^[^\n]*some.yaml is not YAML: [^\n]+$'):
        read_yaml_file(file)
    assert 'some.yaml' in refused(capsys, 'train', '--archive', 'x', '--config', str(file))
    assert refused(capsys, 'demo', '--goals', str(file))


@pytest.mark.parametrize(('content', 'reason'), [
    ('- 3', 'sentence 1'), ('{}', 'expected a list'), ('', 'expected a list'),
    ('- {text: trot, kind: plain, lang: en, expect: {}}\n- {text: pace}', 'sentence 2')])
def test_a_test_set_that_is_none_is_named(tmp_path, content, reason):
    file = tmp_path / 'sentences.yaml'
    file.write_text(content)
    with pytest.raises(ValueError, match=rf'^[^\n]*sentences.yaml: [^\n]*{reason}'):
        load_sentences(file)


def test_explain_reads_whatever_length_of_a_sequence_the_node_reads(capsys):
    steps = '\n'.join(f'- trot forward at 0.{i} m/s for {i} s' for i in range(1, 21))
    assert len(steps) > 500
    assert main(['explain', steps]) == 0
    assert capsys.readouterr().out.count('gait: trot') == 20
