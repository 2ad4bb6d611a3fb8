# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What is inside an archive, in numbers: the result of ``policy_gen archive info``."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.archive.grid import measure_grid, nearest_distances
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.measures import Measures
from policy_gen_ros.policies.spec import parameter_count


def describe(archive: Archive) -> dict[str, object]:
    """
    Contents of an archive that is not damaged; it may be unfinished, see ``complete``.

    Actors count by their nominal behaviour. Reward, spread, coverage and distances are those of
    qualified actors. ``families`` are measured; ``qualified_share`` is the share that qualifies of
    the actors that were ``meant`` to have a family. ``chunk_seconds`` are summed over chunks, of
    which each is built on one core; ``foundation_seconds`` are by part. ``planned`` actors are to
    be ``built``; those of imports count for neither.
    """
    good = archive.qualified[:, 0]
    measures, grid = archive.measures[good, 0], measure_grid(archive)
    distance = nearest_distances(archive.domain.measures, measures)
    captions = [caption for actor in archive.captions for words in actor for caption in words]
    weights = archive.weights
    return {
        'actors': len(archive), 'qualified': int(good.sum()),
        'families': archive.family_counts(), 'coverage': float(grid.stats.coverage),
        'held_out': {
            'regions': len(archive.split.regions), 'actors': len(archive.held_out),
            'runs': sorted(set(archive.split.runs) & set(archive.run.tolist())),
            'caption_templates': list(archive.split.caption_templates),
            'behaviors_in_regions': int((archive.qualified & (archive.region >= 0)).sum()),
            'as_built': archive.header.get('held_out_sha256') == archive.split.sha256},
        'parameters_per_actor': parameter_count(archive.layer_sizes) or weights.shape[1],
        'damage': [], 'complete': archive.complete,
        'planned': archive.planned, 'built': archive.built,
        'stored': int(weights.stored.sum()),
        **_meant(archive, good),
        'lineages': _sources(archive),
        'qualified_behaviors': int(archive.qualified.sum()),
        'captions': len(captions),
        'caption_templates': len({caption.template for caption in captions}),
        'median_reward': _median(archive.reward[good, 0]),
        'mean_robust': float(archive.robust[good, 0].mean()) if good.any() else float('nan'),
        'qd_score': float(grid.stats.qd_score
                          - archive.domain.min_reward * grid.stats.num_elites),
        'filled_cells': int(grid.stats.num_elites), 'cells': int(grid.cells),
        'spread': spread(archive.domain.measures, measures),
        'nearest_distance': {'median': _median(distance),
                             'min': float(distance.min()) if len(distance) else float('nan')},
        'domain': {'name': archive.domain.name, 'group': archive.domain.group_word,
                   'units': {measure.name: measure.unit for measure in archive.domain.measures}},
        'bytes': sum(file.stat().st_size for file in archive.path.rglob('*') if file.is_file()),
        'chunk_seconds': float(archive.seconds.sum()),
        'foundation_seconds': archive.base_policy_seconds,
        'fingerprint': archive.fingerprint, 'provenance': archive.provenance}


def spread(measures: Measures, values_of: np.ndarray) -> dict[str, float]:
    """
    Return the standard deviation of each measure that is a number.

    Of phases it is the circular one, in cycles.

    :param values_of: Shape: (n, measures)
    """
    result = {}
    for measure, values in zip(measures, values_of.T):
        if measure.categories:
            continue
        if len(values) == 0:
            result[measure.name] = float('nan')
        elif measure.circular:
            length = np.abs(np.exp(2j * np.pi * values).mean())
            radians = np.sqrt(-2 * np.log(np.clip(length, 1e-9, 1)))
            result[measure.name] = float(radians / (2 * np.pi))
        else:
            result[measure.name] = float(values.std())
    return result


def _sources(archive: Archive) -> dict[str, dict[str, object]]:
    bias = archive.first_bias_share()
    table: dict[str, dict[str, object]] = {}
    for source, counts in archive.source_counts().items():
        runs = sorted(set(archive.run[archive.source == source].tolist()))
        table[source] = {**counts, 'first_bias_share': bias.get(source), 'runs': runs}
    table['all'] = {'actors': len(archive), 'qualified': int(archive.qualified[:, 0].sum()),
                    'first_bias_share': bias.get('all'), 'runs': []}
    return table


def _meant(archive: Archive, good: np.ndarray) -> dict[str, dict[str, float]]:
    """Actors that were meant to have each group, and which share of them qualifies."""
    share = {'all': float(good.mean())}
    meant = archive.domain.intended_groups(archive.small)
    if meant is None:
        return {'meant': {}, 'qualified_share': share}
    for name in archive.domain.groups:
        mine = good[meant == name]
        share[name] = float(mine.mean()) if len(mine) else float('nan')
    return {'meant': {name: int((meant == name).sum()) for name in archive.domain.groups},
            'qualified_share': share}


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else float('nan')
