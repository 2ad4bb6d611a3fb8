# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Reports in headless Chromium: what stands there, how wide it is, what the console says."""

from __future__ import annotations

import html
import json
from pathlib import Path
import re
import shutil
import subprocess
from typing import Any

import pytest

_CHROMIUM = next(filter(None, map(shutil.which, (
    'chromium', 'chromium-browser', 'google-chrome'))), None)
needs_chromium = pytest.mark.skipif(
    _CHROMIUM is None, reason='no Chromium on the PATH (apt install chromium)')
PHONE, WIDE = 390, 1600
_OPTIONS = ('--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
            '--disable-background-networking', '--disable-component-update', '--disable-sync',
            '--enable-logging=stderr', '--v=0', '--virtual-time-budget=5000', '--dump-dom')
_FRAME = """<!doctype html><meta charset="utf-8"><pre id="found"></pre>
<iframe style="border: 0; width: {width}px; height: 900px" onload="read(this.contentDocument)"
  srcdoc="{page}"></iframe>
<script>
function read(page) {{
  const all = (selector, of) => [...page.querySelectorAll(selector)].map(of);
  const edges = all('svg text, figure, p, h1, h2, h3, nav a, dl > div, .scroll',
                    box => box.getBoundingClientRect());
  document.getElementById('found').textContent = JSON.stringify({{
    title: page.title,
    width: page.documentElement.scrollWidth,
    room: page.documentElement.clientWidth,
    left: Math.min(...edges.map(edge => edge.left)),
    right: Math.max(...edges.map(edge => edge.right)),
    key_figures: all('dl > div', box => [...box.children].map(child => child.textContent)),
    charts: all('figure', box => [box.querySelector('strong').textContent,
                                  box.querySelector('figcaption').textContent,
                                  box.querySelector('svg').getBoundingClientRect().width]),
    tables: Object.fromEntries(all('table', table => [
      page.getElementById(table.getAttribute('aria-labelledby')).textContent,
      [...table.rows].map(row => [...row.cells].map(cell => cell.textContent))])),
    scrolled: all('.scroll', box => box)
      .filter(box => box.scrollWidth > box.clientWidth)
      .map(box => page.getElementById(box.getAttribute('aria-labelledby')).textContent),
    missing: all('.missing', box => box.textContent),
    cautions: all('.caution', box => box.textContent),
    notes: all('.note', box => box.textContent),
    closing: page.querySelector('footer').textContent,
    strong: all('td strong', box => box.textContent),
    dead_links: all('nav a', link => link.hash.slice(1)).filter(id => !page.getElementById(id)),
    ground: getComputedStyle(page.body).backgroundColor,
  }});
}}
</script>"""


def read_page(file: Path, width: int, folder: Path, dark: bool = False) -> dict[str, Any]:
    """
    Show a report in a frame of some width.

    :param folder: for the frame, and for Chromium's own files
    :return: what the script above found
    """
    frame = folder / 'frame.html'
    frame.write_text(_FRAME.format(width=width, page=html.escape(file.read_text())))
    dom, console = visit(frame, folder, *(['--blink-settings=preferredColorScheme=0'] * dark))
    assert console == []
    return json.loads(html.unescape(re.search(r'<pre id="found">(.*?)</pre>', dom, re.S)[1]))


def visit(file: Path, folder: Path, *options: str) -> tuple[str, list[str]]:
    """Open a file as it is; return its DOM and all lines of the console."""
    done = subprocess.run(
        [str(_CHROMIUM), *_OPTIONS, *options, f'--user-data-dir={folder / "chromium"}',
         file.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if 'CONSOLE' in line]
