"""Jobs run the same on local processes and on a Ray cluster."""

import operator
import os

from policy_gen_ros.building.workers import run_jobs
import pytest
import torch


def scaled(shared, job):
    return shared * job, torch.get_num_threads(), os.getpid()


def failing(shared, job):
    raise ValueError(f'job {job} of {shared} fails')


def test_all_jobs_run_in_other_processes_on_one_thread_each():
    results = dict(run_jobs(scaled, 10, [1, 2, 3, 4, 5]))
    assert {job: value for job, (value, _, _) in results.items()} == {
        1: 10, 2: 20, 3: 30, 4: 40, 5: 50}
    assert {threads for _, threads, _ in results.values()} == {1}
    assert os.getpid() not in {process for _, _, process in results.values()}


def test_no_jobs_need_no_workers():
    assert list(run_jobs(scaled, 1, [])) == []


def test_a_failing_job_is_reported():
    with pytest.raises(ValueError, match='job 7 of 3 fails'):
        list(run_jobs(failing, 3, [7]))


def test_ray_gives_the_same_results():
    pytest.importorskip('ray', reason='Ray is optional and not installed here')
    # Ray's workers import what they run: a function of this file they would not find.
    results = dict(run_jobs(operator.mul, 10, [1, 2, 3], ray_address='local'))
    assert results == {1: 10, 2: 20, 3: 30}


def test_a_ray_cluster_that_is_not_there_is_named():
    pytest.importorskip('ray', reason='Ray is optional and not installed here')
    with pytest.raises(ValueError, match=r'no Ray cluster answers at 127\.0\.0\.1:1'):
        list(run_jobs(scaled, 10, [1], ray_address='127.0.0.1:1'))
