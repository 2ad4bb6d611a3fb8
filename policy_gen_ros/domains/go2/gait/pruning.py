# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Words that ask for a failure: such goals are not followed.

Policy Diffusion (Hegde et al. 2023, on composing behaviours in sequence) prunes texts: those with
words that suggest a badly performing policy, such as "fall", are not sampled, and four behaviours
in sequence succeed more often (0.59 instead of 0.49). Here the same holds for what a user says: a
goal whose words ask for a fall, a limp or a stumble is left out. A word that is denied ("do not
fall") asks for nothing.
"""

from __future__ import annotations

import re

from policy_gen_ros.domains.go2.gait.meaning import affirmed, plain

_FAILURE = re.compile(
    r'\b(?:fall(?:s|ing|en)?(?! (?:in|into|back) )|topp?l(?:e|es|ing)|tip(?:s|ping)? over|'
    r'collaps(?:e|es|ing)|crash(?:es|ing)?|stumbl(?:e|es|ing)|stagger(?:s|ing)?|'
    r'trip(?:s|ping)?|limp(?:s|ing)?|lame|wobbl(?:e|es|ing|y)|unsteady|unsteadily|'
    r'drag(?:s|ging)? (?:its|your|the|a) (?:\w+ ){0,2}(?:feet|foot|legs?))\b')


def failure_in_text(text: str) -> str | None:
    """Return the first words of a text that ask for a failure, or None."""
    found = _FAILURE.search(affirmed(plain(text)))
    return found[0] if found else None
