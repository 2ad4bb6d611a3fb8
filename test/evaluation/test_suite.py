# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The whole evaluation: a perfect generator gets perfect figures, and what is missing is null."""

from __future__ import annotations

from dataclasses import replace
import json
import math
import shutil

from evaluation_helpers import perfect_subject, TINY
import numpy as np
from policy_gen_ros.archive.index import training_fingerprint
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.commands.output import write_json
from policy_gen_ros.evaluation.metrics.held_out import KINDS
from policy_gen_ros.evaluation.studies import learned_baselines, suite
from policy_gen_ros.evaluation.studies.report import markdown, plain
from policy_gen_ros.evaluation.studies.suite import evaluate
from policy_gen_ros.evaluation.studies.trained_on import check_archive
import pytest


def as_json(result, folder):
    write_json(result.to_dict(), str(folder / 'result.json'))
    return json.loads((folder / 'result.json').read_text())


def test_a_perfect_generator_has_perfect_figures(result, tmp_path):
    read = as_json(result, tmp_path)
    for ratio in ('reward_ratio', 'qd_score_ratio', 'coverage_ratio', 'language_gait_accuracy'):
        assert read[ratio] == pytest.approx(1), ratio
    assert read['mem'] == pytest.approx(0, abs=1e-9)
    assert read['js_divergence'] == pytest.approx(0, abs=1e-9)
    rates = read['qualified_rate']
    assert {'seen', 'held_out', 'text', 'trajectory', 'out_of_distribution', 'noisy',
            'held_out_region'} <= set(rates)
    assert set(rates.values()) == {1.0}
    assert read['held_out_ok']['measures'] == read['held_out_ok']['floor'] == 1
    assert read['noise_loss'] == 0
    assert read['ambiguous_goals']['satisfied'] == 1
    assert read['nearest_training_distance']['min'] > 0  # the actors of held-out goals are new
    assert read['sampling_steps'] == 4
    assert read['compression_ratio'] == pytest.approx(35 * read['archive']['parameters_per_actor']
                                                      / 350)
    assert read['archive'] | {'parameters_per_actor': 0} == {
        'actors': 39, 'train': 35, 'held_out': 4, 'parameters_per_actor': 0}


def test_keys_of_the_contract_are_there(result, tmp_path):
    read = as_json(result, tmp_path)
    assert {'archive', 'reward_ratio', 'qd_score_ratio', 'coverage', 'coverage_ratio', 'mem',
            'js_divergence', 'compression_ratio', 'parameters', 'qualified_rate',
            'rehearsed_qualified_rate', 'language_gait_accuracy', 'sequence_success',
            'held_out_ok', 'ambiguous_goals', 'sampling_steps', 'nearest_training_distance',
            'baselines', 'seed', 'seconds'} <= set(read)
    assert set(read['sequence_success']) == {'archive', 'measures', 'language'}
    assert read['held_out_ok']['command'] is None
    rehearsed = read['details']['rehearsed']
    assert set(rehearsed) == {'held_out', 'seen'} and set(rehearsed['seen']) == set(KINDS)
    of_measures = rehearsed['held_out']['measures']
    assert of_measures['count'] == 1 >= of_measures['published'] >= of_measures['qualified']
    assert read['rehearsed_qualified_rate'] == of_measures['qualified']
    assert read['parameters'] == {'generator': 100, 'decoder': 200, 'condition': 50}
    low, high = read['intervals']['qualified_rate.held_out']
    assert low < 1 <= high + 1e-9
    assert read['floors']['qualified_rate.held_out'] == 1


def test_baselines_have_the_same_figures(result):
    baselines = result.to_dict()['baselines']
    assert list(baselines) == ['nearest_neighbour', 'interpolation', 'linear', 'kernel', 'noise',
                               'mean', 'hypernetwork', 'conditioned_policy']
    for name, figures in baselines.items():
        assert {'mem', 'qualified_rate', 'held_out_ok', 'reward_ratio'} <= set(figures), name
    assert set(result.to_dict()['details']['beside_baselines']) == set(baselines['mean'])
    assert baselines['nearest_neighbour']['nearest_training_distance']['median'] == 0
    # Folded, it has fewer inputs to its first layer than were trained: another shape of actor.
    assert math.isnan(baselines['conditioned_policy']['nearest_training_distance']['median'])


def test_results_of_parts_and_of_sources(result):
    assert {'measures, new region', 'measures, new run', 'floor, new run'} \
        <= set(result.held_out.parts)
    assert {'measures, clone', 'text, reinforced'} <= set(result.seen.parts)
    assert all(score.count < TINY.seen for score in result.seen.parts.values())


def test_other_steps_are_compared(result):
    assert set(result.steps) == {1, 4}
    assert {score.qualified for scores in result.steps.values()
            for score in scores.values()} == {1.0}
    asked = result.subject.generator.asked_steps
    assert asked.count(1) == 3 and 4 not in asked  # the usual number has been walked already


