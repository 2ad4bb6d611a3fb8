# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Tables of a MetaWorld archive: who qualifies in each task, and how much actors of one differ.

    python tools/metaworld_diversity.py archives/metaworld
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.evaluation.report.table import Table
from policy_gen_ros.policies.weights import ActorWeights

SOURCES = ('cloned', 'independent', 'half-trained')
PERCENTILES = (5, 95)


def tables(archive: Archive) -> list[Table]:
    """Return the tables of qualified shares, of measures and of weights."""
    task, good = archive.family[:, 0], archive.qualified[:, 0]
    tasks = [name for name in archive.domain.groups if (task == name).any()]
    shares, spans, cosines = [], [], []
    base = ActorWeights.vector_from_layers(archive.base_weights())
    weights = archive.weights[:].astype(np.float32)
    for name in tasks:
        mine = task == name
        shares.append((name, *(f'{int((mine & good & of).sum())} of {int((mine & of).sum())}'
                               for source in SOURCES for of in [archive.source == source])))
        values = archive.measures[mine & good, 0, 1:]
        spans.append((name, *(' to '.join(f'{end:.2f}' for end in np.percentile(
            column, PERCENTILES)) for column in values.T)))
        cloned, alone = (weights[mine & good & (archive.source == source)]
                         for source in SOURCES[:2])
        cosines.append((name, _cosine(cloned), _cosine(cloned - base), _cosine(alone)))
    return [
        Table('qualified actors', ('task', *SOURCES), shares),
        Table('measures of qualified actors, 5 to 95 %',
              ('task', *archive.domain.measures.names[1:]), spans),
        Table('cosine between weights, mean over pairs of qualified actors',
              ('task', 'cloned', 'cloned, less base weights', 'independent'), cosines)]


def _cosine(vectors: np.ndarray) -> str:
    if len(vectors) < 2:
        return ''
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    count = len(unit)
    return f'{((unit @ unit.T).sum() - count) / (count * (count - 1)):.3f}'


def main() -> None:
    """Print the tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[1])
    parser.add_argument('archive', type=Path)
    archive = Archive(parser.parse_args().archive)
    print(*(table.markdown() for table in tables(archive)), sep='\n\n')


if __name__ == '__main__':
    main()
