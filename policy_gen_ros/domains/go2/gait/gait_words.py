# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Words for the gait families: verbs, nouns, how the legs move, and animals."""

from __future__ import annotations

from dataclasses import dataclass
import re
from typing import Any


@dataclass(frozen=True)
class Verb:
    """
    A verb for a family.

    :param tail: said after the direction: hop forward *on all fours*
    :param when: tags that must all have been measured
    :param unless: tags of which none may have been measured
    :param needs_tail: may be meant otherwise without its tail, so it alone names no family
    """

    base: str
    third: str
    gerund: str
    tail: str = ''
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    needs_tail: bool = False


@dataclass(frozen=True)
class Phrase:
    """Words for a family, used where ``when`` was measured and ``unless`` was not."""

    text: str
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class GaitWords:
    """
    All words for one family; of verbs, nouns and names the first fits everywhere.

    :param nouns: take adjectives
    :param names: bare names, for telegraphic captions
    :param legs: how the legs move, as what stands after 'with' or a comma
    :param keys: regular expressions of what names the family in a text, beside its verbs
    """

    verbs: tuple[Verb, ...]
    nouns: tuple[Phrase, ...]
    names: tuple[Phrase, ...]
    legs: tuple[Phrase, ...]
    animals: tuple[Phrase, ...]
    keys: tuple[str, ...]


_STEALTH: dict[str, Any] = {
    'when': ('low body',),
    'unless': ('medium speed', 'fast', 'high steps', 'quick tempo', 'still')}
_LEISURE: dict[str, Any] = {'unless': ('fast', 'quick tempo', 'still', 'low body', 'high steps')}
_HEAVY: dict[str, Any] = {'when': ('slow tempo', 'long contact'), 'unless': ('fast', 'high steps')}

