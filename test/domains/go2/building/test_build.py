# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The archive engine end to end, tiny: screen, clone, judge, caption, store, resume, repeat."""

from dataclasses import replace
import json
import shutil

import numpy as np
from policy_gen_ros.archive import building
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building import base_policies as foundation_module
from policy_gen_ros.domains.go2.building import build
from policy_gen_ros.domains.go2.building import collect as collect_module
from policy_gen_ros.domains.go2.building.base_config import (
    BaseWeightsTraining,
    PRACTICE,
    ScreeningConfig,
)
from policy_gen_ros.domains.go2.building.base_policies import BasePolicies
from policy_gen_ros.domains.go2.building.build import (
    build_archive,
    build_chunk,
    plan_chunks,
    spread_elites,
)
from policy_gen_ros.domains.go2.building.clone import CloningBase
from policy_gen_ros.domains.go2.building.collect import collect, StateBatch
from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig
from policy_gen_ros.domains.go2.building.learn_base import common_start, ConditionedPolicy
from policy_gen_ros.domains.go2.building.screen import screened_walks
from policy_gen_ros.domains.go2.building.search import Elites, encode
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES
from policy_gen_ros.domains.go2.robot.observation import OBSERVATION_DIM
from policy_gen_ros.domains.go2.shipped import SHIPPED_FOUNDATION
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation, RANDOMISED
from policy_gen_ros.utils.config import ConfigError, updated
import pytest
import torch
from wide_latent import TWO_VALUE_ADAPTOR

SHORT = {'rounds': 1, 'steps': 20, 'ticks': 20}
STAGE = {'stages': 5, 'robots': 4, 'iterations': 1, 'horizon': 10}
SMALL = updated(Go2ArchiveConfig(), {
    'clones': 4, 'specialists': 4, 'runs': 1, 'chunk_size': 4, 'cloning': SHORT, 'run': STAGE,
    'checkpoints': [0.0, 1.0]})
FIRST_BIAS = slice(OBSERVATION_DIM * 192, (OBSERVATION_DIM + 1) * 192)


def stay_here(patch):
    """Build in this process, and any gait."""
    patch.setattr(build, 'screened_walks', lambda _, __, count, ___, seed, family=None:
                  sample_walks(count, np.random.default_rng(seed)))
    patch.setattr(building, 'run_jobs', lambda work, shared, jobs, _: (
        (job, work(shared, job)) for job in jobs))


@pytest.fixture(scope='module')
def foundation():
    """Make a base that has learned nothing, and ten elites within the teacher's range."""
    torch.manual_seed(0)
    rng, adaptor = np.random.default_rng(0), Adaptor.load(TWO_VALUE_ADAPTOR)
    gaits, command = sample_walks(10, rng)
    pool = StateBatch.concatenate(collect(None, gaits, command, adaptor, 40, 0))
    measures = np.concatenate([np.arange(10)[:, None] % 5, rng.random((10, 5))], axis=1)
    elites = Elites(encode(gaits, command[:, 0]), rng.random(10), measures)
    base = ConditionedPolicy()
    start = common_start(base, pool, BaseWeightsTraining(steps=50), 0)
    return BasePolicies(CloningBase(base, start, pool, adaptor), elites)


@pytest.fixture(scope='module')
def built(foundation, tmp_path_factory):
    """Build one chunk of clones, one of specialists and one reinforced run, in this process."""
    path = tmp_path_factory.mktemp('archive')
    with pytest.MonkeyPatch.context() as patch:
        stay_here(patch)
        patch.setattr(build, 'prepare_base_policies', lambda *_, **__: foundation)
        build_archive(path, SMALL, 'test')
    return path


def test_clones_and_specialists_are_built_judged_and_described(built):
    archive = Archive(built)
    assert archive.source.tolist() == ['clone'] * 4 + ['reinforced'] * 2 + ['specialist'] * 4
    assert archive.run.tolist() == ['base-0'] * 4 + ['ppo-00'] * 2 + ['search-0'] * 4
    assert archive.progress.tolist() == [1] * 4 + [0, 1] + [1] * 4
    assert ((archive.survived >= 0) & (archive.survived <= 1)).all()
    assert archive.trajectory.shape == (10, 4, 200, 42)
    assert all(len(words) > 0 for actor in archive.captions for words in actor)
    assert archive.damage() == []


