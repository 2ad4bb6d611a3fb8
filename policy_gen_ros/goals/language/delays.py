# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""When something is to begin: "stop after 3 s", "halt in 2 m", "in 5 Sekunden anhalten"."""

from __future__ import annotations

from dataclasses import dataclass
import re

from policy_gen_ros.goals.language.numbers import NUMBER

_TIME = (r'm?s|(?:milli)?seconds?|secs?|min(?:ute)?s?|hours?|h|sekunden?|minuten?|stunden?|'
         r'segundos?|minutos?|horas?|secondes?|heures?')
_LENGTH = (r'[ck]?m|(?:centi|kilo)?(?:met(?:er|re)s?|metern?|metros?|m[eè]tres?)|feet|ft|yards?|'
           r'steps?|strides?|paces|schritte?n?|pasos?|pas|deg(?:ree)?s?|grad|grados?|degr[eé]s?|'
           r'(?:full )?(?:turn|circle|rotation)s?|umdrehung(?:en)?|vueltas?|tours?')
_ABOUT = (r'(?:(?:about|around|roughly|exactly|another|some|a further|etwa|rund|genau|weiteren|'
          r'unos|unas|otros|otras|environ|exactement|encore) )*')
_RANGE = rf'{NUMBER}(?:(?: ?(?:-|\u2013) ?| (?:to|bis|a|à) ){NUMBER})?'
# Numbers of other languages are any word.
_AMOUNT = rf'(?:{_RANGE} ?-?|[^\W\d_]+ )(?:(?:{_TIME}|{_LENGTH})\b|°)'
_GONE = (r'(?:you(?: have|\'ve)|it has|having) (?:gone|walked|moved|covered|travell?ed|come|run|'
         r'made|done|taken|turned)')
"""Where an order comes first: "once you have gone 2 m, halt" tells to go, too."""
_PASSED = r'(?:have|has|are|is) (?:passed|over|up|gone|elapsed|done)'
# "In a second" is soon, and French "en 3 secondes" is how long something takes.
_BEFORE = (r'after|nach|despu[eé]s de|dentro de|tras|al cabo de|a los|dans|apr[eè]s|au bout de|'
           r'in(?! an? )|en(?= .*?(?:segundo|minuto|hora|metro|paso|grado|vuelta))')
_LATER = r'from (?:now|here)|later|further(?: on)?'
_CHINESE = (r'(?:再?过)?(?P<chinese>(?:[\d.]+|[零一二两三四五六七八九十百半点]+)'
            '(?:秒钟?|分钟|小时|米|公尺|步|圈|度))(?:之|以)?[后後]')
_DELAY = re.compile(
    rf'\b(?:{_BEFORE}) {_ABOUT}(?P<amount>{_AMOUNT})(?!\w|\s*/| per\b| of\b| \w+ing\b|'
    r' or (?:less|fewer|sooner|earlier)\b| d[eu]\b| au\b| (?:im )?(?:trab|passgang|galopp)\b|'
    r' (?:forwards?|ahead|back\w*|sideways|to the|before|away|from(?! now| here))\b)'
    rf'|(?<=\w )(?:after|once|when|as soon as) {_GONE} (?P<gone>{_AMOUNT})(?!\w)'
    rf'|\b(?:after|once|when|as soon as) (?P<passed>{_AMOUNT}) {_PASSED}\b'
    rf'|(?<![\w.,-]){_ABOUT}(?P<earlier>{_AMOUNT}) (?:{_LATER})\b|{_CHINESE}', re.I)
_HINT = re.compile(
    r'\b(?:after|in|nach|despu[eé]s|dentro|tras|cabo|los|dans|apr[eè]s|bout|en|once|when|soon|from|'
    r'later|further)\b|[后後]', re.I)
"""Each delay has one of these; texts without are read faster."""
_UNSURE = re.compile(
    r"\b(?:not|never|or|nor|\w+n't|nicht|oder|no|o|ni|pas|ou)\s*$|不要?$|别$", re.I)
_AT_ONCE = re.compile(
    r'\b(?:now|right away|immediately|instantly|at once|asap|sofort|jetzt|gleich|ahora|'
    r'inmediatamente|enseguida|maintenant|imm[eé]diatement|tout de suite)\b|马上|立刻|立即|现在',
    re.I)
_SOON = re.compile(r'\b(?:in|en|dans|dentro de)\b', re.I)


@dataclass(frozen=True)
class Delay:
    """
    Words for when something is to begin.

    :param before, after: the text around them
    :param words: all of them, such as "in 3 s"; ``amount``: what is to pass first, such as "3 s"
    """

    before: str
    after: str
    words: str
    amount: str

    @property
    def plain(self) -> bool:
        """Whether they could be nothing else: who goes 2 m "in 5 s" goes at a speed."""
        return not self.before.strip() or not _SOON.match(self.words)


def find_delay(text: str) -> Delay | None:
    """Return the first words of a text for when something is to begin."""
    found = _HINT.search(text) and _DELAY.search(text)
    if not found:
        return None
    amount = next(filter(None, found.group('amount', 'gone', 'passed', 'earlier', 'chinese')))
    return Delay(text[:found.start()], text[found.end():], found[0].strip(), amount)


def doubtful(text: str) -> bool:
    """Whether the delays of a text are denied, or something else is to happen at once."""
    if _AT_ONCE.search(text) and _AT_ONCE.search(_DELAY.sub(' ', text)):
        return True
    return bool(_HINT.search(text)) and any(
        _UNSURE.search(text[:found.start()]) for found in _DELAY.finditer(text))