GAIT_WORDS = {
    'walk': GaitWords(
        verbs=(
            Verb('walk', 'walks', 'walking'),
            Verb('stroll', 'strolls', 'strolling', **_LEISURE),
            Verb('amble', 'ambles', 'ambling', **_LEISURE),
            Verb('saunter', 'saunters', 'sauntering', **_LEISURE),
            Verb('creep', 'creeps', 'creeping', **_STEALTH),
            Verb('creep', 'creeps', 'creeping', 'low to the ground', **_STEALTH),
            Verb('sneak', 'sneaks', 'sneaking', **_STEALTH),
            Verb('prowl', 'prowls', 'prowling', **_STEALTH),
            Verb('slink', 'slinks', 'slinking', **_STEALTH),
            Verb('stalk', 'stalks', 'stalking', **_STEALTH),
            Verb('crawl', 'crawls', 'crawling', when=('very low body',),
                 unless=('fast', 'high steps')),
            Verb('plod', 'plods', 'plodding', **_HEAVY),
            Verb('trudge', 'trudges', 'trudging', **_HEAVY),
            Verb('march', 'marches', 'marching', when=('high steps',), unless=('low body',))),
        nouns=(
            Phrase('walk'), Phrase('walking gait'), Phrase('four-beat walk'),
            Phrase('stroll', **_LEISURE), Phrase('prowl', **_STEALTH),
            Phrase('creep', **_STEALTH), Phrase('march', ('high steps',), ('low body',))),
        names=(Phrase('walk'), Phrase('walking'), Phrase('creep', **_STEALTH)),
        legs=(
            Phrase('one foot moving at a time'), Phrase('each foot stepping in turn'),
            Phrase('the feet landing one after another'),
            Phrase('one leg stepping after the other'),
            Phrase('three feet staying down', ('long contact',))),
        animals=(
            Phrase('like a cow', unless=('fast', 'low body')),
            Phrase('like an elephant', ('slow tempo', 'long contact'), ('fast',)),
            Phrase('like a cat on the hunt', **_STEALTH),
            Phrase('like a stalking cat', **_STEALTH), Phrase('like a panther', **_STEALTH),
            Phrase('like a tortoise', ('slow', 'low body')),
            Phrase('like a dog on a leash', unless=('still',)), Phrase('like a calm horse')),
        keys=(
            r'(?:one|a single) (?:foot|leg) (?:\w+ )?at a time', r'four-beat',
            r'each foot stepping in turn', r'(?:feet|legs) landing one after another',
            r'(?:foot|leg) by (?:foot|leg)', r'three feet staying down',
            r'one (?:foot|leg) (?:\w+ )?(?:after|in front of) (?:the other|another)')),
    'trot': GaitWords(
        verbs=(
            Verb('trot', 'trots', 'trotting'),
            Verb('jog', 'jogs', 'jogging', unless=('very fast', 'high steps')),
            Verb('prance', 'prances', 'prancing', when=('high steps',), unless=('low body',)),
            Verb('trot', 'trots', 'trotting', 'on diagonal legs')),
        nouns=(
            Phrase('trot'), Phrase('trotting gait'), Phrase('diagonal trot'),
            Phrase('two-beat trot'), Phrase('diagonal gait'),
            Phrase('jog', unless=('very fast', 'high steps')),
            Phrase('prance', ('high steps',), ('low body',))),
        names=(
            Phrase('trot'), Phrase('trotting'), Phrase('jog', unless=('very fast', 'high steps')),
            Phrase('prance', ('high steps',), ('low body',))),
        legs=(
            Phrase('diagonal legs moving together'), Phrase('the legs working in diagonal pairs'),
            Phrase('opposite corners stepping together'), Phrase('opposite legs in step'),
            Phrase('front left and hind right in step'), Phrase('diagonal pairs of legs in turn')),
        animals=(
            Phrase('like a fox'), Phrase('like a horse in harness', unless=('low body',)),
            Phrase('like a show horse', ('high steps',)),
            Phrase('like a horse on parade', ('high steps',)),
            Phrase('like a dressage horse', ('high steps',)),
            Phrase('like a wolf', unless=('still', 'slow'))),
        keys=(
            r'diagonal (?:legs?|feet|pairs?|gait)', r'opposite (?:corners|legs|feet)',
            r'front left and hind right')),
    'pace': GaitWords(
        verbs=(
            Verb('pace', 'paces', 'pacing'),
            Verb('pace', 'paces', 'pacing', 'in a lateral gait'),
            Verb('pace', 'paces', 'pacing', 'with the two legs on each side moving as one')),
        # Not a bare 'pace': a slow pace is a speed.
        nouns=(Phrase('pacing gait'), Phrase('pace gait'), Phrase('lateral gait'),
               Phrase("camel's pacing gait")),
        names=(Phrase('pace'), Phrase('pacing')),
        legs=(
            Phrase('both legs of a side moving together'),
            Phrase('the left legs and the right legs taking turns'),
            Phrase('the two legs on each side moving as one'),
            Phrase('the left legs first and then the right legs'),
            Phrase('the left pair and the right pair swinging in turn')),
        animals=(Phrase('like a camel'), Phrase('like a giraffe', unless=('low body',)),
                 Phrase('like a dromedary')),
        keys=(
            r'legs (?:of|on) (?:a|one|the same|each|either) side', r'lateral gait',
            r'left legs (?:first )?and (?:then )?the right legs', r'left pair and the right pair',
            r'camels?', r'giraffes?', r'dromedar(?:y|ies)')),
    'bound': GaitWords(
        verbs=(
            Verb('bound', 'bounds', 'bounding'),
            Verb('gallop', 'gallops', 'galloping', when=('fast',), unless=('slow tempo',)),
            Verb('bound', 'bounds', 'bounding', 'from hind legs to front legs'),
            Verb('leap', 'leaps', 'leaping', 'from hind legs to front legs', needs_tail=True)),
        nouns=(Phrase('bound'), Phrase('bounding gait'), Phrase("rabbit's bound"),
               Phrase('gallop', ('fast',), ('slow tempo',))),
        names=(Phrase('bound'), Phrase('bounding'), Phrase('gallop', ('fast',), ('slow tempo',))),
        legs=(
            Phrase('the hind legs and the front legs taking turns'),
            Phrase('first both front legs and then both hind legs moving together'),
            Phrase('the front feet landing as a pair and the hind feet as another'),
            Phrase('the front paws together and the hind paws together'),
            Phrase('both hind legs pushing at once and both front legs catching')),
        animals=(
            Phrase('like a hare'), Phrase('like a rabbit'), Phrase('like a squirrel'),
            Phrase('like a weasel', ('low body',)), Phrase('like a greyhound', ('fast',))),
        keys=(
            r'hind legs to front legs', r'hind legs and the front legs', r'both front legs',
            r'front feet landing as a pair', r'front paws together', r'greyhounds?', r'hares?')),
    'pronk': GaitWords(
        verbs=(
            Verb('pronk', 'pronks', 'pronking'),
            Verb('hop', 'hops', 'hopping'),
            Verb('hop', 'hops', 'hopping', 'on all fours'),
            Verb('jump', 'jumps', 'jumping', unless=('very low steps',)),
            Verb('jump', 'jumps', 'jumping', 'with all four feet at once'),
            Verb('stot', 'stots', 'stotting'),
            Verb('bounce', 'bounces', 'bouncing', 'on all fours', needs_tail=True),
            Verb('spring', 'springs', 'springing', 'on all fours', needs_tail=True)),
        nouns=(
            Phrase('pronk'), Phrase('pronking gait'), Phrase('four-legged hop'),
            Phrase('stotting gait'), Phrase('hop on all fours'), Phrase('jumping gait')),
        names=(Phrase('pronk'), Phrase('pronking'), Phrase('hop'), Phrase('hopping')),
        legs=(
            Phrase('all four feet landing together'), Phrase('all four legs moving at once'),
            Phrase('every foot leaving the ground at the same moment'),
            Phrase('all four feet on the same beat'),
            Phrase('all four paws in the air at once', ('short contact',))),
        animals=(
            Phrase('like a gazelle'), Phrase('like a springbok'),
            Phrase('like a lamb in spring'), Phrase('like an antelope'),
            Phrase('like a kangaroo'), Phrase('like a rubber ball', ('short contact',))),
        keys=(
            r'all four (?:feet|legs) (?:\w+ )?(?:together|at once|at the same time)',
            r'every foot leaving the ground at the same moment', r'all four paws',
            r'all four feet on the same beat', r'gazelles?', r'springboks?', r'antelopes?',
            r'(?:bounc|spring)(?:e|es|s|ing)?\b[^,;!?]*? on all fours'))}
