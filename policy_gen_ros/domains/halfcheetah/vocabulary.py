# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Words for what a HalfCheetah does."""

from __future__ import annotations

from policy_gen_ros.domains.gymnasium_locomotion.vocabulary import Vocabulary

VOCABULARY = Vocabulary(
    name='cheetah',
    feet={'contact_back': ('the back foot', 'the rear foot', 'the hind foot'),
          'contact_front': ('the front foot', 'the fore foot')},
    together={('contact_back', 'contact_front'): ('both feet',)},
    verbs={
        'both feet': (('gallop', 'gallops', 'galloping'), ('run', 'runs', 'running'),
                      ('bound', 'bounds', 'bounding')),
        'back foot': (('hop', 'hops', 'hopping'), ('bounce', 'bounces', 'bouncing'),
                      ('move', 'moves', 'moving')),
        'front foot': (('hop', 'hops', 'hopping'), ('pull along', 'pulls along', 'pulling along'),
                       ('move', 'moves', 'moving')),
        'neither foot': (('slide', 'slides', 'sliding'), ('move', 'moves', 'moving'),
                         ('scoot', 'scoots', 'scooting'))},
    tails={
        'both feet': ('on both feet',),
        'back foot': ('on the back foot', 'on the rear foot', 'on the hind leg'),
        'front foot': ('on the front foot', 'on the front leg', 'on the fore foot'),
        'neither foot': ('without using the feet', 'on neither foot')},
    more_tails={
        'both feet': ('with both feet', 'on two feet', 'on all feet'),
        'back foot': ('on the hind foot', 'on its back foot', 'on the rear leg',
                      'on the back leg'),
        'front foot': ('on its front foot', 'on the fore leg'),
        'neither foot': ('on no foot', 'without the feet')},
    gait_verbs={'gallop': 'both feet'},
    failures=(),
    on_topic=(
        'run as fast as you can', 'sprint', 'jog along', 'trot', 'canter', 'walk calmly',
        'creep ahead', 'hurry up', 'slow down', 'speed up', 'go backward', 'back up a little',
        'hop like a rabbit', 'leap forward', 'kangaroo jumps', 'skip along', 'stumble on', 'limp',
        'crawl', 'glide over the floor', 'flip over and slide', 'push off with the hind leg only',
        'use the front leg more', 'use the back leg less', 'keep the rear end up',
        'do a handstand and run', 'wheelie', 'run on the hind leg like an ostrich',
        'stay low and fast', 'bounce in place', 'jump up and down', 'make long strides',
        'make short steps', 'take tiny steps', 'barely touch the ground', 'stamp hard',
        'drag yourself forward', 'shuffle forward', 'race to the finish', 'dash', 'charge ahead',
        'at top speed please', 'faster on the front leg', 'move without lifting your feet',
        'more air time', 'less ground contact', 'feet on the floor', 'rock back and forth',
        'wriggle forward', 'inch forward', 'move like a seal'))
