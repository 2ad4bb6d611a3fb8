# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What counts in figures, and what the words of tables and plots mean: beside the numbers."""

from __future__ import annotations

from policy_gen_ros.evaluation.studies.sequences import SUCCESS_SHARE
from policy_gen_ros.evaluation.studies.single_shot import OK_CONTACT, OK_VX_MPS

ABOVE_ONE = "above 1 is no merit: it is of cells that the archive's own actors leave empty"
MEANINGS = {
    'language_gait_accuracy': 'counts the gait, also of those that fall',
    'reward_ratio': 'counts speed and posture, not the gait; a fall earns 0',
    'qd_score_ratio': 'counts whoever stays up, whatever was asked',
    'coverage_ratio': f'counts whoever stays up, whatever was asked; {ABOVE_ONE}',
    'mem': 'counts all actors, fallen ones too'}
"""What counts in the figures at the top of the page, under each."""
FIGURE_NOTES = (
    "archive: the same figure of the archive's own actors. n: goals, behaviours or actors.",
    'QD score and coverage count whoever stays up and is the best of its cell, whatever was '
    f'asked; a coverage ratio {ABOVE_ONE}.',
    'The reward ratio counts speed and posture, not the gait; the mean error in measure and the '
    'divergence count fallen actors too.',
    f'Sequences count staying up for {SUCCESS_SHARE:.0%} of the time, scenarios staying up: at '
    'any speed, in any gait. Whether actors do as asked is in "qualified" and "ok".')
GOAL_NOTES = (
    'walks: stays up. family: of goals that name a gait, those answered in it. qualified: stays '
    'up, in that gait, with a rhythm, and follows its command.',
    f'ok: stays up, contacts within {OK_CONTACT:g} and speed forward within {OK_VX_MPS:g} m/s of '
    'those asked, on average over the feet.',
    'MEM (mean error in measure): mean distance of the four contacts asked and reached. Errors '
    'are of those that stay up.',
    'new region, new run, new actor: training has not seen its region of behaviour, anything '
    'trained together with its actor, or just that actor. new nothing: it has seen the goal.',
    'known wording, new wording: training has read the pattern of the sentence, or has not.',
    "archive: the goals' own actors. clone, specialist, reinforced, imported: their source.")
SCATTER_NOTE = 'Dots walked to the end, crosses fell. On the line, what was asked is reached.'
