# SPDX-License-Identifier: GPL-3.0-or-later
"""Piper, espeak and ONNX Runtime with a voice of 588 bytes that says a tone: 256 samples a phoneme."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from intellifit_tts import audio, engine
from intellifit_tts.config import Config
from intellifit_tts.engine import PHONEMES, PiperEngine
from intellifit_tts.errors import StartError
from tests.conftest import TONE_VOICES

TONE_SHA256 = "5f05ae9d9ab0e775018e5fb98ca5a7560b403789ce8084ee38609d33e1165c06"


@pytest.fixture(scope="module")
def tone() -> PiperEngine:
    return PiperEngine(Config(voices=TONE_VOICES, voice="tone", device="cpu", voice_sha256={"tone": TONE_SHA256}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of its own with the tone voice."""
    for name in ("tone.onnx", "tone.onnx.json"):
        shutil.copy(TONE_VOICES / name, tmp_path)
    return tmp_path


def length(voice: PiperEngine, text: str, speed: float = 1.0) -> int:
    return sum(part.size for part in voice.synthesize("tone", text, speed))


def test_engine_tells_what_it_has(tone: PiperEngine) -> None:
    assert (tone.device, tone.provider, tone.default_voice) == ("cpu", "CPUExecutionProvider", "tone")
    assert vars(tone.voices["tone"]) == {"id": "tone", "name": "tone", "language": "en-US", "sample_rate": 22050}


def test_engine_brings_a_voice_to_its_level(tone: PiperEngine) -> None:
    sound = np.concatenate(list(tone.synthesize("tone", "Three sets of twelve squats.", 1.0)))
    assert audio.active_level(sound, 22050) == pytest.approx(audio.ACTIVE_LEVEL, abs=0.2)


def test_engine_speaks_faster(tone: PiperEngine) -> None:
    text = "Three sets of twelve squats."
    assert length(tone, text, 2.0) == pytest.approx(length(tone, text) / 2, rel=0.01)
    assert length(tone, text, 0.25) == pytest.approx(length(tone, text) * 4, rel=0.01)


@pytest.mark.parametrize("text", ["...", "—", "' '", " ", ""])
def test_engine_makes_nothing_of_text_without_phonemes(tone: PiperEngine, text: str) -> None:
    assert list(tone.synthesize("tone", text, 1.0)) == []


def test_engine_computes_many_phonemes_in_parts(tone: PiperEngine) -> None:
    """An English voice reads each of these as "Chinese letter"."""
    parts = list(tone.synthesize("tone", "日" * 140, 1.0))
    assert len(parts) > 5
    # Between phonemes stands padding, around them a beginning and an end.
    assert max(part.size for part in parts) <= (2 * PHONEMES + 3) * 256
    slow = list(tone.synthesize("tone", "日" * 140, 0.25))
    assert max(part.size for part in slow) <= (2 * PHONEMES * 0.3 + 3) * 256 * 4


def test_engine_is_used_by_several_threads(tone: PiperEngine) -> None:
    """Espeak has one global state in a process: without the lock, phonemes of one text turn up in another."""
    texts = [f"{word} sets of {count} squats, then rest." for word in ("three", "four", "twenty") for count in range(20)]
    want = [length(tone, text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert list(pool.map(lambda text: length(tone, text), texts)) == want


def refused(config: Config) -> str:
    with pytest.raises(StartError) as told:
        PiperEngine(config)
    return str(told.value)


def test_start_is_refused_without_a_folder_or_a_voice(folder: Path) -> None:
    assert "not a folder" in refused(Config(voices=folder / "none", voice="tone"))
    assert "voices that are there: tone" in refused(Config(voices=folder, voice="amy"))
    (folder / "tone.onnx.json").unlink()
    assert "tone.onnx.json is missing" in refused(Config(voices=folder, voice="tone"))


def test_start_is_refused_for_another_file_than_the_checksum_says(folder: Path) -> None:
    assert f"has the checksum {TONE_SHA256}" in refused(Config(voices=folder, voice="tone", voice_sha256={"tone": "00" * 32}))
    assert "amy.onnx" in refused(Config(voices=folder, voice="tone", voice_sha256={"amy": "00" * 32}))


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x09"])
def test_start_is_refused_for_a_broken_model(folder: Path, content: bytes) -> None:
    (folder / "tone.onnx").write_bytes(content)
    assert "is not a model" in refused(Config(voices=folder, voice="tone"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("not JSON", "cannot be read"),
        ([], "is no object"),
        ({"audio": {}}, "does not describe"),
        ({"phoneme_type": "morse"}, "does not describe"),
        ({"phoneme_type": "pinyin"}, "pinyin"),
        ({"espeak": {"voice": "klingon-of-nowhere"}}, "cannot speak"),
    ],
)
def test_start_is_refused_for_a_broken_description(folder: Path, change: object, told: str) -> None:
    path = folder / "tone.onnx.json"
    described = json.loads(path.read_text())
    path.write_text(change if isinstance(change, str) else json.dumps({**described, **change} if isinstance(change, dict) else change))
    assert told in refused(Config(voices=folder, voice="tone"))


def test_start_is_refused_for_a_broken_voice_beside_the_default(folder: Path) -> None:
    (folder / "zoe.onnx").write_bytes(b"not a model")
    assert "zoe.onnx" in refused(Config(voices=folder, voice="tone"))


def test_cuda_is_refused_where_there_is_none(folder: Path) -> None:
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime has CUDA")
    assert "CUDA" in refused(Config(voices=folder, voice="tone", device="cuda"))
    assert PiperEngine(Config(voices=folder, voice="tone", device="auto")).device == "cpu"


@pytest.mark.parametrize("raises", [False, True])
def test_cuda_that_falls_back_to_the_cpu_is_not_called_cuda(folder: Path, monkeypatch: pytest.MonkeyPatch, raises: bool) -> None:
    """ONNX Runtime with CUDA, but without a driver or cuDNN, takes the CPU and says nothing, or raises."""
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [engine.CUDA_PROVIDER, engine.CPU_PROVIDER])
    opened = engine._session

    def on_the_cpu(path: Path, providers: list[str], threads: int) -> onnxruntime.InferenceSession:
        if raises and engine.CUDA_PROVIDER in providers:
            raise StartError("libcudnn.so.9 is missing")
        return opened(path, [engine.CPU_PROVIDER], threads)

    monkeypatch.setattr(engine, "_session", on_the_cpu)
    assert "cannot use one here" in refused(Config(voices=folder, voice="tone", device="cuda"))
    fallen = PiperEngine(Config(voices=folder, voice="tone", device="auto"))
    assert (fallen.device, fallen.provider) == ("cpu", "CPUExecutionProvider")
