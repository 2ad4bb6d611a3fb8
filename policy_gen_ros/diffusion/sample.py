"""
What one diffusion sample holds beside the latent: clock rate, nominal command, aimed measures.

They are generated together with the weights because they belong together: a gait learned at 3 Hz
needs its 3 Hz clock, and a text that names no speed leaves it to the sampler.
"""

from __future__ import annotations

import numpy as np
from policy_gen_ros.goal.measures import MEASURE_NAMES

_CLOCK_CENTRE_HZ, _CLOCK_SPREAD_HZ = 2.6, 0.5
_COMMAND_SPREAD = np.array([0.35, 0.12, 0.4])
_CONTACT = slice(0, 4)
_PHASE = slice(5, 8)
_REST = slice(8, 13)
_REST_CENTRE = np.array([0.28, 0.075, 0.0, 0.0, 0.0])
_REST_SPREAD = np.array([0.03, 0.02, 0.35, 0.12, 0.4])
CONTROL_DIM = 4
EXTRA_DIM = CONTROL_DIM + 4 + 6 + 5


def encode_extras(clock_hz: np.ndarray, command: np.ndarray, measures: np.ndarray) -> np.ndarray:
    """
    Everything at about unit scale.

    :param clock_hz: Shape: (n,)
    :param command: Shape: (n, 3)
    :param measures: in the order of MEASURE_NAMES, complete. Shape: (n, 13)
    :return: Shape: (n, 19), float32
    """
    angle = 2 * np.pi * measures[:, _PHASE]
    return np.concatenate([
        (np.asarray(clock_hz)[:, None] - _CLOCK_CENTRE_HZ) / _CLOCK_SPREAD_HZ,
        command / _COMMAND_SPREAD, (measures[:, _CONTACT] - 0.55) / 0.1, np.sin(angle),
        np.cos(angle), (measures[:, _REST] - _REST_CENTRE) / _REST_SPREAD],
        axis=1).astype(np.float32)


def decode_extras(extras: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Inverse of :func:`encode_extras`; the aimed frequency is the clock's.

    :return: clock_hz (n,), command (n, 3), measures (n, 13)
    """
    clock = extras[:, 0] * _CLOCK_SPREAD_HZ + _CLOCK_CENTRE_HZ
    command = extras[:, 1:4] * _COMMAND_SPREAD
    measures = np.empty((len(extras), len(MEASURE_NAMES)))
    measures[:, _CONTACT] = np.clip(extras[:, 4:8] * 0.1 + 0.55, 0, 1)
    measures[:, 4] = clock
    measures[:, _PHASE] = np.arctan2(extras[:, 8:11], extras[:, 11:14]) / (2 * np.pi) % 1.0
    measures[:, _REST] = extras[:, 14:19] * _REST_SPREAD + _REST_CENTRE
    return clock, command, measures
