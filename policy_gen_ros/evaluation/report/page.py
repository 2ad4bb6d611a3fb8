# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A report as one HTML file that needs no network, no script and no other file."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from policy_gen_ros.evaluation.report.parts import Caution, Charts, Missing, Page
from policy_gen_ros.evaluation.report.style import COLORS
from policy_gen_ros.evaluation.report.svg import inline_svg
from policy_gen_ros.evaluation.report.table import Table
from policy_gen_ros.utils.files import write_text


def render(page: Page) -> str:
    """Return the page as HTML."""
    environment = Environment(
        loader=PackageLoader('policy_gen_ros', 'evaluation/report'), autoescape=True,
        trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.tests |= {kind.__name__.lower(): _is_a(kind)
                          for kind in (Charts, Table, Missing, Caution)}
    numbers = count(1)
    environment.filters['svg'] = lambda chart: inline_svg(
        chart.figure, f'chart{next(numbers)}', chart.title, chart.summary)
    return environment.get_template('page.html').render(page=page, colors=COLORS)


def write_page(page: Page, file: Path) -> None:
    """Write the page, whole or not at all."""
    write_text(file, render(page))


def _is_a(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kind)