"""Words of each of :data:`policy_gen_ros.domains.go2.gait.measures.GAIT_FAMILIES`."""

MOVES = (
    Verb('move', 'moves', 'moving'),
    Verb('go', 'goes', 'going', unless=('still',)),
    Verb('travel', 'travels', 'traveling', unless=('still',)),
    Verb('head', 'heads', 'heading', when=('forward',)),
    Verb('step', 'steps', 'stepping', when=('still',)),
    Verb('stay', 'stays', 'staying', when=('still',)),
    Verb('inch', 'inches', 'inching', when=('very slow',)),
    Verb('hurry', 'hurries', 'hurrying', when=('fast',)),
    Verb('run', 'runs', 'running', when=('fast', 'short contact')))
"""Verbs that name no family."""

_OTHER_SENSES = re.compile(
    # A speed: at a slow pace, keep your pace, a brisk pace, a pace of 0.4 m/s.
    r'\bwalking pace\b'
    r'|\b(?:at|keep(?:ing|s)?(?: up)?|set(?:ting|s)?|hold(?:ing|s)?|maintain(?:ing|s)?|'
    r'quicken(?:ing|s)?|slacken(?:ing|s)?|pick(?:ing|s)? up|slow(?:ing|s)?(?: down)?|change of)'
    r' (?:a|an|the|its|your|his|this|that|my|one|same)'
    r"(?: (?!and\b|then\b|to\b|while\b)[a-z'-]+){0,3}? (pace)\b(?! gait)"
    r'|\b(?:slow|fast|quick|brisk|rapid|steady|medium|moderate|gentle|leisurely|easy|relaxed|'
    r"comfortable|constant|normal|high|low|full|half|double|snail's) (pace)\b(?! gait)"
    r'|\b(pace) (?:of (?:about |around )?\d|is\b)'
    r"|\b(?:is|are|be|it's|you're) (bound) (?:to|for)\b")


def _key_pattern(words: GaitWords) -> re.Pattern[str]:
    forms = [form for verb in words.verbs if not verb.needs_tail
             for form in (verb.base, verb.third, verb.gerund)]
    # A hyphen before would be part of another word: 'house-bound'.
    return re.compile(rf'(?<![\w-])(?:{"|".join([*forms, *words.keys])})(?!\w)')


KEY_PATTERNS = {family: _key_pattern(words) for family, words in GAIT_WORDS.items()}


def family_in_text(text: str) -> str | None:
    """
    Gait family that a text names, or None where it names none or several.

    The generator reads the sentence itself; this judges results, and aims that contradict it.
    """
    def without_key(found: re.Match[str]) -> str:
        if 'walking pace' in found[0] or not found.lastindex:
            return ' '
        return found[0].replace(found[found.lastindex], '')

    words = _OTHER_SENSES.sub(without_key, ' '.join(text.lower().split()))
    words = ' '.join(words.split())
    families = [family for family, pattern in KEY_PATTERNS.items() if pattern.search(words)]
    return families[0] if len(families) == 1 else None
