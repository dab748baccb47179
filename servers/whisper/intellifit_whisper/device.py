"""Which processor decodes, in which arithmetic, and that the model's files are the ones they should be."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
from pathlib import Path

import ctranslate2

from .errors import StartError

# Without tokenizer.json the library would go to the net for one.
_FILES = ("model.bin", "config.json", "tokenizer.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")


def choose(wanted: str) -> str:
    """The device for "auto", "cpu" or "cuda"; a GPU that was asked for and is not there is an error."""
    if wanted == "cpu":
        return "cpu"
    _preload_cublas()
    try:
        found, why = ctranslate2.get_cuda_device_count(), "no CUDA device is visible"
    except RuntimeError as err:  # No driver, or one that is too old.
        found, why = 0, str(err).splitlines()[0]
    if found:
        return "cuda"
    if wanted == "cuda":
        raise StartError(f"--device cuda was asked for, but {why}")
    return "cpu"


def arithmetic(device: str, wanted: str) -> str:
    """The compute type: what was asked for if the device has it, else int8 on a CPU and float16 on a GPU."""
    known = ctranslate2.get_supported_compute_types(device)
    if wanted != "auto":
        if wanted not in known:
            raise StartError(f"--compute-type {wanted} is not known on {device}; it has {', '.join(sorted(known))}")
        return wanted
    best = ("int8", "float32") if device == "cpu" else ("float16", "int8_float16", "int8_float32", "float32")
    return next((name for name in best if name in known), "default")


def check_model(model: Path, sha256: str) -> None:
    """Refuse a directory that lacks a file, or whose model.bin is not the pinned one."""
    if not model.is_dir():
        raise StartError(f"the model directory {model} does not exist")
    missing = [name for name in _FILES if not (model / name).is_file()]
    if not any((model / name).is_file() for name in _VOCABULARIES):
        missing.append("vocabulary.txt")
    if missing:
        raise StartError(f"the model directory {model} lacks {', '.join(missing)}")
    check_sum(model / "model.bin", sha256)


def check_sum(path: Path, sha256: str) -> None:
    """Refuse a file that is missing, or whose SHA-256 is another than the pinned one (empty: none is pinned)."""
    if not path.is_file():
        raise StartError(f"the model file {path} does not exist")
    if not sha256:
        return
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise StartError(f"{path} has the SHA-256 {found}, not the pinned {sha256}")


def _preload_cublas() -> None:
    """Load cuBLAS out of its wheel where it is installed: CTranslate2 then finds it without LD_LIBRARY_PATH."""
    with contextlib.suppress(ModuleNotFoundError):
        spec = importlib.util.find_spec("nvidia.cublas")
        for place in (spec.submodule_search_locations or []) if spec else []:
            for name in ("libcublasLt.so.12", "libcublas.so.12"):
                if (library := Path(place) / "lib" / name).is_file():
                    ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
