"""Parameters in files: what is saved comes back, and what does not fit changes nothing."""

import io
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from microgradnn import Tensor, load, nn, save


class Network(nn.Module):
    """Two layers."""

    def __init__(self, seed, hidden=3):
        rng = np.random.default_rng(seed)
        self.hidden, self.out = nn.Linear(2, hidden, rng=rng), nn.Linear(hidden, 1, rng=rng)

    def forward(self, x):
        return self.out(self.hidden(x).tanh())


def test_a_network_comes_back(tmp_path):
    """A network that loads another's parameters computes the same; its own arrays are filled, not replaced."""
    one, other = Network(0), Network(1)
    before = [parameter.data for parameter in other.parameters()]
    load(other, save(one, tmp_path / "network.npz"))
    x = np.array([0.5, -1.0])
    assert one(x).item() == other(x).item()
    assert all(parameter.data is data for parameter, data in zip(other.parameters(), before, strict=True))


@given(array=hnp.arrays(hnp.floating_dtypes(sizes=(32, 64)), hnp.array_shapes(min_dims=0)))
def test_any_array_comes_back(tmp_path_factory, array):
    """Whatever the shape, dtype and numbers, they come back to the last bit."""
    path = tmp_path_factory.mktemp("saved") / "x.npz"
    saved, loaded = Tensor(array, requires_grad=True), Tensor(np.zeros_like(array), requires_grad=True)
    save({"x": saved}, path)
    load({"x": loaded}, path)
    assert loaded.data.tobytes() == saved.data.tobytes()


def test_what_does_not_fit_is_listed(tmp_path):
    """Other names, shapes and dtypes are refused with a list of all differences, and nothing is loaded."""
    path = save({"W": Tensor(np.zeros((2, 2))), "b": Tensor(np.zeros(2)), "old": Tensor(1.0)}, tmp_path / "saved.npz")
    W, b, new = Tensor(np.ones((2, 2))), Tensor(np.ones(3), dtype=np.float32), Tensor(2.0)
    with pytest.raises(ValueError) as caught:
        load({"W": W, "b": b, "new": new}, path)
    assert str(caught.value) == (
        "saved.npz does not fit, and nothing was loaded:\n"
        "    old is in the file only\n"
        "    b is float32 of shape (3,); in the file, float64 of shape (2,)\n"
        "    new is not in the file"
    )
    assert W.data.tolist() == [[1, 1], [1, 1]]


def test_a_file_with_code_is_refused(tmp_path):
    """A file with pickled objects is not unpickled."""
    np.savez(tmp_path / "evil.npz", W=np.array([{"run": "me"}], dtype=object))
    with pytest.raises(ValueError, match=r"W is float64 of shape \(1,\); in the file, object of shape \(1,\)$"):
        load({"W": Tensor([1.0])}, tmp_path / "evil.npz")


