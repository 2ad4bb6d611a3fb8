# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Files of tensors: everybody may read them, and what is wrong with one is said."""

import subprocess
import sys

import numpy as np
from policy_gen_ros.utils.tensors import load_tensors, save_tensors, to_safetensors
import pytest
from safetensors import safe_open
from safetensors.numpy import load, save


def test_tensors_come_back_as_float32_in_their_shapes(tmp_path):
    stored = {'half': np.arange(6, dtype=np.float16).reshape(2, 3),
              'transposed': np.arange(6, dtype=np.float32).reshape(2, 3).T,
              'number': np.float32(3.5)}
    save_tensors(stored, tmp_path / 'a.safetensors', {'made': 'today'})
    read = load_tensors(tmp_path / 'a.safetensors', ValueError)
    assert {value.dtype for value in read.values()} == {np.dtype(np.float32)}
    assert {name: value.tolist() for name, value in read.items()} \
        == {name: value.tolist() for name, value in stored.items()}
    with safe_open(tmp_path / 'a.safetensors', 'numpy') as file:
        assert file.metadata() == {'made': 'today'}


def test_everybody_may_read_them_and_nothing_else_is_left(tmp_path):
    for _ in range(2):  # also where one was there before
        save_tensors({'a': np.zeros(2)}, tmp_path / 'a.safetensors')
        assert (tmp_path / 'a.safetensors').stat().st_mode & 0o777 == 0o644
    assert [file.name for file in tmp_path.iterdir()] == ['a.safetensors']


def test_what_cannot_be_used_is_refused_by_name(tmp_path):
    class OwnError(ValueError):
        pass

    file = tmp_path / 'a.safetensors'
    with pytest.raises(OwnError, match='cannot be read'):
        load_tensors(file, OwnError)
    file.write_bytes(b'x' * 100)
    with pytest.raises(OwnError, match='cannot be read'):
        load_tensors(file, OwnError)
    save_tensors({'good': np.zeros(2), 'bad': np.array([0, np.nan])}, file)
    with pytest.raises(OwnError, match='bad holds values that are not finite'):
        load_tensors(file, OwnError)


def test_a_git_lfs_pointer_is_named_as_such(tmp_path):
    file = tmp_path / 'a.safetensors'
    file.write_text('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n')
    with pytest.raises(ValueError, match=r'a Git LFS pointer, not the file itself: run "git lfs'):
        load_tensors(file, ValueError)


METADATA = {'goal': 'größer\n"schnell"', 'a': '', **{f'key {i}': str(i) for i in range(20)}}


def test_the_same_tensors_are_the_same_bytes_in_every_process():
    program = ('import sys, numpy\nfrom policy_gen_ros.utils.tensors import to_safetensors\n'
               'sys.stdout.buffer.write(to_safetensors({"b": numpy.ones(3), "a": numpy.ones(1, '
               f'numpy.float16)}}, {METADATA!r}))')
    first, second = (subprocess.run([sys.executable, '-c', program], capture_output=True,
                                    check=True).stdout for _ in range(2))
    tensors = {'a': np.ones(1, np.float16), 'b': np.ones(3)}
    backwards = to_safetensors(tensors, dict(reversed(METADATA.items())))
    assert first == second == backwards
    start = 8 + int.from_bytes(first[:8], 'little')
    assert start % 8 == 0
    assert {name: value.tolist() for name, value in load(first).items()} \
        == {name: value.tolist() for name, value in tensors.items()}
    assert to_safetensors(tensors) == save(tensors)


def test_the_library_reads_the_metadata_back(tmp_path):
    save_tensors({'a': np.zeros(2)}, tmp_path / 'a.safetensors', METADATA)
    with safe_open(tmp_path / 'a.safetensors', 'numpy') as file:
        assert file.metadata() == METADATA
