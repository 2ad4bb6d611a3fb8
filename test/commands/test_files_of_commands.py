# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Commands and files: one writer a folder, full disks, pointers, places that cannot be used."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys

from policy_gen_ros.archive.store import Archive
from policy_gen_ros.commands.main import main
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.domains.go2.standing import standing_actor
from policy_gen_ros.generation.bundle import bundle_path, read_info
from policy_gen_ros.utils.files import hold
import pytest
from small_archive import write_small_archive

POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'


def shipped_spec() -> ActorSpec:
    return ActorSpec.of_layers(2.0, read_info(bundle_path()).layer_sizes)


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return write_small_archive(tmp_path_factory.mktemp('archive') / 'small')


@pytest.mark.parametrize('command', [
    'archive build {held} --set clones=8', 'archive export {archive} {held} --format torch',
    'archive import {actors} {held} --spec policy_gen',
    'train --archive {archive} --output {held} --preset debug',
    'train --archive {archive} --output {held} --preset policy_diffusion',
    'finetune --output {held}', 'evaluate --quick --output {held}'])
def test_a_folder_that_another_process_writes_is_refused_at_once(command, archive, tmp_path,
                                                                 capsys):
    held, actors = tmp_path / 'held', tmp_path / 'actors'
    actors.mkdir()
    (actors / 'a.safetensors').write_bytes(
        standing_actor(shipped_spec(), '').to_bytes())
    words = command.format(held=held, archive=archive, actors=actors).split()
    with hold(held):
        before = sorted(held.iterdir())
        assert main([*words, '--quiet']) == 2
        assert sorted(held.iterdir()) == before
    error = capsys.readouterr().err
    assert error.splitlines()[-1].startswith(
        f'policy_gen: {held} is in use by process {os.getpid()} ('), error
    assert error.endswith('): wait for it, stop it, or choose another folder\n')


def test_a_result_that_does_not_fit_is_one_line_and_nothing_half_written(tmp_path):
    actor = tmp_path / 'actor.safetensors'

    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))

    done = subprocess.run(
        [sys.executable, '-m', 'policy_gen_ros.commands.main', 'generate', '--measures',
         'vx_mps=0.3', '-o', str(actor)], capture_output=True, text=True, preexec_fn=little_room,
        timeout=200, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == \
        f'policy_gen: {actor}: File too large (files may not be that large here: see "ulimit -f")'
    assert 'Traceback' not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(('command', 'file'), [
    ('rollout {pointer}', 'actor.safetensors'),
    ('generate --trajectory {pointer} -o x.safetensors', 'clip.npz'),
    ('generate --bag {pointer} -o x.safetensors', 'walk.mcap'),
    ('evaluate --quick --adaptor {pointer}', 'adaptor.safetensors'),
    ('evaluate --quick --adaptor {pointer}', 'adaptation_module_latest.jit'),
    ('train --archive {archive} --text-encoder {folder}', 'model.safetensors')])
def test_a_git_lfs_pointer_is_named_with_its_cure(command, file, archive, tmp_path, capsys):
    pointer = tmp_path / file
    pointer.write_text(POINTER)
    words = command.format(pointer=pointer, folder=tmp_path, archive=archive).split()
    assert main([*words, '--quiet']) == 2
    assert capsys.readouterr().err == f'policy_gen: {pointer} is a Git LFS pointer, not the ' \
        'file itself: run "git lfs pull" where it was cloned\n'


@pytest.mark.parametrize('file', ['generator.safetensors', 'coverage.safetensors'])
def test_a_bundle_of_pointers_is_named_as_such(file, tmp_path, capsys):
    bundle = shutil.copytree(bundle_path(), tmp_path / 'bundle')
    (bundle / file).write_text(POINTER)
    assert main(['generate', '--measures', 'vx_mps=0.3', '--bundle', str(bundle), '-o',
                 str(tmp_path / 'x.safetensors')]) == 2
    assert f'policy_gen: {bundle / file} is a Git LFS pointer' in capsys.readouterr().err


def test_an_archive_of_pointers_is_listed_as_such(archive, tmp_path, capsys):
    copy = shutil.copytree(archive, tmp_path / 'copy')
    (copy / 'chunks/ppo-01/weights.npy').write_text(POINTER)
    assert main(['archive', 'info', str(copy), '--json', str(tmp_path / 'result')]) == 1
    assert capsys.readouterr().out == 'chunks/ppo-01/weights.npy is a Git LFS pointer, not the ' \
        'file itself: run "git lfs pull" where it was cloned\n'
    (copy / 'chunks/ppo-01/measures.npy').write_text(POINTER)
    with pytest.raises(ValueError, match=r'measures\.npy is a Git LFS pointer'):
        _ = Archive(copy).measures


@pytest.mark.parametrize(('command', 'message'), [
    ('generate --measures vx_mps=0.3 --bundle {file} -o x.safetensors', 'no bundle at {file}'),
    ('archive info {file}', 'no policy archive at {file}'),
    ('archive export {archive} {file} --format torch', '{file} is a file, not a folder'),
    ('evaluate --quick --output {file}', '{file} is a file, not a folder'),
    ('train --archive {archive} --output {file} --preset debug', '{file} is a file, not a folder'),
    ('rollout {file} --json {folder}', '--json: {folder} is a folder: add the name of a file')])
def test_a_place_of_another_kind_is_one_line(command, message, archive, tmp_path, capsys):
    names = {'file': tmp_path / 'file', 'folder': tmp_path, 'archive': archive}
    names['file'].write_text('text')
    assert main([*command.format(**names).split(), '--quiet']) == 2
    error = capsys.readouterr().err
    assert error.startswith(f'policy_gen: {message.format(**names)}')
    assert len(error.splitlines()) == 1
    assert names['file'].read_text() == 'text'


def test_json_may_go_to_a_device(capsys, tmp_path):
    actor = tmp_path / 'stand.safetensors'
    actor.write_bytes(standing_actor(shipped_spec(), '').to_bytes())
    done = subprocess.run(
        [sys.executable, '-m', 'policy_gen_ros.commands.main', 'rollout', str(actor), '--seconds',
         '2', '--json', '/dev/stderr'], capture_output=True, text=True, timeout=200, check=True)
    assert json.loads(done.stderr)['survived']