def test_actors_meet_what_the_base_policy_withstands(foundation, monkeypatch):
    assert SMALL.cloning.perturbation == SMALL.run.perturbation == PRACTICE
    assert SMALL.screening.perturbation == SMALL.robust.finetuning.perturbation == PRACTICE
    assert SMALL.evaluation.perturbation == RANDOMISED
    ground = Perturbation(payload_kg=(1.0, 1.0), variants=2)
    config = replace(SMALL, cloning=replace(SMALL.cloning, perturbation=ground))
    met, genuine = [], collect_module.BatchTwin

    def twin(count, seed, perturbation, **options):
        met.append(perturbation)
        return genuine(count, seed, perturbation, **options)

    stay_here(monkeypatch)
    monkeypatch.setattr(collect_module, 'BatchTwin', twin)
    job = next(job for job in plan_chunks(config, foundation) if job.source == 'specialist')
    build_chunk((foundation, config), job)
    assert met == [ground, ground]  # of the clones, and of the states that are stored


def test_an_actor_is_stored_as_it_was_judged(built, foundation):
    archive = Archive(built)
    stored = archive.weights[0]
    assert np.array_equal(stored, stored.astype(np.float16))
    assert np.array_equal(archive.actor(0).to_vector(), stored.astype(np.float32))


def test_cloning_moves_every_actor_away_from_the_common_start(built, foundation):
    origin = np.concatenate([part.ravel() for layer in foundation.shared.base_weights
                             for part in layer])
    moved = Archive(built).weights[np.arange(10)].astype(np.float32) - origin
    assert (np.abs(moved).max(axis=1) > 0.01).all()
    # Not a gait vector in disguise: the first bias holds a small part of the variance only.
    variance = moved.var(axis=0)
    assert variance[FIRST_BIAS].sum() < 0.2 * variance.sum()


def test_the_same_job_gives_the_same_bytes(built, foundation, monkeypatch):
    stay_here(monkeypatch)
    job = plan_chunks(SMALL, foundation)[0]
    again = build_chunk((foundation, SMALL), job)
    archive = Archive(built)
    assert np.array_equal(again.arrays['weights'], archive.weights[np.arange(4)])
    assert np.array_equal(again.arrays['measures'], archive.measures[:4], equal_nan=True)
    assert again.captions[0] == archive.captions[0]


def test_a_build_goes_on_where_it_stopped_and_may_grow(built, foundation, monkeypatch, tmp_path):
    stay_here(monkeypatch)
    built = shutil.copytree(built, tmp_path / 'built')
    assert (Archive(built).complete, Archive(built).planned) == (True, 10)
    before = {f: f.stat().st_mtime_ns for f in (built / 'chunks').rglob('*.npy')}
    asked = []

    def record(_, __, jobs, ___):
        asked.extend(jobs)
        return iter(())

    monkeypatch.setattr(build, 'prepare_base_policies', lambda *_, **__: foundation)
    monkeypatch.setattr(building, 'run_jobs', record)
    build_archive(built, SMALL, 'asked again')
    assert asked == [] and Archive(built).provenance['command'] == 'test'
    build_archive(built, replace(SMALL, clones=8), 'larger')
    assert [job.name for job in asked] == ['clone-0001']
    grown = Archive(built)
    assert (grown.complete, grown.built, grown.planned) == (False, 10, 14)
    assert (grown.damage(), grown.provenance['command']) == ([], 'larger')
    with pytest.raises(ArchiveError, match='begun with clones 8, and cannot shrink to 4'):
        build_archive(built, SMALL, 'test')
    assert before == {f: f.stat().st_mtime_ns for f in (built / 'chunks').rglob('*.npy')}


def test_an_archive_stands_on_one_foundation(built, foundation, monkeypatch):
    monkeypatch.setattr(build, 'prepare_base_policies', lambda *_, **__: foundation)
    other = updated(SMALL, {'base': {'finetuning': {'stages': 3}}})
    with pytest.raises(ArchiveError, match=r'begun with base.finetuning.stages 120, not 3'):
        build_archive(built, other, 'test')


