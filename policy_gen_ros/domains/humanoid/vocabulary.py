# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Words for what a Humanoid does."""

from __future__ import annotations

from policy_gen_ros.domains.gymnasium_locomotion.two_legged import (
    FEET,
    MORE_TAILS,
    ON_ONE_FOOT,
    TAILS,
    TOGETHER,
)
from policy_gen_ros.domains.gymnasium_locomotion.vocabulary import Vocabulary

VOCABULARY = Vocabulary(
    name='humanoid',
    feet=FEET, together=TOGETHER, tails=TAILS, more_tails=MORE_TAILS,
    verbs={
        'both feet': (('walk', 'walks', 'walking'), ('run', 'runs', 'running'),
                      ('shuffle', 'shuffles', 'shuffling')),
        'right foot': ON_ONE_FOOT, 'left foot': ON_ONE_FOOT,
        'neither foot': (('leap', 'leaps', 'leaping'), ('bounce', 'bounces', 'bouncing'),
                         ('bound', 'bounds', 'bounding'))},
    gait_verbs={},
    failures=('fall over', 'fall down', 'fall', 'trip', 'tip over', 'collapse', 'lie down',
              'sit down'),
    on_topic=(
        'run as fast as you can', 'sprint', 'jog along', 'stroll', 'take a walk', 'walk calmly',
        'creep ahead', 'hurry up', 'slow down', 'speed up', 'go backward', 'back up a little',
        'moonwalk', 'stand still', 'wait here', 'hop like a rabbit', 'leap forward',
        'kangaroo jumps', 'skip along', 'limp', 'march', 'tiptoe', 'strut', 'waddle',
        'slide over the floor', 'push off with the right leg only', 'use the left leg more',
        'use the right leg less', 'spare the left leg', 'favour the right side',
        'kick with the left leg', 'stand on one leg', 'play hopscotch', 'bounce in place',
        'jump up and down', 'make long strides', 'make short steps', 'take tiny steps',
        'barely touch the ground', 'stamp hard', 'drag a leg', 'goose-step', 'stagger along',
        'race to the finish', 'dash', 'charge ahead', 'at top speed please',
        'faster on the left leg', 'move without lifting your feet', 'more air time',
        'less ground contact', 'feet on the floor', 'rock back and forth', 'inch forward',
        'walk like an old man', 'sneak up', 'pace up and down'))
