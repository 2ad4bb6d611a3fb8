# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What lies outside the archive is recognised and named; what lies in it is left alone."""

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES, MEASURES
from policy_gen_ros.domains.go2.gait.probe_texts import WORDINGS
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
from policy_gen_ros.generation.coverage import Coverage, motion_features
from policy_gen_ros.goals.language.off_topic import OFF_TOPIC
from policy_gen_ros.models.encoder_files import MULTILINGUAL_E5
from policy_gen_ros.models.text_encoder import sentence_encoder
from policy_gen_ros.training.config import CoverageConfig
from policy_gen_ros.training.coverage import fit_coverage, SeenPoints
import pytest

GO2 = find_domain('go2')
# Neither list shares a sentence with those that the probe learns from.
GAIT = (
    'walk', 'trot', 'faster', 'slower please', 'run as fast as you can', 'mosey along',
    'scamper ahead', 'take it easy and wander forward', 'back away from me slowly',
    'reverse', 'go left', 'rotate on the spot', 'spin around clockwise',
    'stay close to the floor while you advance', 'stand tall and stride out',
    'lift those paws up high', 'shuffle along without raising your feet',
    'bounce up and down', 'hop in place like a bunny', 'kangaroo hops straight on',
    'gallop across the field', 'canter', 'move both left legs, then both right legs',
    'diagonal pairs, quick cadence', 'one paw after another, nice and slow',
    'limp as if your front left paw hurts', 'sidestep to the right', 'strafe right slowly',
    'make a wide left turn while jogging', 'walk in a small circle', 'sprint',
    'strut like a peacock', 'sneak up on the mouse', 'power walk', 'take long, lazy strides',
    'tread softly', 'jump forward with all paws together', 'I want big slow steps',
    'crouch and crawl under the table', 'amble down the road', 'scurry along',
    'traipse forward', 'lope', 'toddle', 'hustle', 'back off', 'scoot to the left',
    'whirl around', 'go round in circles', 'keep a low profile as you walk',
    'prowl through the grass', 'gambol', "a dog's easy trot", 'alternate the diagonal legs',
    'use a gallop', 'raise your knees', 'light and airy steps', 'thud along',
    'nurse your hind left leg', 'take about two steps each second', '0.3 m/s backwards',
    'twice as fast', 'a slow march')
NO_GAIT = (
    'the weather is nice', 'buy milk', 'asdf qwer', 'the sky is cloudy',
    'who won the match last night', 'what is your favourite colour',
    'the meeting starts at nine', 'read me the news', 'dinner is ready', 'vacuum the carpet',
    'my tooth hurts', 'democracy and freedom', 'wjekr oiwue xcvn', 'zzzzz',
    'fnord snark grue', 'tralala', 'lol', 'switch the camera on', 'load the map',
    'hold this box', 'shake hands', 'chase the cat', 'halt', 'relax',
    'a fast food restaurant', 'slow internet connection', 'high quality sound',
    'he ran for president', 'time is running out', 'back up the hard disk',
    'forward this mail to Bob', 'a short circuit', 'the leg of lamb', 'bounce the check',
    'rhythm and blues', 'boundary conditions', 'foot of the mountain', 'ich gehe nach Hause',
    'il fait beau', 'is it going to snow', 'book a table for two', 'zxcvb nmlkj',
    'empty the trash', 'the dog ate my homework', 'take the elevator',
    'swim across the lake', 'press the red button', 'speed limit sixty',
    'a slow cooker recipe', 'high tide is at noon', 'skip the intro',
    'the horse race was cancelled', 'rock climbing', 'he runs a bakery',
    'jump start the economy')


def motions(trajectories, seed=0):
    """Clips of 40, 60 and 100 rows, and which trajectory each is of."""
    rng = np.random.default_rng(seed)
    found = []
    for i, rows in enumerate(trajectories):
        for length in (40, 60, 100):
            start = int(rng.integers(0, len(rows) - length + 1))
            found.append((motion_features(GO2.trajectory, rows[start:start + length]), i))
    return np.array([features for features, _ in found]), np.array([i for _, i in found])


