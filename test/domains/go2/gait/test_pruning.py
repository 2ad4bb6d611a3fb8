# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Words that ask for a failure."""

from policy_gen_ros.domains.go2.gait.pruning import failure_in_text
import pytest


@pytest.mark.parametrize(('text', 'word'), [
    ('fall over', 'fall'), ('trot until it falls', 'falls'), ('Limping, pace forward', 'limping'),
    ('walk and stumble', 'stumble'), ('tip over while pronking', 'tip over'),
    ('wobbly trot', 'wobbly'),
    ('walk, dragging your left hind leg', 'dragging your left hind leg'),
    ('do not trot but collapse', 'collapse')])
def test_words_for_a_failure_are_found(text, word):
    assert failure_in_text(text) == word


@pytest.mark.parametrize('text', [
    'trot forward', 'do not fall', 'walk without stumbling', "don't limp, trot",
    'fall into a trot', 'fall back to a walk', 'a striped dog trots', 'pace with a steady rhythm',
    'never trip, walk'])
def test_what_is_no_failure(text):
    assert failure_in_text(text) is None