def test_the_same_seed_gives_the_same_numbers(archive, result, quick_world, tmp_path):
    """Also with the baselines that the first evaluation trained, and without training again."""
    def refuse(*_, **__):
        raise AssertionError('trained again')

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learned_baselines, 'train_hypernetwork', refuse)
        patch.setattr(learned_baselines, 'train_conditioned_policy', refuse)
        again = evaluate(perfect_subject(archive, output=result.subject.output))
    first, second = as_json(result, tmp_path), as_json(again, tmp_path)
    for read in (first, second):
        assert read.pop('seconds') > 0
        assert set(read['details'].pop('goal_to_weights_ms')) == {'measures', 'text', 'trajectory'}
    assert first == second


def test_an_index_gives_what_needs_no_weights(index_result, result, tmp_path):
    read, whole = as_json(index_result, tmp_path), as_json(result, tmp_path)
    assert read['details']['archive']['reference'] == 'as the archive says'
    assert whole['details']['archive']['reference'] == 'walked again'
    assert read['coverage_ratio'] == pytest.approx(1) and read['mem'] < 1e-6
    assert read['baselines'] is None
    assert read['nearest_training_distance'] == {'median': None, 'min': None}
    assert read['held_out_ok']['floor'] is None and 'mem' not in read['floors']
    assert read['floors']['qualified_rate.seen'] == 1
    assert read['sequence_success']['archive'] is not None
    assert read['missing'] == suite.NO_WEIGHTS and whole['missing'] == ''
    assert f'Missing: {suite.NO_WEIGHTS}' in plain(index_result).splitlines()


def test_without_an_archive_held_out_goals_remain(archive, quick_world, tmp_path):
    read = as_json(evaluate(perfect_subject(archive, archive=None)), tmp_path)
    assert read['qualified_rate']['held_out'] == read['qualified_rate']['out_of_distribution'] == 1
    for key in ('reward_ratio', 'mem', 'coverage', 'baselines'):
        assert read[key] is None, key
    assert read['ambiguous_goals'] == {'satisfied': None, 'spread': None}
    assert read['qualified_rate']['seen'] is None
    assert read['missing'] == suite.NO_ARCHIVE


def test_tables_name_every_figure_with_that_of_the_archive(result):
    lines = plain(result).splitlines()
    held_out = next(line for line in lines if 'qualified: held-out, from measures' in line)
    assert held_out.split()[-6:] == ['1.000', '0.610', 'to', '1.000', '1.000', '6']
    assert [line for line in lines if line.startswith('nearest_neighbour')]
    assert [line for line in lines if 'a coverage ratio above 1 is no merit' in line]
    assert f'fingerprint {result.subject.archive.fingerprint}' in lines[-1]
    text = markdown(result)
    assert all(f'| {figure.name} |' in text for figure in result.figures)
    rows = [line for line in text.splitlines() if line.startswith('|')]
    assert len({line.count('|') for line in rows if 'qualified: ' in line}) == 1


def trained_on(archive):
    return {'archive_fingerprint': archive.fingerprint,
            'training_fingerprint': archive.training_fingerprint}


def refusal(archive, provenance):
    with pytest.raises(ValueError, match='trained') as refused:
        check_archive(archive, provenance)
    return str(refused.value)


def test_another_archive_is_refused_by_its_fingerprint(archive):
    check_archive(archive, trained_on(archive))
    other = {'archive_fingerprint': '0123456789abcdef',
             'training_fingerprint': training_fingerprint('0123456789abcdef', archive.split)}
    message = refusal(archive, other)
    assert f'{archive.path} (fingerprint {archive.fingerprint}) is not the archive' in message
    assert '(0123456789abcdef):' in message and 'held_out.json' not in message
    both = refusal(archive, {**other, 'training_fingerprint': 'fedcba9876543210'})
    assert 'is not the archive' in both and 'and config/held_out.json sets aside' in both
    assert 'does not say what it was trained on' in refusal(archive, {})


def test_something_else_held_out_is_named(archive):
    less = Archive(archive.path, replace(archive.split, runs=()))
    message = refusal(less, trained_on(archive))
    assert message.startswith('config/held_out.json sets aside something else')
    assert 'is not the archive' not in message


def test_an_archive_that_is_not_whole_is_said_to_be(archive, tmp_path):
    copy = shutil.copytree(archive.path, tmp_path / 'copy')
    shutil.rmtree(copy / 'chunks' / 'ppo-01')
    message = refusal(Archive(copy, archive.split), trained_on(archive))
    assert 'incomplete or damaged: chunks/ppo-01/hashes.json is missing' in message
    (copy / 'manifest.json').unlink()
    assert 'it is unfinished' in refusal(Archive(copy, archive.split), trained_on(archive))


def test_numbers_differ_with_the_seed(archive, result, quick_world):
    other = evaluate(perfect_subject(archive, seed=1, sizes=replace(
        TINY, first_pass=0, hypernetwork=0, conditioned=0)))
    assert list(other.baseline_results.baselines) == ['nearest_neighbour', 'interpolation',
                                                      'linear', 'kernel', 'noise', 'mean']
    assert not np.array_equal(other.kept.many.measures, result.kept.many.measures)