@pytest.fixture(scope='module')
def archive():
    return Archive(SHIPPED_INDEX)


@pytest.fixture(scope='module')
def training(archive):
    """Measures of what may be trained on, and the actor of each behaviour."""
    mine = archive.qualified & ~archive.held_out_mask[:, None] & (archive.region < 0)
    return archive.measures[mine], np.nonzero(mine)[0]


@pytest.fixture(scope='module')
def trajectories(archive):
    stored = np.flatnonzero(archive.weights.stored)
    return archive.trajectory[stored][:, 0].astype(float)


@pytest.fixture(scope='module')
def encoder():
    return sentence_encoder(MULTILINGUAL_E5)


def some_captions(archive, mine, held_out, count):
    """Captions of some behaviours, from held-out templates or from the others."""
    templates = set(archive.split.caption_templates)
    texts = sorted({caption.text for i, j in zip(*np.nonzero(mine)) for caption in
                    archive.captions[i][j] if (caption.template in templates) == held_out})
    return np.random.default_rng(0).choice(texts, count, replace=False).tolist()


@pytest.fixture(scope='module')
def coverage(archive, training, trajectories, encoder):
    """Of four actors of five, half of their behaviours; and as it is read from a bundle."""
    measures, actor = training
    known = np.flatnonzero(actor % 5 > 0)[::2]
    texts = some_captions(archive, archive.qualified & ~archive.held_out_mask[:, None], False, 300)
    clips, clip_actor = motions(trajectories[np.arange(50) % 5 > 0])
    embedded = [encoder.encode(group) for group in (texts, WORDINGS, OFF_TOPIC)]
    built = fit_coverage(GO2, SeenPoints(measures[known], actor[known]), np.random.default_rng(0),
                         embedded, SeenPoints(clips, clip_actor))
    return Coverage.from_arrays(GO2, built.to_arrays())


def share(found):
    return np.mean([line is not None for line in found])


def small(points, limit=0.5):
    return Coverage(GO2, np.asarray(points, float), np.full(13, limit), np.zeros(0),
                    np.zeros((0, 90)), np.array([1.0]))


def test_behaviors_of_unseen_actors_are_known(coverage, training):
    measures, actor = training
    fresh = measures[actor % 5 == 0][::3]
    assert len(fresh) > 500
    assert share(coverage.unknown_measures(row) for row in fresh) <= 0.02


def test_held_out_regions_and_runs_are_near_enough(coverage, archive):
    held_out = archive.qualified & (archive.held_out_mask[:, None] | (archive.region >= 0))
    rows = archive.measures[held_out][::3]
    assert len(rows) > 500
    assert share(coverage.unknown_measures(row) for row in rows) <= 0.03


@pytest.mark.parametrize(('measures', 'named', 'unnamed'), [
    ({'vx_mps': 2.2}, ['vx_mps = 2.2 m/s is outside', 'nearest it has is vx_mps = 1.'], []),
    ({'vx_mps': -1.8, 'frequency_hz': 3.0}, ['vx_mps = -1.8'], ['frequency_hz']),
    ({'frequency_hz': 5.5, 'phase_fr': 0.5}, ['frequency_hz = 5.5 Hz is'], ['phase_fr']),
    ({'body_height_m': 0.13}, ['body_height_m = 0.13 m is outside'], []),
    ({'swing_height_m': 0.15, 'frequency_hz': 4.0},
     ['swing_height_m = 0.15 m', 'frequency_hz = 4 Hz', 'together are outside'], []),
    ({'vx_mps': -1.1, 'swing_height_m': 0.15, 'phase_fr': 0.5},
     ['vx_mps = -1.1 m/s', 'swing_height_m = 0.15 m', 'together'], ['phase_fr'])])