def test_a_failing_chunk_stops_no_other(foundation, monkeypatch, tmp_path):
    stay_here(monkeypatch)
    monkeypatch.setattr(build, 'prepare_base_policies', lambda *_, **__: foundation)
    monkeypatch.setattr(building, 'run_jobs', lambda work, shared, jobs, _: (
        (job, ValueError('too bad') if job.source == 'clone' else work(shared, job))
        for job in jobs))
    with pytest.raises(ArchiveError, match='1 of 3 chunks failed; clone-0000: too bad'):
        build_archive(tmp_path, SMALL, 'test')
    assert sorted(set(Archive(tmp_path).source)) == ['reinforced', 'specialist']


def test_an_archive_without_specialists_needs_no_search(foundation):
    jobs = plan_chunks(replace(SMALL, specialists=0), replace(foundation, elites=None))
    assert [job.source for job in jobs] == ['clone', 'reinforced']


def test_reinforced_runs_take_turns_in_the_families(foundation):
    count = len(GAIT_FAMILIES)
    jobs = plan_chunks(replace(SMALL, runs=2 * count), foundation)
    assert [job.family for job in jobs if job.source == 'reinforced'] == 2 * [*range(count)]


def test_a_folder_that_something_else_began_is_refused(foundation, monkeypatch, tmp_path):
    (tmp_path / 'foundation').mkdir()
    with pytest.raises(ArchiveError, match='that "archive build" did not begin'):
        build_archive(tmp_path, SMALL, 'test')


def test_elites_are_chosen_from_all_cells_first():
    measures = np.zeros((50, 6))
    measures[:, 0] = np.arange(50) % len(GAIT_FAMILIES)
    measures[:, 1] = np.where(np.arange(50) < 40, 0.1, 0.9)
    chosen = spread_elites(measures, 2 * len(GAIT_FAMILIES), 5, 0)
    cells = {(row[0], row[1]) for row in measures[chosen]}
    assert len(cells) == 2 * len(GAIT_FAMILIES)
    assert len(set(spread_elites(measures, 50, 5, 0).tolist())) == 50


def test_a_base_that_cannot_walk_is_named(foundation):
    with pytest.raises(ValueError, match='walks less than one in 4 of the drawn gaits'):
        screened_walks(foundation.shared.base, foundation.shared.adaptor, 2,
                       ScreeningConfig(draws=2), 0)


def test_sizes_that_make_no_sense_are_refused():
    with pytest.raises(ConfigError, match='clones is 0: Input should be greater'):
        updated(SMALL, {'clones': 0})


@pytest.mark.parametrize(('from_scratch', 'seed', 'taken'), [
    (False, 0, True), (True, 0, False), (False, 1, False)])
def test_the_shipped_foundation_is_taken_where_it_fits(tmp_path, monkeypatch, capsys, from_scratch,
                                                       seed, taken):
    """Nothing of it is trained again; a foundation for another seed is trained as a whole."""
    class Asked(Exception):
        pass

    def ask(what):
        raise Asked(what)

    monkeypatch.setattr(foundation_module, 'train_adaptor', lambda *_: ask('adaptor'))
    monkeypatch.setattr(build, 'plan_chunks', lambda *_: ask('actors'))
    config = replace(SMALL, seed=seed, from_scratch=from_scratch)
    with pytest.raises(Asked) as asked:
        build_archive(tmp_path, config, 'test')
    if taken:
        assert asked.value.args[0] == 'actors'
        for file in ('base-0.safetensors', 'elites.npz', 'nominal/base-0.safetensors'):
            assert (tmp_path / 'foundation' / file).read_bytes() == \
                (SHIPPED_FOUNDATION / file).read_bytes()
    else:
        assert asked.value.args[0] == 'adaptor'
    recorded = json.loads((tmp_path / 'foundation.json').read_text())
    assert recorded['config']['seed'] == seed
    said = 'are made anew, as those of the package have seed 0, not 1: on two cores'
    assert (said in capsys.readouterr().err) == (seed == 1)
