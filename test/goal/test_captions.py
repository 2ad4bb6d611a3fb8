"""Captions say what was measured."""

import numpy as np
from policy_gen_ros.goal.captions import captions, family_in_text, FAMILY_WORDS
from policy_gen_ros.goal.measures import GAIT_PHASES, MEASURE_NAMES
import pytest

TYPICAL = dict(zip(MEASURE_NAMES, [0.5, 0.5, 0.5, 0.5, 2.5, 0.5, 0.5, 0.0, 0.28, 0.07, 0.4, 0, 0]))


def behavior(family, **changes):
    phases = dict(zip(('phase_fr', 'phase_rl', 'phase_rr'), GAIT_PHASES[family]))
    return {**TYPICAL, **phases, **changes}


@pytest.mark.parametrize('family', FAMILY_WORDS)
def test_every_caption_names_its_family_and_no_other(family):
    for text in captions(behavior(family), 200, np.random.default_rng(0)):
        assert family_in_text(text) == family, text


def test_captions_vary():
    assert len(set(captions(behavior('trot'), 100, np.random.default_rng(0)))) > 50


@pytest.mark.parametrize(('change', 'words', 'opposite'), [
    ({'vx_mps': -0.4}, 'back', 'ahead'), ({'vx_mps': 0.8}, 'fast', 'slowly'),
    ({'body_height_m': 0.23}, 'low', 'tall'), ({'yaw_rate_rps': 0.5}, 'left', 'right'),
    ({'swing_height_m': 0.1}, 'high', 'barely')])
def test_captions_follow_the_measures(change, words, opposite):
    texts = captions(behavior('trot', **change), 200, np.random.default_rng(0))
    assert any(words in text for text in texts)
    assert not any(opposite in text for text in texts)


def test_behavior_without_a_gait_is_not_captioned():
    with pytest.raises(ValueError, match='rhythm'):
        captions({**TYPICAL, 'phase_fr': float('nan')}, 1, np.random.default_rng(0))


def test_text_without_a_gait_names_none():
    assert family_in_text('go forward quickly') is None
    assert family_in_text('outpace the boundary') is None
