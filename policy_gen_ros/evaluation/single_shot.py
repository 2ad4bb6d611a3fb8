"""Single-shot results: one actor a goal, no selection, walked in the twin and measured."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from policy_gen_ros.evaluation.held_out import HeldOutGoals
from policy_gen_ros.goal.measures import CONTACT_NAMES
from policy_gen_ros.twin.episode import EpisodeResult

OK_CONTACT, OK_VX_MPS = 0.06, 0.1


@dataclass(frozen=True)
class Score:
    """
    Shares over goals; errors over survivors.

    :param walks: share that stays upright for the whole episode
    :param right_family: share whose measured gait family is the one asked for
    :param qualified: share that walks in the right family
    :param contact_error: mean absolute error of the four contact proportions
    :param mem: mean L2 distance of the four contacts asked and reached (Policy Diffusion's MEM)
    :param ok: survives, contact error < 0.06 and vx error < 0.1 m/s (the two-core study's "ok")
    :param qualified_interval: 95 % Wilson interval of ``qualified``
    """

    count: int
    walks: float
    right_family: float
    qualified: float
    qualified_interval: tuple[float, float]
    contact_error: float
    mem: float
    vx_error_mps: float
    frequency_error_hz: float
    height_error_m: float
    reward: float
    ok: float

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def wilson_interval(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson score interval of a share."""
    centre = share + z * z / (2 * count)
    spread = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count**2))
    scale = 1 + z * z / count
    return float((centre - spread) / scale), float((centre + spread) / scale)


def judge(results: list[EpisodeResult], goals: HeldOutGoals) -> Score:
    """Compare what was reached with the behaviour behind each goal."""
    survived = np.array([r.survived for r in results])
    family = np.array([r.family == f for r, f in zip(results, goals.family)])
    reached = np.array([list(r.measures.values()) for r in results])
    error = np.abs(reached - goals.measures)
    contact = error[:, :len(CONTACT_NAMES)]
    alive = survived if survived.any() else np.ones(len(results), bool)
    good = survived & (contact.mean(axis=1) < OK_CONTACT) & (error[:, 10] < OK_VX_MPS)
    qualified = float((survived & family).mean())
    return Score(
        len(results), float(survived.mean()), float(family.mean()), qualified,
        wilson_interval(qualified, len(results)), float(contact[alive].mean()),
        float(np.linalg.norm(contact[alive], axis=1).mean()), float(error[alive, 10].mean()),
        float(np.nanmean(error[alive, 4])), float(error[alive, 8].mean()),
        float(np.mean([r.reward for r in results])), float(good.mean()))


def judge_parts(results: list[EpisodeResult], goals: HeldOutGoals,
                parts: np.ndarray) -> dict[str, Score]:
    """Judge goals apart by the name of their part. Shape of ``parts``: (n,)."""
    scores = {}
    for name in np.unique(parts):
        mine = np.flatnonzero(parts == name)
        scores[str(name)] = judge([results[i] for i in mine], goals.select(mine))
    return scores
