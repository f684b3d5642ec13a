"""ZIP archives that are no table are refused by name before anything is unpacked."""

import stat

import pytest
from doubles.odp import Patents, pack
from portal_world import KEY, portal

from listgen.base.errors import DataError
from listgen.base.zipped import ZipError, check_zip, unpack_member

_LINK = {"external_attr": (stat.S_IFLNK | 0o777) << 16, "create_system": 3}


def good() -> bytes:
    return Patents(n=50).archive("g_patent", "2025-12-31")


def flipped() -> bytes:
    whole = bytearray(good())
    whole[len(whole) // 2] ^= 0x10
    return bytes(whole)


def lying() -> bytes:
    """An archive whose directory and header name a size it does not have."""
    whole = pack({"g_patent.tsv": b"a" * 5000})
    return whole.replace((5000).to_bytes(4, "little"), (4000).to_bytes(4, "little"))


ARCHIVES = {
    "bomb": (lambda: pack({"g_patent.tsv": b"\0" * 70_000_000}), "would grow from"),
    "several": (
        lambda: pack({"g_patent.tsv": b"a", "g_patent2.tsv": b"b"}),
        r"holds 2 members \(g_patent.tsv, g_patent2.tsv\)",
    ),
    "slip": (lambda: pack({"../../g_patent.tsv": b"a"}), "leads elsewhere"),
    "absolute": (lambda: pack({"/etc/g_patent.tsv": b"a"}), "leads elsewhere"),
    "drive": (lambda: pack({"C:\\g_patent.tsv": b"a"}), "leads elsewhere"),
    "link": (lambda: pack({"g_patent.tsv": b"/etc/passwd"}, changes=_LINK), "no plain file"),
    "encrypted": (
        lambda: pack({"g_patent.tsv": b"a"}).replace(b"\0\0\x08\0", b"\x01\0\x08\0"),
        "no plain file",
    ),
    "other": (lambda: pack({"readme.txt": b"a"}), "expected a name that ends in g_patent.tsv"),
    "nested": (lambda: pack({"g_patent.tsv.zip": good()}), "expected a name that ends in g_patent.tsv"),
    "many": (lambda: pack({f"f{n:05d}" * 8: b"" for n in range(12_000)}), "too many members"),
    "none": (lambda: b"PK\x03\x04 no archive at all" * 9, "torn or no ZIP archive"),
    "empty": (lambda: pack({}), "holds 0 members"),
    "cut": (lambda: good()[:-30], "torn or no ZIP archive"),
    "flipped": (flipped, "torn or no ZIP archive"),
    "lying": (lying, "torn or no ZIP archive"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_d53_an_archive_that_is_no_table_is_refused_by_name(tmp_path, name):
    make, reason = ARCHIVES[name]
    path = tmp_path / "given.zip"
    path.write_bytes(make())
    with pytest.raises(ZipError, match=reason):
        unpack_member(path, check_zip(path, "g_patent.tsv"))
    assert [file.name for file in tmp_path.rglob("*")] == ["given.zip"]


def test_a_table_is_unpacked_whole(tmp_path):
    path, target = tmp_path / "given.zip", tmp_path / "table"
    path.write_bytes(good())
    member = check_zip(path, "g_patent.tsv")
    assert unpack_member(path, member, target) == member.file_size == target.stat().st_size
    assert target.read_bytes().startswith(b'"patent_id"\t"patent_type"')


@pytest.mark.parametrize("name", ["bomb", "flipped"])
def test_d53_the_connector_keeps_no_archive_that_is_no_table(tmp_path, monkeypatch, name):
    monkeypatch.setenv("USPTO_API_KEY", KEY)
    make, reason = ARCHIVES[name]
    with portal(tmp_path / "w", access={"products": {"PVGPATDIS": ["g_patent"]}}) as w:
        w.double.changed["PVGPATDIS/2025-12-31/g_patent.tsv.zip"] = make()
        with pytest.raises(DataError, match=rf"g_patent\.tsv\.zip .*{reason}"):
            w.acquire()
        assert not (w.workspace.raw / "snapshots" / "patentsview").exists()
        assert not list(tmp_path.rglob("g_patent.tsv*"))
