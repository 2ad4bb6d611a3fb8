# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Files are whole or absent, and a folder has one writer; also on a full disk and after a kill."""

from __future__ import annotations

from contextlib import contextmanager
import errno
from functools import partial
import os
from pathlib import Path
import resource
import signal
import subprocess
import sys

import numpy as np
from policy_gen_ros.utils.files import (
    atomic_write,
    copy_whole,
    HeldError,
    hold,
    is_pointer,
    LOCK_FILE,
    refuse_pointer,
    whole_folder,
    write_stream,
    write_text,
)
import pytest
import torch

POINTER = ('version https://git-lfs.github.com/spec/v1\n'
           f'oid sha256:{"0" * 64}\nsize 123456\n')
HOLDER = ('import sys, time\nfrom pathlib import Path\n'
          'from policy_gen_ros.utils.files import hold\n'
          'with hold(Path(sys.argv[1])):\n    print("held", flush=True)\n    time.sleep(60)\n')
ROOM = 20_000


@contextmanager
def little_room():
    """
    Let no file grow beyond ROOM, as on a disk that fills up.

    This is no fixture: pytest reports a test before it tears its fixtures down, and its own
    report is often a file larger than ROOM.
    """
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture
def full_disk(tmp_path):
    """Mount a disk of 64 kB."""
    disk = tmp_path / 'disk'
    disk.mkdir()
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', str(disk)],
                      capture_output=True, check=False).returncode:
        pytest.skip('only root can mount a small disk, and not in every container')
    yield disk
    subprocess.run(['umount', str(disk)], check=True)


NOISE = np.random.default_rng(0).standard_normal(40_000)
WRITERS = {
    'bytes': lambda path: atomic_write(path, partial(Path.write_bytes, data=NOISE.tobytes())),
    'npy': lambda path: write_stream(path, partial(np.save, arr=NOISE)),
    'npz': lambda path: write_stream(path, partial(np.savez_compressed, noise=NOISE)),
    'pt': lambda path: write_stream(path, partial(torch.save, {'noise': torch.from_numpy(NOISE)}))}


@pytest.mark.parametrize('kind', WRITERS)
def test_what_does_not_fit_is_named_and_leaves_what_was_there(kind, tmp_path):
    path = tmp_path / f'result.{kind}'
    path.write_text('old')
    with pytest.raises(OSError, match='File too large') as caught, little_room():
        WRITERS[kind](path)
    assert (caught.value.errno, caught.value.filename) == (errno.EFBIG, str(path))
    assert path.read_text() == 'old'
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize('kind', WRITERS)
def test_a_full_disk_is_named_and_keeps_nothing_half_written(kind, full_disk):
    path = full_disk / f'result.{kind}'
    with pytest.raises(OSError, match='No space left on device') as caught:
        WRITERS[kind](path)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
    assert list(full_disk.iterdir()) == []


def test_a_folder_that_does_not_fit_is_named_and_leaves_nothing(full_disk):
    folder = full_disk / 'whole'
    with pytest.raises(OSError, match='No space left') as caught, \
            whole_folder(folder, full_disk / 'partial') as building:
        WRITERS['npy'](building / 'a.npy')
    assert caught.value.filename == str(folder)
    assert list(full_disk.iterdir()) == []


def test_a_missing_source_is_not_blamed_on_the_target(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        copy_whole(tmp_path / 'none', tmp_path / 'copy')
    assert caught.value.filename == str(tmp_path / 'none')
    assert list(tmp_path.iterdir()) == []


def test_pipes_devices_and_links_stay_what_they_are(tmp_path):
    pipe, link = tmp_path / 'pipe', tmp_path / 'link'
    os.mkfifo(pipe)
    with subprocess.Popen(['cat', str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        write_text(pipe, 'through')
        assert reader.communicate()[0] == 'through'
    assert pipe.is_fifo()
    write_text(Path(os.devnull), 'away')
    assert Path(os.devnull).is_char_device()
    link.symlink_to(tmp_path / 'there')
    write_text(link, 'text')
    assert link.is_symlink() and (tmp_path / 'there').read_text() == 'text'


def test_two_who_write_one_file_do_not_mix(tmp_path):
    path = tmp_path / 'file'

    def slowly(own):
        with pytest.raises(HeldError, match=f'{path} is being written by another process'):
            write_text(path, 'second')
        own.write_text('first')

    atomic_write(path, slowly)
    assert path.read_text() == 'first'
    write_text(path, 'third')
    assert path.read_text() == 'third'
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def holder(tmp_path):
    """Start a process that holds a folder."""
    folder = tmp_path / 'folder'
    process = subprocess.Popen([sys.executable, '-c', HOLDER, str(folder)],
                               stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == 'held\n'
    yield folder, process
    process.kill()
    process.wait()


def test_the_second_is_told_who_holds_a_folder(holder):
    folder, process = holder
    with pytest.raises(HeldError, match=f'{folder} is in use by process {process.pid} '), \
            hold(folder):
        pass


def test_a_killed_process_holds_nothing(holder):
    folder, process = holder
    process.kill()
    process.wait()
    assert (folder / LOCK_FILE).exists()
    with hold(folder):
        pass
    assert list(folder.iterdir()) == []


def test_a_forked_child_that_lives_on_does_not_keep_the_lock(tmp_path):
    # The parent speaks for both, once the child has begun.
    both = ('reader, writer = os.pipe()\n    child = os.fork()\n'
            '    os.read(reader, 1) if child else os.write(writer, b".")\n'
            '    if child: print(child')
    program = f'import os\n{HOLDER}'.replace('print("held"', both)
    process = subprocess.Popen([sys.executable, '-c', program, str(tmp_path)],
                               stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    try:
        process.kill()
        process.wait()
        os.kill(child, 0)  # it is there
        with hold(tmp_path):
            pass
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_forked_child_that_ends_leaves_the_lock_to_its_parent(tmp_path):
    with hold(tmp_path):
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
        with pytest.raises(HeldError, match=f'process {os.getpid()} '), hold(tmp_path):
            pass


def test_a_folder_that_was_made_for_nothing_goes_again(tmp_path):
    with pytest.raises(ZeroDivisionError), hold(tmp_path / 'new'):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    (tmp_path / 'file').touch()
    with pytest.raises(ValueError, match='file is a file, not a folder'), hold(tmp_path / 'file'):
        pass


def test_a_pointer_is_known(tmp_path):
    pointer, other = tmp_path / 'pointer', tmp_path / 'other'
    pointer.write_text(POINTER)
    other.write_bytes(b'version 1')
    assert (is_pointer(pointer), is_pointer(other), is_pointer(tmp_path)) == (True, False, False)
    with pytest.raises(KeyError, match=r'pointer is a Git LFS pointer.*run "git lfs pull"'):
        refuse_pointer(pointer, KeyError)
