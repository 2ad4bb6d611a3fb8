# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Words for what was measured, by tag and by grammatical form.

Forms: ``adj`` before a noun; ``with`` after 'with'; ``ing`` after a comma; ``keep`` as an order;
``clause`` as a sentence about 'it'; ``tag`` in a list of catchwords; ``path`` after a verb.
Choices are separated by ``|``; braces are filled with
:attr:`~policy_gen_ros.domains.go2.gait.traits.Traits` values.
"""

from __future__ import annotations

FORMS = ('adj', 'with', 'ing', 'keep', 'clause', 'tag', 'path')
Words = dict[str, tuple[str, ...]]


def words_of(**forms: str) -> Words:
    """Split the choices of each form; ``with_`` stands for the keyword."""
    return {form.rstrip('_'): tuple(choices.split('|')) for form, choices in forms.items()}


WORDS: dict[str, Words] = {
    # Speed over ground. 'path' holds adverbs here.
    'slow': words_of(
        adj='slow|unhurried|leisurely', ing='going slowly|taking it slow|in no hurry',
        keep='go slowly|keep the speed low|be slow',
        clause='it moves slowly|it is in no hurry|its speed is low', tag='slow|slowly|low speed',
        path='slowly|slowly|at low speed|at a slow speed|at a slow pace|unhurriedly|gently'),
    'very slow': words_of(
        adj='very slow', ing='hardly making headway', clause='it makes little headway',
        tag='very slow', path="very slowly|at a snail's pace|at very low speed"),
    'medium speed': words_of(
        adj='moderate', ing='going at a medium speed',
        keep='go at a medium speed|keep to a moderate speed', clause='its speed is moderate',
        tag='medium speed|moderate speed',
        path='at a medium speed|at a moderate speed|at medium speed|at a normal speed|'
        'at a medium pace'),
    'fast': words_of(
        adj='fast|swift|speedy', ing='going fast|moving at speed',
        keep='go fast|keep the speed up|hurry',
        clause='it moves fast|its speed is high', tag='fast|high speed|quick travel',
        path='fast|quickly|rapidly|at high speed|at a fast pace|swiftly'),
    'very fast': words_of(
        adj='very fast', ing='tearing along', keep='go very fast',
        clause='it moves very fast', tag='very fast|top speed',
        path='very fast|at top speed|at full speed'),
    'speed number': words_of(
        with_='a speed of {mps} m/s', ing='going {mps} m/s|doing about {mps} m/s',
        keep='go about {mps} m/s|keep a speed of {mps} m/s', clause='its speed is {mps} m/s',
        tag='{mps} m/s|about {mps} m/s|speed {mps} m/s',
        path='at {mps} m/s|at about {mps} m/s|at {mps} meters per second|at around {mps} m/s'),

    # Direction of travel.
    'forward': words_of(
        ing='going forward|moving ahead', keep='go forward|move ahead',
        clause='it moves forward|it goes ahead', tag='forward|forwards|ahead',
        path='forward|forward|forward|forwards|ahead|onward'),
    'backward': words_of(
        ing='going backward|moving in reverse', keep='go backward|back up',
        clause='it moves backward|it goes in reverse', tag='backward|backwards|reverse',
        path='backward|backward|backwards|in reverse'),
    'straight': words_of(
        ing='going straight ahead', keep='go straight ahead', clause='it goes straight ahead',
        tag='straight ahead|straight on|straight', path='straight ahead|straight forward'),
    'sideways': words_of(
        ing='going sideways to the {side}|sidestepping to the {side}',
        keep='go sideways to the {side}',
        clause='it moves sideways to the {side}', tag='sideways {side}|sideways to the {side}',
        path='sideways to the {side}|sideways {side}|crabwise to the {side}'),
    'still': words_of(
        ing='staying on the spot|going nowhere', keep='stay on the spot|stay in one place',
        clause='it stays on the spot|it stays in one place', tag='on the spot|in place|no travel',
        path='on the spot|on the spot|in place|in place|in one place'),
    'diagonal': words_of(
        ing='going at an angle to the {side}', keep='veer to the {side}',
        clause='it moves at an angle to the {side}', tag='diagonally to the {side}|angling {side}',
        path='and to the {side}|at an angle to the {side}|diagonally to the {side}'),
    'drift': words_of(
        ing='drifting slightly {side}', keep='drift a little to the {side}',
        clause='it drifts a little to the {side}', tag='slight drift {side}|drifting {side}',
        path='and slightly to the {side}|drifting slightly {side}|drifting {side}'),

    # Turning.
    'turn': words_of(
        with_='a turn to the {turn}', ing='turning {turn}|turning to the {turn}',
        keep='turn {turn}|turn to the {turn}', clause='it turns {turn}|it turns to the {turn}',
        tag='turning {turn}|{turn} turn|turn {turn}',
        path='while turning {turn}|turning {turn}|turning to the {turn}'),
    'sharp turn': words_of(
        with_='a sharp turn to the {turn}', ing='turning sharply {turn}',
        keep='turn {turn} sharply',
        clause='it turns sharply to the {turn}', tag='sharp {turn} turn|turning {turn} sharply',
        path='turning sharply to the {turn}|turning hard to the {turn}'),
    'curve': words_of(
        ing='curving to the {turn}', keep='curve to the {turn}',
        clause='it follows a curve to the {turn}', tag='{turn} curve|curving {turn}',
        path='in a curve to the {turn}|curving {turn}|in a {turn}-hand bend|along a curve to the '
             '{turn}'),
    'tight curve': words_of(
        ing='circling {turn}', keep='circle to the {turn}', clause='it circles to the {turn}',
        tag='tight {turn} curve|{turn} circle',
        path='in a tight curve to the {turn}|in a small circle to the {turn}|in a {turn}-hand '
             'circle'),
    'spin': words_of(
        ing='rotating to the {turn}', keep='rotate to the {turn}',
        clause='it rotates to the {turn}', tag='rotating {turn}|spinning {turn}',
        path='while rotating to the {turn}|while spinning {turn}|spinning to the {turn}'),
    'turn number': words_of(
        with_='a {turn} turn of {turn_rps} rad/s',
        ing='turning {turn} at {turn_rps} rad/s|turning {turn} by {turn_deg} degrees per second',
        keep='turn {turn} at {turn_rps} rad/s',
        clause='it turns {turn} at about {turn_deg} degrees per second',
        tag='{turn} turn {turn_rps} rad/s|turning {turn} {turn_deg} deg/s',
        path='turning {turn} at about {turn_deg} degrees a second|turning {turn} at {turn_rps} '
             'rad/s'),

    # Tempo: strides per second.
    'slow tempo': words_of(
        adj='slow-stepping|lazy', with_='slow steps|a low step rate|a lazy rhythm|a slow rhythm|'
        'few steps a second',
        ing='taking slow steps|stepping at a low rate|taking time over each step',
        keep='take slow steps|keep the step rate low|step in a slow rhythm',
        clause='its steps are slow|its rhythm is slow|it takes slow steps|its step rate is low',
        tag='slow steps|low step rate|slow rhythm|low cadence|lazy tempo'),
    'very slow tempo': words_of(
        with_='very slow steps|a very low step rate', ing='stepping in slow motion',
        keep='take very slow steps', clause='its steps are very slow', tag='very slow steps'),
    'medium tempo': words_of(
        with_='a medium step rate|a steady rhythm', ing='stepping at a medium rate',
        keep='keep a medium step rate', clause='its step rate is moderate',
        tag='medium step rate|medium tempo'),
    'quick tempo': words_of(
        adj='quick-stepping|quick-footed',
        with_='quick steps|a high step rate|a fast rhythm|a quick rhythm|rapid steps|'
        'many steps a second',
        ing='taking quick steps|stepping at a high rate|moving the legs fast',
        keep='take quick steps|keep the step rate high|step in a fast rhythm|move the legs fast',
        clause='its steps are quick|its rhythm is fast|it takes quick steps|its step rate is high',
        tag='quick steps|high step rate|fast rhythm|high cadence|quick tempo'),
    'very quick tempo': words_of(
        with_='very quick steps|a very high step rate',
        ing='whirling the legs',
        keep='take very quick steps', clause='its legs move very quickly', tag='very quick steps'),
    'tempo number': words_of(
        with_='about {times} steps a second|a step rate of {hz} Hz|{times} strides per second',
        ing='stepping at {hz} Hz|taking about {times} steps a second',
        keep='take about {times} steps a second|step at {hz} Hz',
        clause='each foot takes about {times} steps a second|its step rate is {hz} Hz',
        tag='{hz} Hz|{hz} steps per second|{times} steps a second|step frequency {hz} Hz'),

    # Body height.
    'low body': words_of(
        adj='low|crouched|crouching', with_='the body low|a low body|bent legs|the body held low',
        ing='keeping the body low|crouching|staying low|ducking down',
        keep='keep the body low|stay low|crouch|duck|keep low',
        clause='its body stays low|it stays low|it is crouching|its legs stay bent',
        tag='low|low body|crouched|body low|crouching'),
    'very low body': words_of(
        adj='very low', with_='the belly near the ground|the body very low',
        ing='staying close to the ground|hugging the ground',
        keep='stay very low|keep the belly near the ground',
        clause='its belly is close to the ground', tag='very low body|belly near the ground'),
    'normal height': words_of(
        with_='the body at its normal height', ing='keeping the body at its usual height',
        keep='keep the body at its normal height', clause='its body is at its normal height',
        tag='normal height|medium body height'),
    'high body': words_of(
        adj='tall|upright|long-legged',
        with_='the body high|a high body|straight legs|the body held high',
        ing='keeping the body high|standing tall|staying tall',
        keep='keep the body high|stand tall|stay tall|stretch the legs',
        clause='its body stays high|it stands tall|its legs are stretched',
        tag='tall|high body|body high|standing tall'),
    'height number': words_of(
        with_='the body {body_cm} cm above the ground|a body height of {body_cm} cm|'
        'a body height of {body_m} m',
        ing='keeping the body at {body_cm} cm', keep='keep the body at {body_cm} cm|'
        'hold the body {body_cm} cm high', clause='its body is {body_cm} cm above the ground',
        tag='body at {body_cm} cm|body height {body_m} m'),

    # Height of the swing.
    'low steps': words_of(
        adj='low-stepping|flat-footed', with_='low steps|flat steps|little foot lift',
        ing='hardly lifting the feet|keeping the feet low|lifting the feet only a little',
        keep='keep the feet low|lift the feet only a little|take flat steps',
        clause='it hardly lifts its feet|its steps are flat|its feet stay low',
        tag='low steps|flat steps|low foot lift|feet low'),
    'very low steps': words_of(
        adj='shuffling', with_='very flat steps', ing='shuffling|barely lifting the feet',
        keep='barely lift the feet', clause='it barely lifts its feet|it shuffles',
        tag='shuffling|very flat steps'),
    'normal steps': words_of(
        with_='steps of medium height', ing='lifting the feet to a medium height',
        keep='lift the feet to a medium height', clause='it lifts its feet to a medium height',
        tag='medium foot lift'),
    'high steps': words_of(
        adj='high-stepping', with_='high steps|plenty of foot lift|a high swing|the knees up',
        ing='lifting the feet high|picking the feet up|stepping high',
        keep='lift the feet high|pick the feet up|step high|take high steps',
        clause='it lifts its feet high|its feet come up high|its steps are high',
        tag='high steps|high-stepping|high foot lift|feet up high'),
    'very high steps': words_of(
        with_='very high steps', ing='lifting the feet very high', keep='lift the feet very high',
        clause='it lifts its feet very high', tag='very high steps|exaggerated steps'),
    'swing number': words_of(
        with_='{swing_cm} cm of foot lift|steps {swing_cm} cm high',
        ing='lifting the feet {swing_cm} cm', keep='lift the feet about {swing_cm} cm',
        clause='its feet come up {swing_cm} cm',
        tag='foot lift {swing_cm} cm|{swing_cm} cm steps'),

    # Share of time on the ground.
    'short contact': words_of(
        adj='springy|light-footed|bouncy',
        with_='short ground contact|a springy step|a light touch|light feet',
        ing='touching the ground only briefly|staying light on the feet',
        keep='stay light on the feet|touch the ground only briefly',
        clause='its feet touch the ground only briefly|it is light on its feet|'
        'its step is springy',
        tag='light-footed|springy|short ground contact|light on its feet'),
    'medium contact': words_of(
        with_='the feet down about half of the time',
        clause='its feet are down about half of the time', tag='medium ground contact'),
    'long contact': words_of(
        adj='heavy-footed|well-grounded',
        with_='long ground contact|heavy feet|the feet down most of the time',
        ing='keeping the feet on the ground for long|leaving the feet down most of the time',
        keep='keep the feet on the ground for long|leave the feet down most of the time',
        clause='its feet stay on the ground most of the time|it is heavy on its feet',
        tag='heavy-footed|long ground contact|feet down most of the time'),
    'contact number': words_of(
        with_='each foot on the ground {duty_percent} percent of the time',
        ing='keeping each foot down {duty_percent} percent of the time',
        keep='keep each foot down {duty_percent}% of the time',
        clause='each foot is down for {duty_percent} percent of the time',
        tag='{duty_percent}% ground contact|duty factor {duty}'),

    # Length of the stride.
    'short strides': words_of(
        adj='short-stepping', with_='short strides|small steps|tiny steps',
        ing='taking small steps',
        keep='take small steps|keep the strides short', clause='its strides are short',
        tag='small steps|short strides'),
    'normal strides': words_of(tag='normal strides'),
    'long strides': words_of(
        adj='long-striding', with_='long strides|big strides', ing='taking long strides|reaching '
        'far with each step', keep='take long strides|make long strides',
        clause='its strides are long|it covers much ground with each step',
        tag='long strides|big strides'),

    # Feet that differ. A short contact is a limp, a long one a dragged leg.
    'drag': words_of(
        with_='a dragging {leg} leg|the {leg} leg lagging', ing='dragging the {leg} leg|dragging '
        'the {leg} foot', keep='drag the {leg} leg|let the {leg} leg drag',
        clause='it drags its {leg} leg|its {leg} foot stays down longer than the others',
        tag='dragging {leg} leg|{leg} foot down longest'),
    'limp': words_of(
        with_='a limp on the {leg} leg', ing='limping on the {leg} leg|sparing the {leg} leg|'
        'going easy on the {leg} foot', keep='limp on the {leg} leg|spare the {leg} leg',
        clause='it limps on its {leg} leg|its {leg} foot touches down only briefly',
        tag='limping on the {leg}|{leg} leg lame'),
    'front longer': words_of(
        adj='front-heavy', with_='the front feet down longer than the hind feet',
        ing='leaning on the front legs|keeping the front feet down longer',
        keep='keep the front feet down longer|lean on the front legs',
        clause='its front feet stay down longer than its hind feet|it leans on its front legs',
        tag='front-heavy|front feet down longer'),
    'hind longer': words_of(
        adj='rear-heavy', with_='the hind feet down longer than the front feet',
        ing='leaning on the hind legs|keeping the hind feet down longer',
        keep='keep the hind feet down longer|lean on the hind legs',
        clause='its hind legs stay down longer than its front legs|it leans on its hind legs',
        tag='rear-heavy|hind feet down longer'),
    'left longer': words_of(
        adj='lopsided', with_='the left feet down longer than the right ones',
        ing='leaning on the left legs|keeping the left feet down longer',
        keep='keep the left feet down longer|lean on the left legs',
        clause='its left feet stay down longer than its right ones|it is lopsided',
        tag='lopsided|left feet down longer'),
    'right longer': words_of(
        adj='lopsided', with_='the right feet down longer than the left ones',
        ing='leaning on the right legs|keeping the right feet down longer',
        keep='keep the right feet down longer|lean on the right legs',
        clause='its right feet stay down longer than its left ones|it is lopsided',
        tag='lopsided|right feet down longer'),
    'even feet': words_of(
        with_='equal time on every foot', ing='using all four feet alike',
        keep='use all four feet alike', clause='it uses all four feet alike',
        tag='symmetric|even on all feet'),

    # Touch-downs that differ from the family's pattern.
    'uneven beat': words_of(
        adj='uneven', with_='an uneven beat|a lopsided rhythm', ing='keeping an uneven beat',
        keep='keep an uneven beat', clause='its left and right steps are unevenly spaced',
        tag='uneven beat|off-beat'),
    'front feet split': words_of(
        with_='the front feet landing one after the other',
        ing='landing one front foot after the other', keep='land one front foot after the other',
        clause='its front feet land one after the other', tag='front feet split'),
    'hind feet split': words_of(
        with_='the hind feet landing one after the other',
        ing='landing one hind foot after the other', keep='land one hind foot after the other',
        clause='its hind feet land one after the other', tag='hind feet split'),
    'hind feet first': words_of(
        with_='the hind feet landing a little early', ing='landing on the hind feet first',
        keep='land on the hind feet first', clause='its hind feet land slightly early',
        tag='hind feet first'),
    'front feet first': words_of(
        with_='the front feet landing a little early', ing='landing on the front feet first',
        keep='land on the front feet first', clause='its front feet land slightly early',
        tag='front feet first')}
