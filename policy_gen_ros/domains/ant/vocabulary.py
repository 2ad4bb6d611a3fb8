# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Words for what an Ant does."""

from __future__ import annotations

from policy_gen_ros.domains.gymnasium_locomotion.vocabulary import Vocabulary

_WALK = (('walk', 'walks', 'walking'), ('run', 'runs', 'running'),
         ('crawl', 'crawls', 'crawling'))
_HOP = (('hop', 'hops', 'hopping'), ('move', 'moves', 'moving'),
        ('scuttle', 'scuttles', 'scuttling'))
_FRONT_LEFT, _FRONT_RIGHT, _BACK_LEFT, _BACK_RIGHT = FEET = (
    'contact_front_left', 'contact_front_right', 'contact_back_left', 'contact_back_right')

VOCABULARY = Vocabulary(
    name='ant',
    feet={_FRONT_LEFT: ('the front left foot', 'the left front foot'),
          _FRONT_RIGHT: ('the front right foot', 'the right front foot'),
          _BACK_LEFT: ('the back left foot', 'the left hind foot'),
          _BACK_RIGHT: ('the back right foot', 'the right hind foot')},
    together={FEET: ('all feet', 'all four feet'),
              (_FRONT_LEFT, _FRONT_RIGHT): ('the front feet', 'both front feet'),
              (_BACK_LEFT, _BACK_RIGHT): ('the back feet', 'the hind feet'),
              (_FRONT_LEFT, _BACK_LEFT): ('the left feet', 'both left feet'),
              (_FRONT_RIGHT, _BACK_RIGHT): ('the right feet', 'both right feet')},
    verbs={'all feet': _WALK, 'three feet': _WALK, 'front feet': _HOP, 'back feet': _HOP,
           'left feet': _HOP, 'right feet': _HOP, 'diagonal feet': _WALK, 'one foot': _HOP,
           'no foot': (('leap', 'leaps', 'leaping'), ('bounce', 'bounces', 'bouncing'),
                       ('move', 'moves', 'moving'))},
    tails={
        'all feet': ('on all feet', 'on four legs'),
        'three feet': ('on three feet', 'on three legs'),
        'front feet': ('on the front feet', 'on the front legs'),
        'back feet': ('on the back feet', 'on the hind legs'),
        'left feet': ('on the left feet', 'on the left legs'),
        'right feet': ('on the right feet', 'on the right legs'),
        'diagonal feet': ('on diagonal feet', 'on two diagonal legs'),
        'one foot': ('on one foot', 'on a single leg'),
        'no foot': ('barely touching the ground', 'on no foot')},
    more_tails={
        'all feet': ('with all feet', 'on all fours', 'on four feet', 'on all four feet',
                     'on all legs'),
        'three feet': ('with three feet', 'with three legs'),
        'front feet': ('with the front feet', 'on its front feet', 'on its front legs'),
        'back feet': ('with the back feet', 'on the hind feet', 'on its hind legs',
                      'on the back legs'),
        'left feet': ('with the left feet', 'on its left feet', 'on its left legs'),
        'right feet': ('with the right feet', 'on its right feet', 'on its right legs'),
        'diagonal feet': ('on two diagonal feet', 'on diagonal legs', 'with diagonal feet'),
        'one foot': ('with one foot', 'on one leg', 'on a single foot'),
        'no foot': ('without the feet', 'on none of its feet')},
    gait_verbs={},
    failures=('fall over', 'fall down', 'fall', 'tip over', 'collapse', 'lie down'),
    on_topic=(
        'run as fast as you can', 'sprint', 'jog along', 'trot', 'take a walk', 'walk calmly',
        'creep ahead', 'hurry up', 'slow down', 'speed up', 'go backward', 'back up a little',
        'stand still', 'wait here', 'hop like a rabbit', 'leap forward', 'kangaroo jumps',
        'skip along', 'limp', 'march', 'tiptoe', 'crawl like a spider', 'scurry away',
        'scuttle like a crab', 'gallop', 'glide over the floor', 'push off with the hind legs',
        'use the left legs more', 'use the front legs less', 'spare the left hind leg',
        'favour the right side', 'stand on one leg', 'bounce in place', 'jump up and down',
        'make long strides', 'make short steps', 'take tiny steps', 'barely touch the ground',
        'stamp hard', 'drag a leg', 'shuffle forward', 'race to the finish', 'dash',
        'charge ahead', 'at top speed please', 'faster on the left legs',
        'move without lifting your feet', 'more air time', 'less ground contact',
        'feet on the floor', 'rock back and forth', 'inch forward', 'move like a frog'))
