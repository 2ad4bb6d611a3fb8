# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Jobs run the same on local processes and on a Ray cluster."""

import multiprocessing
import operator
import os
from pathlib import Path
import subprocess
import sys
import time

from policy_gen_ros.utils.workers import _free_core, check_ray, results_of, run_jobs
import pytest
import torch


def scaled(shared, job):
    return shared * job, torch.get_num_threads(), os.getpid()


def slow(shared, job):
    time.sleep(1.0 if job == 1 else 60.0)
    return job


def tell_and_sleep(shared, job):
    print(os.getpid(), flush=True)
    time.sleep(60.0)


def runs(process):
    """Tell whether a process is there and not only waiting for somebody to notice its end."""
    try:
        return Path(f'/proc/{process}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False


def failing(shared, job):
    raise ValueError(f'job {job} of {shared} fails')


def test_all_jobs_run_in_other_processes_on_one_thread_each():
    results = dict(run_jobs(scaled, 10, [1, 2, 3, 4, 5]))
    assert {job: value for job, (value, _, _) in results.items()} == {
        1: 10, 2: 20, 3: 30, 4: 40, 5: 50}
    assert {threads for _, threads, _ in results.values()} == {1}
    assert os.getpid() not in {process for _, _, process in results.values()}


@pytest.mark.parametrize('cores', [1, 2])
def test_results_come_in_the_order_of_their_jobs(cores, monkeypatch):
    own = sorted(os.sched_getaffinity(0))
    monkeypatch.setattr(os, 'sched_getaffinity', lambda process: set(own[:cores]))
    results = results_of(scaled, 10, [3, 1, 2])
    assert [value for value, _, _ in results] == [30, 10, 20]
    assert {threads for _, threads, _ in results} == {1}
    here = {process == os.getpid() for _, _, process in results}
    assert here == {cores == 1 or len(own) == 1}
    with pytest.raises(ValueError, match=r'job [78] of 10 fails'):
        results_of(failing, 10, [7, 8])


def total(shared, job):
    return float(shared.sum()) * job


@pytest.mark.parametrize(('taken', 'expected'), [
    ('true', '{1: 250000.0, 2: 500000.0}\n'),
    ('dd if=/dev/zero of=/dev/shm/all bs=4k', '/dev/shm: No space left on device\n')])
def test_a_container_has_little_shared_memory(taken, expected):
    if subprocess.run(['unshare', '-m', 'true'], capture_output=True, check=False).returncode:
        pytest.skip('only root may mount a small /dev/shm of its own')
    program = ('import torch\nimport test_workers\n'
               'from policy_gen_ros.utils.workers import run_jobs\n'
               'if __name__ == "__main__":\n'
               '    try:\n'
               '        print(dict(sorted(run_jobs(test_workers.total, torch.ones(250000), [1, 2]'
               '))))\n'
               '    except OSError as error:\n'
               '        print(f"{error.filename}: {error.strerror}")\n')
    mounted = f'mount -t tmpfs -o size=64k tmpfs /dev/shm && {{ {taken}; "$0" -c "$1"; }}'
    done = subprocess.run(
        ['unshare', '-m', 'sh', '-c', mounted, sys.executable, program], capture_output=True,
        text=True, check=False, timeout=200,
        env={**os.environ, 'PYTHONPATH': os.pathsep.join([str(Path(__file__).parent), *sys.path])})
    assert done.stdout == expected, done.stderr


def test_no_jobs_need_no_workers():
    assert list(run_jobs(scaled, 1, [])) == []


def test_a_failing_job_is_handed_on_and_stops_no_other():
    results = dict(run_jobs(failing, 3, [7, 8]))
    assert {job: str(error) for job, error in results.items()} == {
        7: 'job 7 of 3 fails', 8: 'job 8 of 3 fails'}


def test_workers_end_when_nobody_listens_any_more():
    jobs = run_jobs(slow, 1, [1, 2, 3, 4, 5, 6])
    next(jobs)
    started = time.perf_counter()
    jobs.close()
    assert time.perf_counter() - started < 5.0
    assert multiprocessing.active_children() == []


def test_workers_end_with_a_build_that_is_killed():
    program = ('from policy_gen_ros.utils.workers import run_jobs\n'
               'import test_workers\n'
               'for _ in run_jobs(test_workers.tell_and_sleep, 0, [1, 2]): pass')
    build = subprocess.Popen([sys.executable, '-c', program], stdout=subprocess.PIPE, text=True,
                             env={**os.environ, 'PYTHONPATH': str(Path(__file__).parent)})
    assert build.stdout is not None
    worker = int(build.stdout.readline())
    assert runs(worker)
    build.kill()
    build.wait()
    for _ in range(100):
        if not runs(worker):
            return
        time.sleep(0.1)
    pytest.fail('the worker goes on without the build')


def test_ray_gives_the_same_results():
    pytest.importorskip('ray', reason='Ray is optional and not installed here')
    # Ray's workers import what they run: a function of this file they would not find.
    results = dict(run_jobs(operator.mul, 10, [1, 2, 3], ray_address='local'))
    assert results == {1: 10, 2: 20, 3: 30}


def test_a_ray_cluster_that_is_not_there_is_named():
    pytest.importorskip('ray', reason='Ray is optional and not installed here')
    with pytest.raises(ValueError, match=r'no Ray cluster answers at 127\.0\.0\.1:1'):
        check_ray('127.0.0.1:1')


def test_tasks_of_a_cluster_take_cores_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path))
    with _free_core([3, 5]) as one, _free_core([3, 5]) as other, _free_core([3, 5]) as third:
        assert (one, other, third) == (3, 5, 3)
    with _free_core([3, 5]) as again:
        assert again == 3
