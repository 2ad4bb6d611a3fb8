# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Files that are whole or absent, and folders that one process at a time writes into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
import fcntl
import os
from pathlib import Path
import shlex
import shutil
import sys
from typing import BinaryIO

LOCK_FILE = '.lock'
_POINTER = b'version https://git-lfs.github.com/spec/'


class HeldError(ValueError):
    """Another process writes there at this moment. The message names the place and the process."""


def atomic_write(path: Path, write: Callable[[Path], object]) -> None:
    """
    Let ``write`` fill a temporary file, then give it its name.

    What fails leaves nothing behind, and a job that is killed while it writes leaves nothing that
    a later run would take for finished. What has its name is on the disk. A pipe or a device, such
    as /dev/stdout, is written to as it is.

    :raises OSError: it cannot be written; ``filename`` is the path
    :raises HeldError: another process writes the same file
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        with _named(path, path):
            write(path)
        return
    whole = Path(os.path.realpath(path))  # a link goes on pointing there
    partial = whole.with_name(f'partial_{whole.name}')
    with _named(path, partial):
        try:
            file = _open_locked(partial)
        except BlockingIOError:
            raise HeldError(f'{path} is being written by another process: wait for it, or choose '
                            'another name') from None
        with file:
            try:
                file.truncate(0)
                write(partial)
                os.fsync(file.fileno())
                partial.replace(whole)
            except BaseException:
                with suppress(OSError):
                    partial.unlink()
                raise


def write_stream(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write`` fill a file that is open; otherwise as :func:`atomic_write`."""
    def fill(partial: Path) -> None:
        # Not only for writing: NumPy would go round this object, and lose why writing fails.
        with partial.open('wb' if partial == path else 'w+b') as file:
            write(file)

    atomic_write(path, fill)


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes as :func:`atomic_write` does."""
    atomic_write(path, lambda partial: partial.write_bytes(data))


def write_text(path: Path, text: str) -> None:
    """Write text in UTF-8 as :func:`atomic_write` does."""
    write_bytes(path, text.encode())


def copy_whole(source: Path, path: Path) -> None:
    """Copy a file as :func:`atomic_write` writes one."""
    atomic_write(path, lambda partial: shutil.copyfile(source, partial))


@contextmanager
def whole_folder(folder: Path, partial: Path) -> Iterator[Path]:
    """
    Give a folder to fill, which then gets its name; what fails leaves nothing behind.

    :param partial: what it is called before; removed first if it is there
    :raises OSError: it cannot be written; ``filename`` is the path
    """
    with _named(folder, partial):
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir(parents=True)
        try:
            yield partial
            partial.rename(folder)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


@contextmanager
def _named(path: Path, partial: Path) -> Iterator[None]:
    """Let what goes wrong with a file or folder name what the user knows of, not the partial."""
    try:
        yield
    except (OSError, RuntimeError) as failure:
        # torch hides behind an error of its own why its file could not be written.
        error = failure if isinstance(failure, OSError) else failure.__context__
        if not isinstance(error, OSError) \
                or not str(error.filename or partial).startswith(str(partial)):
            raise
        if error.errno is None:
            raise OSError(f'{path}: {error}') from error
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """
    Let no other process write into a folder, which is made if it is not there.

    The lock is the kernel's and ends with this process, however that ends; processes that it
    starts do not have it. A file system without locks (some NFS) lets everybody in.

    :raises HeldError: another process holds it
    :raises ValueError: it is a file
    :raises OSError: nothing can be written there
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f'{folder} is a file, not a folder')
    made, lock = not folder.exists(), folder / LOCK_FILE
    folder.mkdir(parents=True, exist_ok=True)
    with _named(folder, lock):
        try:
            file = _open_locked(lock)
        except BlockingIOError:
            raise HeldError(f'{folder} is in use by {_holder(lock)}: wait for it, stop it, or '
                            'choose another folder') from None
    _held.add(file)
    try:
        with suppress(OSError):  # a full disk is no reason to let others in
            file.truncate(0)
            file.write(f'{os.getpid()}\n{os.uname().nodename}\n{_command()}\n'.encode())
            file.flush()
        yield
    finally:
        _held.discard(file)
        with suppress(OSError):
            lock.unlink()
            if made:
                folder.rmdir()  # fails where something was written
        with suppress(OSError):
            file.close()


_held: set[BinaryIO] = set()
"""Lock files of this process."""


def _leave_to_parent() -> None:
    for file in _held:
        file.close()  # its own handle only: the lock stays with the parent
    _held.clear()


os.register_at_fork(after_in_child=_leave_to_parent)


def _open_locked(path: Path) -> BinaryIO:
    """
    Open a file for writing, with what is in it, and lock it.

    :raises BlockingIOError: another process has it locked
    """
    while True:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), 'r+b')
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise
        except OSError:
            return file  # no locks on this file system
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        file.close()  # who had it before has just removed or renamed it


def _holder(lock: Path) -> str:
    """Name the process that wrote a lock file."""
    with suppress(OSError, ValueError):
        process, host, command = lock.read_text().splitlines()
        elsewhere = '' if host == os.uname().nodename else f' on {host}'
        return f'process {process}{elsewhere} ({command})'
    return 'another process'


def _command() -> str:
    """Return how this process was started, on one line."""
    words = [Path(sys.argv[0] or sys.executable).name, *sys.argv[1:]]
    return ' '.join(shlex.join(words).split())


def is_pointer(path: Path) -> bool:
    """Whether a file is only a Git LFS pointer to what it should be."""
    try:
        if not path.is_file():
            return False
        with path.open('rb') as file:
            return file.read(len(_POINTER)) == _POINTER
    except OSError:
        return False  # whoever reads it says why not


POINTER = 'is a Git LFS pointer, not the file itself: run "git lfs pull" where it was cloned'


def refuse_pointer(path: Path, error: type[Exception]) -> None:
    """
    Make sure, before a file is read, that it is not only a Git LFS pointer.

    :param error: what is raised where it is
    """
    if is_pointer(path):
        raise error(f'{path} {POINTER}')
