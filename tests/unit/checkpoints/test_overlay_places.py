"""Where an overlay can stand, told from the table of mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from regreen.checkpoints.overlay.places import homes, kind_of, make_private, mounts, unsuitable

TABLE = rb"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /proc rw,nosuid - proc proc rw
30 22 0:40 / /srv/share rw - nfs4 server:/x rw
31 22 0:41 / /srv/with\040space rw master:3 - fuse.sshfs x rw
32 22 0:42 / /home/me/work/data rw - ext4 /dev/vdb rw
33 22 0:43 / /srv/twice rw - nfs4 server:/y rw
34 33 0:44 / /srv/twice rw - xfs /dev/vdc rw
35 22 0:45 / /srv/\134back rw - btrfs /dev/vdd rw,subvol=/x
torn line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me", "ext4"),
        ("/srv/share", "nfs4"),
        ("/srv/shared", "ext4"),
        ("/srv/share/deep/er", "nfs4"),
        ("/srv/with space/x", "fuse.sshfs"),
        ("/srv/twice/x", "xfs"),
        ("/srv/\\back/x", "btrfs"),
    ],
)
def test_the_kind_is_that_of_the_innermost_mount(path: str, kind: str) -> None:
    assert kind_of(path, mounts(TABLE)) == kind


def test_without_a_table_the_kind_is_unknown() -> None:
    assert kind_of("/home", ()) == ""
    assert "unknown" in (unsuitable("/home", ()) or "")


@pytest.mark.parametrize(
    ("root", "words"),
    [
        ("/", "whole file system"),
        ("/home/me/work", "/home/me/work/data"),
        ("/srv/share/x", "nfs4"),
        ("/srv/with space", "fuse.sshfs"),
    ],
)
def test_why_no_overlay_can_stand_is_said_in_a_sentence(root: str, words: str) -> None:
    why = unsuitable(root, mounts(TABLE))
    assert why is not None
    assert words in why
    assert why.endswith(".")


@pytest.mark.parametrize("root", ["/home/me/work/data", "/home/me/other", "/home/me/work/dat", "/srv/twice"])
def test_on_a_local_file_system_it_can(root: str) -> None:
    assert unsuitable(root, mounts(TABLE)) is None


def test_the_upper_layer_never_lies_in_the_workspace() -> None:
    for root in (Path("/home/me"), Path("/home/me/.state"), Path("/var"), Path("/var/tmp")):
        found = homes(Path("/home/me/.state"), root)
        assert found
        assert not any(home.is_relative_to(root) for home in found)


def test_the_state_folder_comes_first() -> None:
    assert homes(Path("/s"), Path("/w"))[0] == Path("/s/benches")


def test_a_folder_in_a_place_that_is_open_to_all_must_be_ours_alone(tmp_path: Path) -> None:
    home = tmp_path / "regreen-0-digest"
    make_private(home, tmp_path / "state")
    assert home.stat().st_mode & 0o777 == 0o700
    make_private(home, tmp_path / "state")
    home.chmod(0o755)
    with pytest.raises(PermissionError):
        make_private(home, tmp_path / "state")


def test_a_link_in_a_place_that_is_open_to_all_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "regreen-0-digest").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        make_private(tmp_path / "regreen-0-digest", tmp_path / "state")
    assert list((tmp_path / "elsewhere").iterdir()) == []
