import io

import pytest
from PIL import Image

from app.files import actions, storage
from app.files.archives import MOST_ENTRIES
from app.files.inspection import EXTENSIONS, LARGEST
from app.files.models import File
from app.kernel.db import db
from app.kernel.errors import Forbidden, Invalid, TooLarge, TooMany
from tests.files import samples
from tests.make import make_person


def send(who, content, name):
    return actions.upload(who, io.BytesIO(content), name)


def refused(who, content, name):
    with pytest.raises(Invalid) as refusal:
        send(who, content, name)
    return refusal.value.fields["file"]


def test_a_photo_loses_its_metadata_and_stands_upright():
    ana = make_person()
    file = send(ana, samples.photo_with_secrets(orientation=6), "IMG_1.jpg")
    assert (file.kind, file.mime, file.width, file.height) == ("image", "image/jpeg", 60, 80)
    for variant in storage.VARIANTS:
        kept = storage.path(file.id, variant).read_bytes()
        assert b"Secret" not in kept
        assert b"secret" not in kept
        with Image.open(io.BytesIO(kept)) as shown:
            assert not shown.getexif()
    assert file.size == storage.path(file.id).stat().st_size


@pytest.mark.parametrize(
    ("form", "name"), [("PNG", "a.png"), ("WEBP", "a.webp"), ("GIF", "a.gif"), ("JPEG", "a.JPEG")]
)
def test_pictures_of_every_allowed_form_get_small_versions(form, name):
    file = send(make_person(), samples.picture(form, (1300, 700)), name)
    with (
        Image.open(storage.path(file.id, storage.THUMB)) as thumb,
        Image.open(storage.path(file.id, storage.AVATAR)) as avatar,
    ):
        assert (thumb.size, avatar.size) == ((640, 345), (160, 160))
    assert file.mime == EXTENSIONS[name.rpartition(".")[2].lower()]


def test_a_moving_picture_keeps_moving_without_its_comment():
    file = send(make_person(), samples.moving_gif(), "dance.gif")
    kept = storage.path(file.id).read_bytes()
    assert b"secret" not in kept
    with Image.open(io.BytesIO(kept)) as shown:
        assert shown.n_frames == 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_pictures_in_every_colour_mode_are_taken(mode):
    out = io.BytesIO()
    form = "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (30, 20)).save(out, form)
    assert send(make_person(), out.getvalue(), f"a.{'jpg' if form == 'JPEG' else 'png'}").width == 30


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "logo.svg"),
        (b"<!doctype html><script>alert(1)</script>", "page.html"),
        (b"<!doctype html><script>alert(1)</script>", "page.txt"),
        (b'\xef\xbb\xbf  <svg onload="alert(1)">', "logo.txt"),
        (b"MZ\x90\0\3\0", "setup.exe"),
        (b"MZ\x90\0\3\0", "setup"),
        (b"#!/bin/sh\nrm -rf /", "notes.txt"),
        (b"\x7fELF\2\1\1\0", "notes.txt"),
        (b"", "empty.txt"),
        (samples.picture("PNG"), "photo.jpg"),
        (samples.picture("JPEG"), "paper.pdf"),
        (samples.archive({"a.txt": b"a"}), "paper.docx"),
        (samples.docx(), "paper.xlsx"),
        (b"%PDF-1.4 nothing else", "paper.pdf"),
        (b"just words", "paper.pdf"),
        (b"GIF89a", "a.gif"),
        (b"\x89PNG\r\n\x1a\n", "a.png"),
        (samples.picture()[:200], "half.jpg"),
        (samples.archive({"a.txt": b"a" * 5000})[:60], "half.zip"),
        (b"PK\5\6" + b"\0" * 18, "nothing.zip"),
        (samples.archive({"../../etc/passwd": b"a"}), "slip.zip"),
        ("é".encode("utf-16"), "wide.txt"),
    ],
)
def test_what_is_not_allowed_or_lies_about_itself_is_refused_with_a_sentence(content, name):
    ana = make_person()
    assert refused(ana, content, name).endswith(".")
    assert db.session.query(File).count() == 0
    assert not [p for p in storage.folder().rglob("*") if p.is_file()]


