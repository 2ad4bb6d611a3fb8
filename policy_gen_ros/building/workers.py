"""Running many independent jobs: one process a core, or a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import as_completed, ProcessPoolExecutor
import logging
import multiprocessing
import os
import socket
from typing import Any, TypeVar

import torch

Job = TypeVar('Job')
Result = TypeVar('Result')
Shared = TypeVar('Shared')

_shared: Any = None


def run_jobs(work: Callable[[Shared, Job], Result], shared: Shared, jobs: list[Job],
             ray_address: str | None = None) -> Iterator[tuple[Job, Result]]:
    """
    Yield each job with its result as soon as it is done, in any order.

    Jobs see one core each: threads of torch and MuJoCo would only wait for each other.

    :param work: a module-level function of ``shared`` and a job
    :param shared: what all jobs read; sent once to each worker
    :param ray_address: of a running Ray cluster, or ``local`` to start one here
    :raises ValueError: Ray is asked for but not installed, or no cluster answers there
    """
    if not jobs:
        return iter(())
    if ray_address is not None:
        return _run_on_ray(work, shared, jobs, ray_address)
    return _run_here(work, shared, jobs)


def _run_here(work: Callable[[Shared, Job], Result], shared: Shared,
              jobs: list[Job]) -> Iterator[tuple[Job, Result]]:
    spawn = multiprocessing.get_context('spawn')
    cores: Any = spawn.Queue()
    available = sorted(os.sched_getaffinity(0))[:len(jobs)]
    for core in available:
        cores.put(core)
    with ProcessPoolExecutor(len(available), spawn, initializer=_start_worker,
                             initargs=(cores, shared)) as pool:
        futures = {pool.submit(_work_on, work, job): job for job in jobs}
        try:
            for future in as_completed(futures):
                # Finished results are large: let go of each once it is handed on.
                yield futures.pop(future), future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _start_worker(cores: Any, shared: Any) -> None:
    global _shared
    os.sched_setaffinity(0, {cores.get()})
    torch.set_num_threads(1)
    _shared = shared


def _work_on(work: Callable[[Any, Job], Result], job: Job) -> Result:
    return work(_shared, job)


def _run_on_ray(work: Callable[[Shared, Job], Result], shared: Shared, jobs: list[Job],
                address: str) -> Iterator[tuple[Job, Result]]:
    try:
        import ray
    except ImportError as error:
        raise ValueError('--ray needs Ray: pip install ray') from error
    _check_answers(address)
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


def _check_answers(address: str) -> None:
    """Ray itself goes on trying for five minutes."""
    host, colon, port = address.removeprefix('ray://').rpartition(':')
    if not colon:
        return
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except (OSError, ValueError) as error:
        raise ValueError(f'no Ray cluster answers at {address}: {error}') from error


def _ray_work(work: Callable[[Any, Job], Result], shared: Any, job: Job) -> Result:
    torch.set_num_threads(1)
    return work(shared, job)
