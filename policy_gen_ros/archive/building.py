# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Building what an archive lacks of its chunks, one job each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import Chunk, finished_chunks
from policy_gen_ros.archive.writing import write_chunk
from policy_gen_ros.utils.progress import progress
from policy_gen_ros.utils.workers import run_jobs


class ChunkJob(Protocol):
    """What is to be built: a chunk of this name with so many actors."""

    @property
    def name(self) -> str: ...

    @property
    def count(self) -> int: ...


_Job = TypeVar('_Job', bound=ChunkJob)
_Shared = TypeVar('_Shared')


def build_chunks(path: Path, build: Callable[[_Shared, _Job], Chunk], shared: _Shared,
                 jobs: Sequence[_Job], ray_address: str | None = None) -> None:
    """
    Build and write the chunks that an archive has not yet; a job that fails stops no other.

    :param build, shared, ray_address: see :func:`policy_gen_ros.utils.workers.run_jobs`
    :raises ArchiveError: some jobs failed, after all others are done
    """
    done = set(finished_chunks(path))
    todo = [job for job in jobs if job.name not in done]
    failed: dict[str, Exception] = {}
    with progress(total=sum(job.count for job in jobs), about='actors', unit='actor',
                  done=sum(job.count for job in jobs if job.name in done), at_once=True) as bar:
        for job, chunk in run_jobs(build, shared, todo, ray_address):
            if isinstance(chunk, Exception):
                failed[job.name] = chunk
                continue
            write_chunk(path, job.name, chunk)
            bar.update(job.count)
    if failed:
        name, error = next(iter(failed.items()))
        raise ArchiveError(f'{len(failed)} of {len(todo)} chunks failed; {name}: {error} (the '
                           'same command goes on with what is left)') from error
