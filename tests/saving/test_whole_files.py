"""Files are written whole or not at all, by however many at once, and stay what they were: links, modes, devices."""

import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from microgradnn import Tensor, backward_steps, draw, save, unroll
from microgradnn.saving.whole_files import FORGOTTEN, SUFFIX, whole_file, write

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes, links and pipes in files")


def test_threads_and_processes_write_at_once(tmp_path):
    """Whoever reads a file that many are writing finds what one of them wrote, whole; nothing else is left in the folder."""
    path, texts = tmp_path / "x.txt", [c * 100_000 for c in "abcd"]
    program = (
        "import sys; from microgradnn.saving.whole_files import write\nfor i in range(50): write(sys.argv[1], 'e' * 100_000)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, path])
    found, failed = set(), []

    def many(text):
        try:
            for _ in range(50):
                write(path, text)
                found.add(path.read_text())
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=many, args=[text]) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert process.wait() == 0
    assert not failed and found <= {*texts, "e" * 100_000}
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("before", [None, "old"])
def test_what_fails_changes_nothing(tmp_path, before):
    """When writing is interrupted, or a text cannot be encoded, the file that was there is still there, and nothing else."""
    path = tmp_path / "x.txt"
    if before is not None:
        path.write_text(before)

    def interrupted():
        with whole_file(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    for fail, error in ((interrupted, KeyboardInterrupt), (lambda: write(path, "\ud800"), UnicodeEncodeError)):
        with pytest.raises(error):
            fail()
        assert {file.name: file.read_text() for file in tmp_path.iterdir()} == ({} if before is None else {"x.txt": before})


def written(folder):
    """For each writer a call, and the file that it writes."""
    W = Tensor(2.0, requires_grad=True, name="W")
    L = (W * W).named("L")
    diagram, steps, by_hand = draw(L), backward_steps(L), unroll(L, [W])
    for suffix in (".dot", ".mmd", ".svg", ".html"):
        yield lambda path=folder / f"x{suffix}": diagram.save(path), folder / f"x{suffix}"
    yield lambda: steps.save(folder / "steps.html"), folder / "steps.html"
    yield lambda: steps.save(folder / "steps.gif"), folder / "steps.gif"
    yield lambda: steps.save_frames(folder), folder / "frame_000.svg"
    yield lambda: by_hand.save(folder / "x.py"), folder / "x.py"
    yield lambda: save({"W": W}, folder / "x.npz"), folder / "x.npz"


@POSIX
def test_every_writer_keeps_links_and_modes(tmp_path):
    """Whatever saves: through a link its target is written, whose mode stays."""
    (tmp_path / "elsewhere").mkdir()
    for call, path in written(tmp_path):
        target = tmp_path / "elsewhere" / path.name
        target.write_text("old")
        target.chmod(0o604)
        path.symlink_to(os.path.relpath(target, path.parent))
        call()
        assert path.is_symlink() and target.read_bytes() != b"old"
        assert stat.S_IMODE(target.stat().st_mode) == 0o604
        assert len([*target.parent.glob(".*")]) == 0


@POSIX
def test_a_new_file_gets_what_the_umask_leaves(tmp_path):
    """As if it were opened: 0o666 without the bits of the umask; also at the end of a link that leads to no file yet."""
    before = os.umask(0o027)
    try:
        (tmp_path / "link").symlink_to("target")
        for name in ("file", "link"):
            write(tmp_path / name, "it")
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o640
    finally:
        os.umask(before)
    assert {file.name for file in tmp_path.iterdir()} == {"file", "link", "target"}


@POSIX
def test_a_device_and_a_pipe_are_written_to(tmp_path):
    """What is no file, or this program's own output, is never replaced; a pipe gets all bytes. So `save` can write to both."""
    write("/dev/null", "gone")
    assert Path("/dev/null").is_char_device()
    os.mkfifo(tmp_path / "pipe")
    received = []
    reader = threading.Thread(target=lambda: received.append((tmp_path / "pipe").read_text()))
    reader.start()
    write(tmp_path / "pipe", "all of it")
    reader.join()
    assert received == ["all of it"] and (tmp_path / "pipe").is_fifo()
    program = "from microgradnn.saving.whole_files import write; print(1, flush=True); write('/dev/stdout', '2\\n'); print(3)"
    with (tmp_path / "output").open("w") as output:
        subprocess.run([sys.executable, "-c", program], stdout=output, check=True)
    assert (tmp_path / "output").read_text() == "1\n2\n3\n"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout == "1\n2\n3\n"


@POSIX
def test_what_must_not_be_written(tmp_path, monkeypatch):
    """A file that is write-protected, and a folder that is missing, are refused under the name that was given."""
    (tmp_path / "x.txt").write_text("old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # as for everybody but root
    with pytest.raises(PermissionError, match=r"x\.txt'$"):
        write(tmp_path / "x.txt", "new")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]
    with pytest.raises(FileNotFoundError, match=r"nowhere/y\.txt'$"):
        write(tmp_path / "nowhere" / "y.txt", "new")
    with pytest.raises(IsADirectoryError):
        write(tmp_path, "new")


@POSIX
def test_a_killed_program_leaves_the_file_and_nothing_for_ever(tmp_path):
    """The file stays as it was; the temporary one goes when the same path is written an hour later, and no other file does."""
    path = tmp_path / "x.txt"
    write(path, "old")
    program = (
        "import os, signal, sys; from microgradnn.saving.whole_files import whole_file\n"
        "with whole_file(sys.argv[1]) as file: file.write(b'half'); file.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", program, path], check=False).returncode == -9
    (left,) = {*tmp_path.iterdir()} - {path}
    assert path.read_text() == "old" and left.suffix == SUFFIX
    write(path, "new")
    assert left.exists()  # it might belong to a program that is still at it
    other = tmp_path / f".other.txt.0{SUFFIX}"
    other.touch()
    for file in (left, other, path):
        os.utime(file, times=2 * (time.time() - FORGOTTEN - 1,))
    write(path, "newer")
    assert {*tmp_path.iterdir()} == {path, other} and path.read_text() == "newer"


@pytest.mark.parametrize("name", ["a" * 250, "ф" * 120, "a[1]*?.npz", ".hidden"])
def test_any_name_that_a_file_can_have(tmp_path, name):
    """Names as long as the system allows, and with letters that patterns give a meaning to, are written."""
    write(tmp_path / name, "it")
    assert [file.name for file in tmp_path.iterdir()] == [name]
