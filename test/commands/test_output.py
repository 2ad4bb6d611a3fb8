# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What commands say of themselves."""

from policy_gen_ros.commands.output import command_line


def test_archives_do_not_tell_the_folders_of_their_makers_machine(monkeypatch):
    monkeypatch.setattr('sys.argv', ['/home/me/bin/policy_gen', 'archive', 'build', '/data/go2',
                                     '--json=/tmp/a/result.json', 'archives/b', '--ray', 'a b'])
    assert command_line() == ('policy_gen archive build go2 --json=result.json archives/b '
                              "--ray 'a b'")
