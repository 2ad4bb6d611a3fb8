"""
The archive on disk: one folder of memory-mapped arrays with named fields, and an index.

Each actor has BEHAVIORS_PER_ACTOR behaviours: itself under its nominal command, and under others.
The index loads without the weights. A finished chunk is never rewritten, so a build that is killed
goes on where it stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.actor.spec import ActorSpec
from policy_gen_ros.actor.weights import ActorWeights
from policy_gen_ros.files import write_whole
from policy_gen_ros.goal.measures import (
    GAIT_FAMILIES,
    MEASURE_NAMES,
    measures_array,
    nearest_family,
)

FORMAT = 'policy_gen_ros/archive/1'
BEHAVIORS_PER_ACTOR = 4
TRAJECTORY_ROWS = 200
PROBE_STATES = 128
HELD_OUT_EVERY = 10
"""Every tenth actor is held out of all training."""
ARRAY_FIELDS = ('weights', 'style', 'command', 'measures', 'reward', 'survived', 'trajectory',
                'probe')


class ArchiveError(ValueError):
    """The folder is not an archive of this version, or it is damaged."""


@dataclass(frozen=True)
class Chunk:
    """
    Actors that were cloned together, with their behaviours.

    Shapes, n actors, k behaviours each: ``weights`` (n, parameters) float32; ``style`` (n, 11);
    ``command`` (n, k, 3); ``measures`` (n, k, 13); ``reward``, ``survived`` (n, k);
    ``trajectory`` (n, k, 200, 42) float16; ``probe`` (n, 128, 49) float16, observations that the
    actor met; ``captions`` by actor and behaviour.
    """

    weights: np.ndarray
    style: np.ndarray
    command: np.ndarray
    measures: np.ndarray
    reward: np.ndarray
    survived: np.ndarray
    trajectory: np.ndarray
    probe: np.ndarray
    captions: list[list[list[str]]]


class Archive:
    """
    A read-only view of an archive folder.

    :raises ArchiveError: no archive there, or of another version
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        index = self.path / 'index.json'
        if not index.is_file():
            raise ArchiveError(f'no policy archive at {self.path} (build one with '
                               '"policy_gen archive build")')
        self.index: dict[str, Any] = json.loads(index.read_text())
        if self.index.get('format') != FORMAT:
            raise ArchiveError(f'{index} has format {self.index.get("format")!r}, '
                               f'this version reads {FORMAT!r}')
        self._folders = sorted(self.path.glob('chunk_*'))
        if not self._folders:
            raise ArchiveError(f'the archive at {self.path} holds no finished chunk')

    def _field(self, name: str) -> np.ndarray:
        return np.concatenate([np.load(f / f'{name}.npy', mmap_mode='r') for f in self._folders])

    def __len__(self) -> int:
        return len(self.reward)

    @cached_property
    def weights(self) -> np.ndarray:
        """Shape: (actors, parameters), float32."""
        return self._field('weights')

    @cached_property
    def style(self) -> np.ndarray:
        """Intended styles, see teacher.style.STYLE_NAMES. Shape: (actors, 11)."""
        return self._field('style')

    @cached_property
    def command(self) -> np.ndarray:
        """Shape: (actors, behaviours, 3)."""
        return self._field('command')

    @cached_property
    def measures(self) -> np.ndarray:
        """Shape: (actors, behaviours, 13), NaN without rhythm."""
        return self._field('measures')

    @cached_property
    def reward(self) -> np.ndarray:
        """Shape: (actors, behaviours)."""
        return self._field('reward')

    @cached_property
    def survived(self) -> np.ndarray:
        """Shape: (actors, behaviours), bool."""
        return self._field('survived')

    @cached_property
    def trajectory(self) -> np.ndarray:
        """Shape: (actors, behaviours, 200, 42), float16."""
        return self._field('trajectory')

    @cached_property
    def probe(self) -> np.ndarray:
        """Observations that each actor met. Shape: (actors, 128, 49), float16."""
        return self._field('probe')

    @cached_property
    def captions(self) -> list[list[list[str]]]:
        """Captions by actor and behaviour."""
        return [actor for folder in self._folders
                for actor in json.loads((folder / 'captions.json').read_text())]

    @property
    def clock_hz(self) -> np.ndarray:
        """Shape: (actors,)."""
        return self.style[:, 0]

    @cached_property
    def qualified(self) -> np.ndarray:
        """Behaviours that walk, keep a named gait and track their command. Shape: (actors, k)."""
        error = np.abs(self.measures[..., 10:13] - self.command)
        tracks = (error[..., :2].max(axis=-1) < 0.25) & (error[..., 2] < 0.4)
        return self.survived & tracks & np.isfinite(self.measures).all(axis=-1)

    @cached_property
    def family(self) -> np.ndarray:
        """Measured family names. Shape: (actors, behaviours)."""
        flat = self.measures.reshape(-1, len(MEASURE_NAMES))
        names = [nearest_family(row[5:8]) for row in flat]
        return np.array(names).reshape(self.measures.shape[:2])

    @property
    def train(self) -> np.ndarray:
        """Indices of actors that training may read: qualified, not held out. Shape: (n,)."""
        return np.flatnonzero(self.qualified[:, 0] & ~self.held_out_mask)

    @property
    def held_out(self) -> np.ndarray:
        """Indices of qualified actors that no training may read. Shape: (n,)."""
        return np.flatnonzero(self.qualified[:, 0] & self.held_out_mask)

    @cached_property
    def held_out_mask(self) -> np.ndarray:
        """
        Every tenth actor. Shape: (actors,), bool.

        It hangs on the number of an actor's chunk and its row there, so an actor stays on its
        side while the archive grows.
        """
        parts = []
        for folder in self._folders:
            rows = len(np.load(folder / 'reward.npy', mmap_mode='r'))
            parts.append(int(folder.name.removeprefix('chunk_')) * rows + np.arange(rows))
        return np.concatenate(parts) % HELD_OUT_EVERY == HELD_OUT_EVERY - 1

    @cached_property
    def fingerprint(self) -> str:
        """Hash over the hashes of all chunks."""
        digest = hashlib.sha256()
        for folder in self._folders:
            digest.update(folder.name.encode() + (folder / 'hashes.json').read_bytes())
        return digest.hexdigest()[:16]

    def actor(self, index: int, behavior: int = 0) -> ActorWeights:
        """One actor, with the command and measures of one of its behaviours."""
        spec = ActorSpec(clock_hz=float(self.clock_hz[index]))
        vx, vy, yaw = (float(v) for v in self.command[index, behavior])
        measured = dict(zip(MEASURE_NAMES, (float(v) for v in self.measures[index, behavior])))
        return ActorWeights(
            spec, ActorWeights.layers_from_vector(self.weights[index], spec.layer_sizes),
            nominal_command=(vx, vy, yaw), measures=measured, goal=f'archive actor {index}')

    def first_bias_share(self) -> float:
        """
        Share of the weights' variance that lies in the first bias.

        Near 1, the archive would be a style vector in disguise: one network with its condition
        folded into a bias.
        """
        spec = ActorSpec(clock_hz=1.0)
        first = spec.layer_sizes[0] * spec.layer_sizes[1]
        variance = self.weights[self.qualified[:, 0]].var(axis=0)
        return float(variance[first:first + spec.layer_sizes[1]].sum() / variance.sum())

    def damage(self) -> list[str]:
        """Files of chunks that are missing or altered."""
        found = []
        for folder in self._folders:
            recorded = json.loads((folder / 'hashes.json').read_text())
            for name, digest in recorded.items():
                file = folder / name
                if not file.is_file():
                    found.append(f'{folder.name}/{name} is missing')
                elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
                    found.append(f'{folder.name}/{name} was altered')
        return found

    def family_counts(self) -> dict[str, int]:
        """Qualified actors by the measured family of their nominal behaviour."""
        names = self.family[self.qualified[:, 0], 0]
        return {family: int((names == family).sum()) for family in GAIT_FAMILIES}


