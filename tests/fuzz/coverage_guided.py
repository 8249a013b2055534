"""`python tests/fuzz/coverage_guided.py [TARGET ...] [-max_total_time=SECONDS]`: a coverage-guided fuzzer, by hand.

Needs atheris, which is not among the pinned packages: `python -m pip install atheris`. Without a target all are run at
once, the first byte choosing which. Words that begin with `-` are libFuzzer's. What it finds is written to the working
folder as `crash-...`; give that file's name to run it once more.
"""

from __future__ import annotations

import hashlib
import importlib
import pathlib
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

#: Untyped, and not installed where types are checked.
try:
    atheris: Any = importlib.import_module("atheris")
except ImportError:
    sys.exit("atheris is not installed: python -m pip install atheris")

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))
with atheris.instrument_imports(include=["receiver", "station"]):
    targets = importlib.import_module("tests.fuzz.targets")
inputs = importlib.import_module("tests.fuzz.inputs")


def main(words: Sequence[str]) -> None:
    """Fuzz until the time is over or something is found."""
    asked = [word for word in words if word in targets.TARGETS]
    chosen = [targets.TARGETS[name] for name in asked or targets.TARGETS]

    def one_input(data: bytes) -> None:
        harmless = False
        try:
            if data:
                chosen[data[0] % len(chosen)](data[1:])
            harmless = True
        finally:
            if not harmless:
                pathlib.Path(f"crash-{hashlib.sha256(data).hexdigest()[:12]}").write_bytes(data)

    with tempfile.TemporaryDirectory() as corpus:
        for n, seed in enumerate(inputs.seeds()):
            for place in range(len(chosen)):
                pathlib.Path(corpus, f"{n}-{place}").write_bytes(bytes([place]) + seed)
        given = [word for word in words if word not in asked]
        folders = [] if any(pathlib.Path(word).is_file() for word in given) else [corpus]
        atheris.Setup([sys.argv[0], "-max_len=8192", "-timeout=10", *given, *folders], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
