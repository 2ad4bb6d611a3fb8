"""The report of a rehearsal, of made-up candidates."""

from dataclasses import replace

from chromium import needs_chromium, PHONE, read_page, WIDE
import numpy as np
from policy_gen_ros.goal.measures import MEASURE_NAMES
from policy_gen_ros.report.page import write_page
from policy_gen_ros.report.rehearsal_page import (
    Rehearsal,
    rehearsal_page,
    RehearsedCandidate,
)
import pytest

TROT = dict(zip(MEASURE_NAMES, [0.5, 0.5, 0.5, 0.5, 2.0, 0.5, 0.5, 0.0, 0.28, 0.07, 0.4, 0.0,
                                -0.001]))


def candidate(name, qualified=True, reasons=(), survived=1.0, reward=0.9):
    contacts = [np.random.default_rng(seed).random((300, 4)) < 0.5 for seed in range(4)]
    reached = {**TROT, 'contact_fl': 0.456, 'phase_rr': float('nan')}
    return RehearsedCandidate(name, qualified, reasons, survived, reward, TROT, reached, contacts,
                              812.4)


REHEARSAL = Rehearsal('trot <slowly>', 'friction 0.3 to 1.2', [
    candidate('first', False, ('falls in 1 of 4 twins', 'walks in a pace'), 0.75, 0.61),
    candidate('second')], 1, 3.2)


@needs_chromium
@pytest.mark.parametrize('width', [PHONE, WIDE])
def test_all_candidates_stand_there_with_what_is_wrong_with_them(tmp_path, width):
    write_page(rehearsal_page(REHEARSAL), tmp_path / 'report.html')
    page = read_page(tmp_path / 'report.html', width, tmp_path)
    assert page['width'] == page['room'] <= width
    assert page['key_figures'] == [['Kept', 'second'], ['Candidates that qualify', '1 of 2'],
                                   ['Its twins that stay up', '100 %'], ['Its reward', '0.90']]
    assert page['tables']['All candidates'] == [
        ['', 'qualifies', 'stays up', 'reward', 'ms', 'why not'],
        ['first', 'no', '0.75', '0.610', '812', 'falls in 1 of 4 twins; walks in a pace'],
        ['second, kept', 'yes', '1.00', '0.900', '812', '']]
    assert page['strong'] == ['1.00', '0.900']
    measures = {row[0]: row[1:] for row in page['tables']['Aimed at → reached']}
    assert measures['contact_fl'] == ['share of time', '0.50 → 0.46', '0.50 → 0.46']
    assert measures['phase_rr'][1] == '0.00 → ?'
    assert measures['yaw_rate_rps'][1] == '0.00 → 0.00'
    assert [chart[0] for chart in page['charts']] == ['first', 'second, kept']
    assert page['missing'] == [] and page['dead_links'] == []


@needs_chromium
def test_nothing_kept_is_said(tmp_path):
    lost = replace(REHEARSAL, candidates=[REHEARSAL.candidates[0]], chosen=None)
    write_page(rehearsal_page(lost), tmp_path / 'report.html')
    page = read_page(tmp_path / 'report.html', PHONE, tmp_path)
    assert page['key_figures'] == [['Kept', 'none'], ['Candidates that qualify', '0 of 1']]
    assert page['missing'][0].startswith('No candidate qualifies')


@pytest.mark.parametrize(('changes', 'message'), [
    ({'candidates': []}, 'at least one candidate'),
    ({'chosen': 2}, 'chosen is 2, expected 0 to 1'),
    ({'chosen': -1}, 'chosen is -1, expected 0 to 1')])
def test_a_rehearsal_that_cannot_be_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(REHEARSAL, **changes)