def create_archive(path: Path, seed: int, command: str) -> None:
    """
    Write the index of a new archive; an existing one is kept.

    :raises ArchiveError: the archive there was begun with another seed
    """
    path.mkdir(parents=True, exist_ok=True)
    file = path / 'index.json'
    if not file.exists():
        index = {'format': FORMAT, 'behaviors_per_actor': BEHAVIORS_PER_ACTOR,
                 'measures': MEASURE_NAMES, 'provenance': {'command': command, 'seed': seed}}
        write_whole(file, lambda partial: partial.write_text(json.dumps(index, indent=1)))
    begun_with = json.loads(file.read_text())['provenance']['seed']
    if begun_with != seed:
        raise ArchiveError(f'the archive at {path} was begun with seed {begun_with}, not {seed}')


def write_chunk(path: Path, number: int, chunk: Chunk) -> None:
    """Write one chunk; it appears under its name only when complete."""
    folder, building = path / f'chunk_{number:05d}', path / f'building_{number:05d}'
    building.mkdir(parents=True, exist_ok=True)
    for name in ARRAY_FIELDS:
        np.save(building / f'{name}.npy', getattr(chunk, name))
    (building / 'captions.json').write_text(json.dumps(chunk.captions))
    hashes = {file.name: hashlib.sha256(file.read_bytes()).hexdigest()
              for file in sorted(building.iterdir()) if file.name != 'hashes.json'}
    (building / 'hashes.json').write_text(json.dumps(hashes, indent=1))
    building.rename(folder)


def measures_rows(results: list[dict[str, float]]) -> np.ndarray:
    """Stack measure dictionaries. Shape: (n, 13), float32."""
    return np.stack([measures_array(measures) for measures in results]).astype(np.float32)
