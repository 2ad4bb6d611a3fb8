"""What commands say of themselves."""

from policy_gen_ros.commands.output import command_line


def test_archives_do_not_tell_the_folders_of_their_makers_machine(monkeypatch):
    monkeypatch.setattr('sys.argv', ['/home/me/bin/policy_gen', 'archive', 'build', '/data/go2',
                                     '--json=/tmp/a/result.json', 'archives/b', '--ray', 'a b'])
    assert command_line() == ('policy_gen archive build go2 --json=result.json archives/b '
                              "--ray 'a b'")
