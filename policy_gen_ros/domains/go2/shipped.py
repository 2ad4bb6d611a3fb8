# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What the package ships for the Go2, and what its bundles and archives hold beside networks."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).resolve().parent
SHIPPED_BUNDLE = _FOLDER / 'bundle'
SHIPPED_INDEX = _FOLDER / 'archive_index'
"""Index of the archive that ``archive build`` makes by default, with the weights of 50 actors."""
SHIPPED_FOUNDATION = _FOLDER / 'archive_foundation'
ADAPTOR_FILE = 'adaptor.safetensors'
"""In a bundle: the adaptor that its actors know."""
CALM_FILE = 'calm.safetensors'
"""In a bundle: an actor that steps on the spot, with which the controller ends a walk."""
ARCHIVE_ADAPTOR_FILE = 'foundation/adaptor.safetensors'
"""In an archive: the adaptor under which its actors were trained."""
NOMINAL_FOLDER = 'nominal'
"""In the folder of a robust base policy: those of the nominal robot, from which it learned."""
