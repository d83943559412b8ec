"""The one command: `python -m tests.benchmarks [part ...]`, from the repository's root.

Parts are one_sample, small_batch, digits, programs, overhead, chain, reuse, growth, imports; all of them if none is given.
"""

import argparse
import os
import sys

SETTINGS = {
    # One thread. Read when NumPy loads its BLAS, so set before any other import.
    **dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"], "1"),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    # glibc hands freed memory back to the system, or not, as the layout of the heap has it; what is handed back costs a
    # page fault every 4 kB in the next step, up to 40 % of `digits`. Keeping it takes that chance out, for everybody.
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
}
if any(os.environ.get(name) != value for name, value in SETTINGS.items()):  # glibc reads its own when a process starts
    os.environ.update(SETTINGS)
    os.execv(sys.executable, [sys.executable, "-m", "tests.benchmarks", *sys.argv[1:]])

from . import chain, digits, growth, imports, one_sample, overhead, programs, readme, reuse, small_batch  # noqa: E402
from .contenders import CONTENDERS  # noqa: E402
from .measure import compare_steps, environment, table  # noqa: E402

NETWORKS = {module.__name__.rpartition(".")[2]: module for module in (one_sample, small_batch, digits)}
OTHERS = {module.__name__.rpartition(".")[2]: module for module in (programs, overhead, chain, reuse, growth, imports)}


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join([*NETWORKS, *OTHERS]))
    parser.add_argument("--rounds", type=int, default=25, help="turns that each contender gets at each network (25)")
    parser.add_argument("--readme", action="store_true", help="write the table of training steps into the README, too")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - {*NETWORKS, *OTHERS}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    parts = arguments.parts or [*NETWORKS, *OTHERS]

    print(environment(), end="\n\n", flush=True)
    networks = [NETWORKS[part] for part in parts if part in NETWORKS]
    if networks:
        found = [compare_steps(workload, arguments.rounds) for workload in networks]
        header = [
            "training step",
            *(f"{workload.TITLE} ({hand * 1e6:,.0f} µs)" for workload, (hand, _) in zip(networks, found)),
        ]
        rows = [[name, *(ratios.get(name, "–") for _, ratios in found)] for name in CONTENDERS]
        print("Forward + backward + SGD update, as a ratio to NumPy by hand: median over rounds, ± half the quartile range")
        print(table(header, rows), end="\n\n", flush=True)
        if arguments.readme:
            measured = [(workload.TITLE, hand, ratios) for workload, (hand, ratios) in zip(networks, found)]
            readme.write(measured, environment())
    for part in parts:
        if part in OTHERS:
            print(OTHERS[part].report(), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