@pytest.mark.parametrize(("width", "height"), [(6_400, 6_400), (30_000, 30_000), (65_000, 1)])
def test_a_pixel_bomb_is_refused_before_it_is_decoded(width, height):
    assert "40" in refused(make_person(), samples.png_that_claims(width, height), "bomb.png")


def test_archive_bombs_are_refused():
    ana = make_person()
    flat = samples.archive({"zeros.bin": b"\0" * (40 << 20)})
    nested = samples.archive({"a.txt": b"a"})
    for _level in range(4):
        nested = samples.archive({"inner.zip": nested})
    many = samples.archive({f"{n}.txt": b"" for n in range(MOST_ENTRIES + 1)})
    for bomb in (flat, nested, many):
        assert "archive" in refused(ana, bomb, "bomb.zip") or "archives" in refused(ana, bomb, "bomb.zip")


def test_an_archive_in_an_archive_is_taken_and_its_members_are_known():
    content = samples.archive(
        {"in.zip": samples.archive({"setup.exe": b"MZ\x90\0"}), "read me.txt": b"hello"}
    )
    file = send(make_person(), content, "both.zip")
    assert ["setup.exe", "4d5a9000"] in file.facts["members"]


def test_documents_tell_their_words_to_the_charter():
    ana = make_person()
    assert send(ana, samples.docx("Acme &amp; fils"), "a.docx").text == "Acme & fils\nFin\n"
    assert send(ana, samples.odt("Boulonex"), "a.odt").text == "Boulonex\n"
    assert "Hello" in send(ana, samples.pdf("Hello"), "a.pdf").text
    assert send(ana, "Prix : 10 €".encode("cp1252"), "a.csv").text == "Prix : 10 €"
    assert send(ana, b"a" * 150_000, "a.md").text == "a" * 100_000


def test_a_document_with_a_billion_laughs_says_nothing():
    bomb = '<!DOCTYPE x [<!ENTITY a "ha">]><w:document xmlns:w="w"><w:t>&a;</w:t></w:document>'
    content = samples.docx(**{"word/document.xml": bomb.encode()})
    assert send(make_person(), content, "a.docx").text == ""


def test_programs_in_documents_are_noticed():
    content = samples.docx(**{"word/vbaProject.bin": b"macro"})
    assert send(make_person(), content, "a.docx").facts["macros"] is True


def test_a_broken_pdf_is_kept_and_known_to_be_unreadable():
    file = send(make_person(), b"%PDF-1.4\nrubbish\n%%EOF", "a.pdf")
    assert (file.text, file.facts["problems"]) == ("", ["unreadable"])


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Ana\\note.txt", "note.txt"),
        ("invoice\u202efdp.txt", "invoicefdp.txt"),
        ("a\0b\x1b[31m\nc.txt", "ab[31mc.txt"),
        (".txt", "txt.txt"),
        ("notes", "notes.txt"),
        ('a"b<c>:d|e?.txt', "a-b-c--d-e-.txt"),
        ("é" * 5000 + ".txt", "é" * 116 + ".txt"),
    ],
)
def test_names_lose_paths_controls_and_tricks(name, kept):
    stored = send(make_person(), b"words", name).name
    assert stored == kept


def test_too_many_bytes_and_too_many_files_are_refused(monkeypatch):
    ana = make_person()
    with pytest.raises(TooLarge):
        send(ana, b"a" * (LARGEST + 1), "a.txt")
    monkeypatch.setattr(actions, "MOST_LOOSE", 1)
    send(ana, b"a", "a.txt")
    with pytest.raises(TooMany):
        send(ana, b"a", "b.txt")


def test_what_could_not_be_stored_leaves_nothing_on_the_disk(monkeypatch):
    ana = make_person()

    def fail(*_args):
        raise RuntimeError("no database")

    monkeypatch.setattr(actions, "_keep", fail)
    with pytest.raises(RuntimeError, match="no database"):
        send(ana, samples.picture(), "a.jpg")
    assert not [p for p in storage.folder().rglob("*") if p.is_file()]


def test_one_discards_only_what_one_sent():
    ana, bo = make_person(), make_person()
    file = send(ana, b"a", "a.txt")
    with pytest.raises(Forbidden):
        actions.discard(bo, file)
    actions.discard(ana, file)
    assert not storage.path(file.id).exists()