def test_what_is_outside_is_named(coverage, measures, named, unnamed):
    found = coverage.unknown_measures(MEASURES.array(measures)) or ''
    assert [words for words in named if words not in found] == [], found
    assert [words for words in unnamed if words in found] == []


def test_many_measures_that_fit_in_pairs_only_are_outside_together():
    corners = np.full((3, 13), 0.5)
    corners[:, 10:] = [[0, 0.2, 0.6], [0.5, 0, 0.6], [0.5, 0.2, 0]]
    goal = MEASURES.array({'vx_mps': 0.5, 'vy_mps': 0.2, 'yaw_rate_rps': 0.6})
    assert small(corners).unknown_measures(goal[:13]).startswith('nothing in the archive is near '
                                                                 'all 3 measures at once')
    assert small(corners).unknown_measures(np.where(MEASURE_NAMES == 'vy_mps', np.nan, goal))
    for left_out in (10, 11, 12):
        goal_of_two = goal.copy()
        goal_of_two[left_out] = np.nan
        assert small(corners).unknown_measures(goal_of_two) is None


def test_phases_wrap():
    goal = MEASURES.array({'phase_fr': 0.99, 'phase_rr': 0.01})
    near, far = np.full((1, 13), 0.0), np.full((1, 13), 0.5)
    assert small(near).unknown_measures(goal) is None
    assert 'phase_' in small(far).unknown_measures(goal)
    both = small(np.concatenate([far, near]))
    assert both.nearest(goal)[[5, 7]].tolist() == [0, 0]


@given(row=st.integers(0, 2000), chosen=st.sets(st.integers(0, 12)))
@settings(max_examples=100, deadline=None)
def test_any_part_of_a_covered_behavior_is_covered_and_its_own_nearest(coverage, row, chosen):
    values = np.array([coverage.points[row, i] if i in chosen else np.nan for i in range(13)])
    assert coverage.unknown_measures(values) is None
    assert np.array_equal(coverage.nearest(values), values, equal_nan=True)


@given(values=st.tuples(*[st.one_of(st.just(float('nan')), st.floats(-3, 3))] * 13))
@settings(max_examples=100, deadline=None)
def test_the_nearest_is_covered_and_leaves_open_what_was_missing(coverage, values):
    nearest = coverage.nearest(np.array(values))
    assert np.array_equal(np.isnan(nearest), np.isnan(values))
    assert coverage.unknown_measures(nearest) is None


def test_gait_in_other_words_is_distinguished_from_other_texts(coverage, archive, encoder):
    assert not ({*GAIT, *NO_GAIT} & {*WORDINGS, *OFF_TOPIC})
    for texts, low, high in (
            (some_captions(archive, archive.qualified, True, 150), 0, 0.03),
            (GAIT, 0, 0.25), (NO_GAIT, 0.85, 1), (NO_GAIT[:3], 1, 1)):
        found = share(coverage.unknown_text(row) for row in encoder.encode(texts))
        assert low <= found <= high, texts[:3]


def test_trajectories_of_unseen_actors_are_known(coverage, trajectories):
    unseen = [rows[:length] for rows in trajectories[::5] for length in (40, 80, 200)]
    assert share(coverage.unknown_trajectory(rows) for rows in unseen) <= 0.1


@pytest.mark.parametrize('change', [
    lambda rows: np.repeat(rows[:1], len(rows), axis=0),
    lambda rows: rows * np.where(np.arange(42) == 2, -1, 1),
    lambda rows: rows + 0.5 * np.random.default_rng(0).standard_normal(rows.shape),
    lambda rows: np.where(np.arange(42) == 2, -1, 0.01 * rows)],
    ids=['frozen', 'upside down', 'noise', 'standing'])
def test_trajectories_of_nothing_that_walks_are_recognised(coverage, trajectories, change):
    changed = [change(rows[:100]) for rows in trajectories[::5]]
    assert share(coverage.unknown_trajectory(rows) for rows in changed) >= 0.8


