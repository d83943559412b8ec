"""A chain of scalar operations, z = z · 0.999 + 0.001 again and again: what a node costs in time and in memory.

Python's cycle collector is off, so what is freed when the last reference goes is freed by reference counting alone.
Each contender runs in a process of its own, where the growth of resident memory can be put down to it.
"""

import gc
import json
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from .measure import table

ROUNDS = 3
LIMIT = 300  # seconds for one contender
LENGTHS = {  # operations: as many as the contender takes in reasonable time
    "microgradnn": 1_000_000,
    "PyTorch": 1_000_000,
    "MyGrad": 100_000,
    "autograd": 100_000,
    "micrograd": 10_000,
    "jax.jit": 1_000,
}


def repeated(z, n):
    """n operations on z."""
    for _ in range(n // 2):
        z = z * 0.999
        z = z + 0.001
    return z


def in_microgradnn():
    from microgradnn import Tensor

    return Tensor(1.0, requires_grad=True), lambda x, z: (z.backward(), float(x.grad))[1]


def in_pytorch():
    import torch

    torch.set_num_threads(1)
    return torch.tensor(1.0, dtype=torch.float64, requires_grad=True), lambda x, z: (z.backward(), x.grad.item())[1]


def in_mygrad():
    import mygrad

    return mygrad.tensor(1.0), lambda x, z: (z.backward(), float(x.grad))[1]


def in_autograd():
    from autograd.core import VJPNode, backward_pass
    from autograd.tracer import new_box

    start = VJPNode.new_root()
    return new_box(1.0, 0, start), lambda x, z: backward_pass(1.0, z._node)


def in_micrograd():
    from micrograd.engine import Value

    return Value(1.0), lambda x, z: (z.backward(), x.grad)[1]


MAKERS = {
    "microgradnn": in_microgradnn,
    "PyTorch": in_pytorch,
    "MyGrad": in_mygrad,
    "autograd": in_autograd,
    "micrograd": in_micrograd,
}


def once(name, n):
    """Run one contender in this process: µs and bytes an operation, as a dict, or the reason why not."""
    if name == "jax.jit":
        return once_in_jax(n)
    try:
        x, backward = MAKERS[name]()
        backward(x, repeated(x, 2))  # what a library does on its first use only
        x, backward = MAKERS[name]()
    except ImportError:
        return {"failed": "–"}
    gc.collect()
    gc.disable()

    resident = resident_bytes()
    start = perf_counter()
    z = repeated(x, n)
    forward = perf_counter() - start
    held = resident_bytes() - resident

    start = perf_counter()
    try:
        slope = backward(x, z)
    except RecursionError:
        return {"failed": "RecursionError"}
    back = perf_counter() - start
    at_most = resident_bytes("VmHWM") - resident
    assert abs(slope - 0.999 ** (n // 2)) <= 1e-9 * slope, f"{name}: dz/dx is {slope}"

    start = perf_counter()
    del z
    freed = perf_counter() - start
    in_cycles = gc.collect()  # objects that only the cycle collector could free
    per = 1e6 / n
    return {
        "forward": forward * per,
        "backward": back * per,
        "freeing": "stays" if in_cycles > n / 2 else freed * per,
        "held": held / n,
        "peak": at_most / n,
    }


def once_in_jax(n):
    """For jax.jit: tracing and compiling as its forward, one run of the compiled gradient as its backward."""
    try:
        import jax
    except ImportError:
        return {"failed": "–"}
    jax.config.update("jax_enable_x64", True)
    slope = jax.jit(jax.value_and_grad(lambda x: repeated(x, n)))
    start = perf_counter()
    compiled = slope.lower(1.0).compile()
    forward = perf_counter() - start
    compiled(1.0)
    start = perf_counter()
    jax.block_until_ready(compiled(1.0))
    back = perf_counter() - start
    return {"forward": forward * 1e6 / n, "backward": back * 1e6 / n, "freeing": "–", "held": "–", "peak": "–"}


def resident_bytes(field="VmRSS"):
    """Resident memory of this process, now or (VmHWM) at most. Linux only: elsewhere 0."""
    try:
        with Path("/proc/self/status").open() as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field))
    except OSError:
        return 0


def report():
    """The table, from several rounds over all contenders."""
    results = {name: [] for name in LENGTHS}
    for _ in range(ROUNDS):
        for name, n in LENGTHS.items():
            results[name].append(in_own_process(name, n))
    rows = []
    for name, n in LENGTHS.items():
        runs = results[name]
        if any("failed" in run for run in runs):
            rows.append([name, f"{n:,}", next(run["failed"] for run in runs if "failed" in run), *["–"] * 4])
        else:
            rows.append([name, f"{n:,}", *(median_of(runs, key) for key in ("forward", "backward", "freeing", "held", "peak"))])
    header = ["chain", "operations", "µs forward", "µs backward", "µs freeing", "bytes held", "bytes at the peak of backward"]
    lines = [
        f"A chain of scalar operations, cycle collector off: time and resident memory an operation, median of {ROUNDS}",
        table(header, rows),
        "stays: only the cycle collector would free it; MyGrad frees in backward; jax.jit: tracing and compiling, then one run",
    ]
    ours, torch = results["microgradnn"], results["PyTorch"]
    if not any("failed" in run for run in ours + torch):
        ratios = [
            (theirs["forward"] + theirs["backward"] + theirs["freeing"]) / (run["forward"] + run["backward"] + run["freeing"])
            for run, theirs in zip(ours, torch)
        ]
        lines.append(f"PyTorch / microgradnn, forward + backward + freeing: {statistics.median(ratios):.1f}")
    return "\n".join(lines)


def in_own_process(name, n):
    command = [sys.executable, "-m", __name__, name, str(n)]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"> {LIMIT} s"}
    return json.loads(result.stdout) if result.returncode == 0 else {"failed": result.stderr.strip().splitlines()[-1][:40]}


def median_of(runs, key):
    numbers = [run[key] for run in runs]
    if isinstance(numbers[0], str):
        return numbers[0]
    middle = statistics.median(numbers)
    return f"{middle:,.0f}" if key in ("held", "peak") else f"{middle:.2f}"


if __name__ == "__main__":
    print(json.dumps(once(sys.argv[1], int(sys.argv[2]))))
