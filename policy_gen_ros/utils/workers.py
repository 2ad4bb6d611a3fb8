# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Running many independent jobs: one process a core, or a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import as_completed, ProcessPoolExecutor
from contextlib import contextmanager, ExitStack
import fcntl
import logging
import multiprocessing
import os
from pathlib import Path
import pickle
import socket
import tempfile
import threading
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits
import torch

Job = TypeVar('Job')
Result = TypeVar('Result')
Shared = TypeVar('Shared')

_shared: Any = None
SEMAPHORES = '/dev/shm'
"""Where Linux keeps what processes wait for each other with."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch and BLAS add up in one thread: the same sums in the same order everywhere."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)


def run_jobs(work: Callable[[Shared, Job], Result], shared: Shared, jobs: list[Job],
             ray_address: str | None = None) -> Iterator[tuple[Job, Result | Exception]]:
    """
    Yield each job with its result, or what it raised, as soon as it is done, in any order.

    Jobs see one core each: threads of torch and MuJoCo would only wait for each other. When the
    caller stops listening, running jobs are ended.

    :param work: a module-level function of ``shared`` and a job
    :param shared: what all jobs read; sent once to each worker
    :param ray_address: of a running Ray cluster, or ``local`` to start one here
    :raises OSError: there is no room for semaphores in /dev/shm
    """
    if not jobs:
        return iter(())
    if ray_address is not None:
        return _run_on_ray(work, shared, jobs, ray_address)
    return _run_here(work, shared, jobs)


def results_of(work: Callable[[Shared, Job], Result], shared: Shared,
               jobs: list[Job]) -> list[Result]:
    """
    Return the results of jobs, in their order; arguments as of :func:`run_jobs`.

    One job, or all on one core, runs in this process: a worker takes seconds to start. What a job
    raises is raised.
    """
    if len(jobs) == 1 or len(os.sched_getaffinity(0)) == 1:
        with one_thread():
            return [work(shared, job) for job in jobs]
    place = {id(job): number for number, job in enumerate(jobs)}
    done: dict[int, Result] = {}
    for job, result in run_jobs(work, shared, jobs):
        if isinstance(result, Exception):
            raise result
        done[place[id(job)]] = result
    return [done[number] for number in range(len(jobs))]


def _run_here(work: Callable[[Shared, Job], Result], shared: Shared,
              jobs: list[Job]) -> Iterator[tuple[Job, Result | Exception]]:
    spawn = multiprocessing.get_context('spawn')
    available = sorted(os.sched_getaffinity(0))[:len(jobs)]
    before = set(multiprocessing.active_children())
    # By value: multiprocessing lays tensors in shared memory, and containers have little.
    copied = pickle.dumps(shared)
    try:
        cores: Any = spawn.Queue()
        pool = ProcessPoolExecutor(len(available), spawn, initializer=_start_worker,
                                   initargs=(cores, copied))
    except OSError as error:
        raise OSError(error.errno, error.strerror, SEMAPHORES) from error
    for core in available:
        cores.put(core)
    try:
        futures = {pool.submit(_work_on, work, job): job for job in jobs}
        for future in as_completed(futures):
            # Finished results are large: let go of each once it is handed on.
            yield futures.pop(future), future.result()
        pool.shutdown()
    finally:
        for worker in set(multiprocessing.active_children()) - before:
            worker.terminate()
        # The pool joins its own: two who wait for one process race for its exit.
        pool.shutdown(cancel_futures=True)


def _start_worker(cores: Any, copied: bytes) -> None:
    global _shared
    os.sched_setaffinity(0, {cores.get()})
    _shared = pickle.loads(copied)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A build that is killed has no time to end its workers, and a second one may follow at once.
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _work_on(work: Callable[[Any, Job], Result], job: Job) -> Result | Exception:
    return _attempt(work, _shared, job)


def _attempt(work: Callable[[Any, Job], Result], shared: Any, job: Job) -> Result | Exception:
    with one_thread():
        try:
            return work(shared, job)
        except Exception as error:  # whatever it is, the other jobs go on
            return error


def _run_on_ray(work: Callable[[Shared, Job], Result], shared: Shared, jobs: list[Job],
                address: str) -> Iterator[tuple[Job, Result | Exception]]:
    import ray

    ray.init(address=None if address == 'local' else address, log_to_driver=False,
             include_dashboard=False, logging_level=logging.ERROR)
    try:
        reference = ray.put(shared)
        task: Any = ray.remote(num_cpus=1)(_ray_work)
        waiting = {task.remote(work, reference, job): job for job in jobs}
        while waiting:
            done, _ = ray.wait(list(waiting), num_returns=1)
            yield waiting.pop(done[0]), ray.get(done[0])
    finally:
        ray.shutdown()


def _ray_work(work: Callable[[Any, Job], Result], shared: Any, job: Job) -> Result | Exception:
    # Ray counts cores but does not hold a task to one; MuJoCo takes all that it may.
    own = sorted(os.sched_getaffinity(0))
    with _free_core(own) as core:
        os.sched_setaffinity(0, {core})
        try:
            return _attempt(work, shared, job)
        finally:
            os.sched_setaffinity(0, own)


@contextmanager
def _free_core(cores: list[int]) -> Iterator[int]:
    """Take a core that no other task of this user has; the first where all are taken."""
    with ExitStack() as stack:
        for core in cores:
            path = Path(tempfile.gettempdir()) / f'policy_gen_core_{os.getuid()}_{core}.lock'
            file = stack.enter_context(path.open('w'))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield core
            return
        yield cores[0]


def check_ray(address: str) -> None:
    """
    Find out early whether a Ray cluster can be used.

    :raises ValueError: Ray is not installed, or no cluster answers there
    """
    try:
        import ray  # noqa: F401
    except ImportError as error:
        raise ValueError('--ray needs Ray: pip install ray') from error
    host, colon, port = address.removeprefix('ray://').rpartition(':')
    if not colon:
        return
    try:
        # Ray itself would go on trying for five minutes.
        socket.create_connection((host, int(port)), timeout=5).close()
    except (OSError, ValueError) as error:
        raise ValueError(f'no Ray cluster answers at {address} ({error}): start one with "ray '
                         'start --head", or give --ray local') from error