def test_motion_features_need_no_targets_and_take_batches(trajectories):
    blind = trajectories[:3].copy()
    blind[..., 30:] = np.nan
    spec = GO2.trajectory
    features = motion_features(spec, blind)
    assert features.shape == (3, 90)
    assert np.array_equal(features, motion_features(spec, trajectories[:3]))
    assert np.allclose(features[1], motion_features(spec, blind[1]))


def test_arrays_are_small_and_give_the_same_answers(coverage):
    arrays = coverage.to_arrays()
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float16)}
    assert sum(array.nbytes for array in arrays.values()) < 1e6
    again = Coverage.from_arrays(GO2, arrays)
    goal = MEASURES.array({'swing_height_m': 0.15, 'frequency_hz': 4.0})
    assert again.unknown_measures(goal) == coverage.unknown_measures(goal) is not None
    with pytest.raises(ValueError, match='lacks limits, probe'):
        Coverage.from_arrays(GO2, {name: arrays[name]
                                   for name in ('points', 'motions', 'motion_limit')})
    with pytest.raises(ValueError, match='limits has shape'):
        Coverage.from_arrays(GO2, {**arrays, 'limits': np.zeros(3)})


def test_thinning_keeps_the_rim_and_leaves_no_holes(training):
    measures, actor = (part[:2000] for part in training)
    speeds = np.where(np.arange(13) >= 10, measures, 0.5)
    kept = fit_coverage(GO2, SeenPoints(speeds, actor), np.random.default_rng(0),
                        config=CoverageConfig(measure_points=100)).points
    assert len(kept) == 100
    scaled, all_scaled = (rows[:, 10:] / MEASURES.spread[10:] for rows in (kept, speeds))
    apart = np.linalg.norm(scaled[:, None] - scaled, axis=2) + 9 * np.eye(100)
    holes = np.linalg.norm(all_scaled[:, None] - scaled, axis=2).min(axis=1)
    assert holes.max() <= apart.min() + 1e-4
    assert kept[:, 10].max() > np.quantile(speeds[:, 10], 0.999)


def test_the_same_seed_gives_the_same_coverage(training):
    measures, actor = (part[:800] for part in training)
    first, again = (fit_coverage(GO2, SeenPoints(measures, actor), np.random.default_rng(5))
                    for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first.to_arrays().values(),
                                                    again.to_arrays().values()))


def test_nothing_is_unknown_where_nothing_can_be_compared(training):
    alone = fit_coverage(GO2, SeenPoints(training[0][:4], np.zeros(4)), np.random.default_rng(0))
    alone = Coverage.from_arrays(GO2, alone.to_arrays())
    assert alone.unknown_measures(MEASURES.array({'vx_mps': 2.5})) is None
    assert alone.unknown_text(np.ones(384)) is None
    assert alone.unknown_trajectory(np.zeros((40, 42))) is None


@pytest.mark.parametrize(('change', 'message'), [
    ({'measures': SeenPoints(np.zeros((0, 13)), np.zeros(0))}, 'finite measures'),
    ({'measures': SeenPoints(np.full((2, 13), np.nan), np.arange(2))}, 'finite measures'),
    ({'measures': SeenPoints(np.zeros((2, 13)), np.zeros(3))}, 'finite measures'),
    ({'texts': [np.zeros((4, 8))]}, 'needs captions, wordings and texts off topic'),
    ({'motions': SeenPoints(np.zeros((2, 7)), np.zeros(2))}, 'motions has shape')])
def test_unusable_training_sets_are_refused(change, message):
    given = {'domain': GO2, 'measures': SeenPoints(np.zeros((2, 13)), np.arange(2)),
             'rng': np.random.default_rng(0), **change}
    with pytest.raises(ValueError, match=message):
        fit_coverage(**given)


def test_goals_of_another_shape_are_refused(coverage):
    with pytest.raises(ValueError, match='measures has shape'):
        coverage.unknown_measures(np.zeros(12))
    with pytest.raises(ValueError, match='text embedding has shape'):
        coverage.unknown_text(np.zeros(512))