def test_saving_is_whole_or_not_at_all(tmp_path, monkeypatch):
    """When writing fails, the file that was there is still there, and nothing else."""
    path = save({"x": Tensor(1.0)}, tmp_path / "x.npz")

    def fail(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(np.lib.format, "write_array", fail)
    with pytest.raises(OSError, match="disk full"):
        save({"x": Tensor(2.0)}, path)
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == [path]
    x = Tensor(0.0)
    load({"x": x}, path)
    assert x.item() == 1


def test_not_by_name():
    """What is not Tensors by name is refused."""
    with pytest.raises(TypeError, match=r"^Parameters are Tensors by name: \{'W': W\}; not 'W': the number 3.$"):
        save({"W": 3}, "nowhere.npz")
    with pytest.raises(TypeError, match=r"^Parameters are a network's, or Tensors by name: \{'W': W\}; not a list.$"):
        save([Tensor(1.0)], "nowhere.npz")


def test_a_file_is_read_into_a_network():
    """A file without a network, and the two the wrong way round, are refused with what is wanted."""
    with pytest.raises(TypeError, match=r"^load reads a file into a network that you have made before: load\(network, "):
        load("nowhere.npz")
    for function in load, save:
        with pytest.raises(TypeError, match=r"^Parameters are a network's, or Tensors by name: \{'W': W\}; not a str.$"):
            function("nowhere.npz", {"W": Tensor(1.0)})


@settings(max_examples=25)
@given(names=st.sets(st.sampled_from(["file", "args", "allow_pickle", "a", "a.npy", "a.npy.npy", "", "x/y", ".."]) | st.text()))
def test_any_name_comes_back(tmp_path_factory, names):
    """Whatever parameters are called, also as arguments of np.savez, each gets its own values back; np.load finds them too."""
    path = tmp_path_factory.mktemp("saved") / "x.npz"
    saved = {name: Tensor(float(i)) for i, name in enumerate(sorted(names))}
    loaded = {name: Tensor(-1.0) for name in names}
    if any("\0" in name for name in names):
        with pytest.raises(ValueError, match=r"^A parameter called .*\\x00.* cannot be saved: no file can keep that name\.$"):
            save(saved, path)
        assert not path.exists()
        return
    load(loaded, save(saved, path))
    assert {name: x.item() for name, x in loaded.items()} == {name: x.item() for name, x in saved.items()}
    with np.load(path) as file:
        assert {*file.files} == names
        assert all(file[f"{name}.npy"] == x.item() for name, x in saved.items())


def in_zip(path, **members):
    """An .npz file made by hand."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


def npy(array):
    """The bytes of an .npy file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def test_headers_are_compared_before_arrays_are_read(tmp_path):
    """A file with other names, and a header that claims 2⁵⁰ elements, are refused; no memory is asked for what they hold."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (2**50,)})
    path = in_zip(tmp_path / "x.npz", W=file.getvalue(), other=npy(np.zeros(4_000_000)))
    W = Tensor([1.0, 2.0])
    tracemalloc.start()
    try:
        with pytest.raises(ValueError) as caught:
            load({"W": W}, path)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert str(caught.value) == (
        "x.npz does not fit, and nothing was loaded:\n"
        "    other is in the file only\n"
        f"    W is float64 of shape (2,); in the file, float64 of shape ({2**50},)"
    )


WHOLE = npy(np.array([3.0, 4.0]))


ENDLESS_HEADER = WHOLE[:10] + b"{" * (len(WHOLE) - 26) + WHOLE[-16:]


@pytest.mark.parametrize("broken", [b"", b"no array", WHOLE[:20], WHOLE[:-1], WHOLE + b".", ENDLESS_HEADER])
def test_a_damaged_file_changes_nothing(tmp_path, broken):
    """A file that is cut short, has too much in it, or is no .npz file is refused by its name; no parameter has changed."""
    parameters = {"V": Tensor([1.0, 2.0]), "W": Tensor([1.0, 2.0])}
    in_zip(tmp_path / "x.npz", V=WHOLE, W=broken)
    (tmp_path / "y.npz").write_bytes(broken)
    for name in ("x.npz", "y.npz"):
        with pytest.raises(ValueError, match=f"^{name} cannot be read as an .npz file, and nothing was loaded: "):
            load(parameters, tmp_path / name)
    assert all(x.data.tolist() == [1, 2] for x in parameters.values())


def test_members_that_are_no_arrays(tmp_path):
    """A file of other things, as a directory of texts, is refused by its name."""
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("W", WHOLE)
    W = Tensor([1.0, 2.0])
    with pytest.raises(ValueError, match=r"^x\.npz "):
        load({"W": W}, tmp_path / "x.npz")


def test_a_name_that_no_file_can_keep(tmp_path):
    """A name longer than a zip file's directory can hold is refused, and no file is written."""
    with pytest.raises(ValueError, match="its name has over 60,000 bytes"):
        save({"W" * 70_000: Tensor(1.0)}, tmp_path / "x.npz")
    assert list(tmp_path.iterdir()) == []
