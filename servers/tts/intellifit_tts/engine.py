# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine: Piper voices on ONNX Runtime, loaded once and kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime
from piper.config import PhonemeType, PiperConfig, SynthesisConfig
from piper.voice import PiperVoice

from . import audio, logs
from .audio import Samples
from .config import Config
from .errors import StartError

CPU_PROVIDER = "CPUExecutionProvider"
CUDA_PROVIDER = "CUDAExecutionProvider"

MODEL = "piper"
"""What /v1/models calls this engine."""

WARM_UP = "ready"
CALIBRATION = "Welcome back. Today we train legs, with three sets of twelve squats."
"""Spoken without noise, this always comes out the same: its level decides the gain of a voice."""

PHONEMES = 180
"""Phonemes computed at once at most. A clause seldom has as many, but 140 Chinese characters are 1,600 phonemes to an English voice:
86 seconds of sound, 5 seconds of work that nothing can stop, and two gigabytes of memory."""


@dataclass(frozen=True)
class VoiceInfo:
    """VoiceInfo is what a client is told of a voice."""

    id: str
    name: str
    language: str
    sample_rate: int


class Engine(Protocol):
    """Engine makes sound of clauses; its methods are called from several threads."""

    device: str
    provider: str
    voices: Mapping[str, VoiceInfo]
    default_voice: str

    def synthesize(self, voice: str, text: str, speed: float) -> Iterator[Samples]:
        """Yield the sound of a clause in parts, at the voice's rate; none when it has no phonemes."""
        ...


class PiperEngine:
    """PiperEngine is the Engine of Piper's voices."""

    def __init__(self, config: Config) -> None:
        """Load every voice of the folder and speak a word with each: a voice that cannot speak stops the server here."""
        self.device, self._providers = _choose(config.device)
        self.default_voice = config.voice
        self._voices: dict[str, _Voice] = {}
        self._phonemizing = threading.Lock()  # espeak has one global phonemiser in a process
        for path in _find(config):
            session = self._open(path, config)
            self._voices[path.stem] = _Voice(path, session, self._phonemizing)
        self.voices: Mapping[str, VoiceInfo] = {name: voice.info for name, voice in self._voices.items()}
        self.provider = self._providers[0]

    def synthesize(self, voice: str, text: str, speed: float) -> Iterator[Samples]:
        """Yield the sound of a clause in parts, at the voice's rate; none when it has no phonemes."""
        return self._voices[voice].synthesize(text, speed)

    def _open(self, path: Path, config: Config) -> onnxruntime.InferenceSession:
        """Open a model on the device, and look where it ran to: without CUDA's libraries ONNX Runtime takes the CPU and says nothing."""
        if self.device == "cpu":
            return _session(path, self._providers, config.threads_each)
        reason = ""
        try:
            session = _session(path, self._providers, config.threads_each)
        except StartError as err:
            reason = f" ({err})"
        else:
            if session.get_providers()[0] == CUDA_PROVIDER:
                return session
        if config.device == "cuda":
            raise StartError(f"a CUDA device was asked for, but ONNX Runtime cannot use one here{reason}: are its driver, CUDA 13 and cuDNN 9 there?")
        logs.note(logging.WARNING, "gpu unusable, speaking on the cpu", reason=reason)
        self.device, self._providers = "cpu", [CPU_PROVIDER]
        return _session(path, self._providers, config.threads_each)


class _Voice:
    """_Voice is one loaded voice with its gain."""

    def __init__(self, path: Path, session: onnxruntime.InferenceSession, phonemizing: threading.Lock) -> None:
        described = _description(path)
        try:
            config = PiperConfig.from_dict(described)
        except (KeyError, TypeError, ValueError) as err:
            raise StartError(f"{path}.json does not describe a Piper voice: {err!r}") from err
        if config.phoneme_type not in (PhonemeType.ESPEAK, PhonemeType.TEXT):
            # The phonemisers of these fetch their models from the Internet when they first speak.
            raise StartError(f"{path.stem} needs the phonemiser {config.phoneme_type.value!r}; this server speaks voices of espeak and text")
        self._piper = PiperVoice(session=session, config=config)
        self._phonemizing = phonemizing
        self._gain = 1.0
        language = described.get("language") or {}
        self.info = VoiceInfo(
            id=path.stem,
            name=str(described.get("dataset") or path.stem),
            language=str(language.get("code") or config.espeak_voice).replace("_", "-"),
            sample_rate=config.sample_rate,
        )
        try:
            self._calibrate()
            warm = sum(part.size for part in self.synthesize(WARM_UP, 1.0))
        except Exception as err:  # whatever Piper, espeak or ONNX Runtime raises for a file that is not what it should be
            raise StartError(f"{path} cannot speak: {err}") from err
        if not warm:
            raise StartError(f"{path} cannot speak: it made no sound of a word")

    def synthesize(self, text: str, speed: float) -> Iterator[Samples]:
        """Yield the sound of a clause in parts, loud as everything this voice says."""
        with self._phonemizing:
            sentences = self._piper.phonemize(text)
        # Piper's normalize_audio would scale each clause to full range, so that a whispered "yes" comes out as loud as a sentence.
        settings = SynthesisConfig(normalize_audio=False, length_scale=self._piper.config.length_scale / speed)
        for sentence in sentences:
            for phonemes in _blocks(sentence, int(PHONEMES * min(1.0, max(speed, 0.3)))):
                yield audio.limit(self._run(phonemes, settings) * np.float32(self._gain))

    def _run(self, phonemes: list[str], settings: SynthesisConfig) -> Samples:
        sound = self._piper.phoneme_ids_to_audio(self._piper.phonemes_to_ids(phonemes), settings)
        if isinstance(sound, tuple):
            sound = sound[0]
        return np.atleast_1d(np.asarray(sound, dtype=np.float32))

    def _calibrate(self) -> None:
        """Set the gain that brings this voice to the level of all: fixed from here on, so that no clause is louder than the one before."""
        settings = SynthesisConfig(normalize_audio=False, noise_scale=0.0, noise_w_scale=0.0)
        with self._phonemizing:
            sentences = self._piper.phonemize(CALIBRATION)
        parts = [self._run(phonemes, settings) for phonemes in sentences if phonemes]
        level = audio.active_level(np.concatenate([audio.empty(), *parts]), self.info.sample_rate)
        if not np.isfinite(level):
            raise ValueError("it is silent")
        self._gain = min(8.0, 10 ** ((audio.ACTIVE_LEVEL - level) / 20))


def _blocks(phonemes: list[str], limit: int) -> Iterator[list[str]]:
    """Cut phonemes between words where they are too many for one run."""
    while len(phonemes) > limit:
        blanks = [at for at in range(limit // 2, limit) if phonemes[at] == " "]
        at = blanks[-1] if blanks else limit
        yield phonemes[:at]
        phonemes = phonemes[at:]
    if any(phoneme.isalnum() for phoneme in phonemes):
        yield phonemes


def _choose(device: str) -> tuple[str, list[str]]:
    """Turn a device into providers of ONNX Runtime."""
    has_cuda = CUDA_PROVIDER in onnxruntime.get_available_providers()
    if device == "cuda" and not has_cuda:
        raise StartError("a CUDA device was asked for, but this ONNX Runtime knows none: install requirements-cuda.lock")
    if device == "cpu" or not has_cuda:
        return "cpu", [CPU_PROVIDER]
    # CUDA's libraries may have come as packages, where no loader looks; what this prints must not stand before the ready line.
    with contextlib.redirect_stdout(sys.stderr):
        onnxruntime.preload_dlls()
    return "cuda", [CUDA_PROVIDER, CPU_PROVIDER]


def _session(path: Path, providers: list[str], threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_mem_pattern = False  # clauses differ in length: a plan of memory for each length is memory that grows
    # Waiting threads sleep instead of spinning: the language model that feeds this server runs on the same cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as err:  # ONNX Runtime has an exception of its own for each thing that can be wrong with a file
        raise StartError(f"{path} is not a model that ONNX Runtime reads: {err}") from err


def _find(config: Config) -> list[Path]:
    """List the voices of the folder, the default one first, and hold them to their checksums."""
    if not config.voices.is_dir():
        raise StartError(f"{config.voices} is not a folder with voices")
    paths = {path.stem: path for path in sorted(config.voices.glob("*.onnx"))}
    if config.voice not in paths:
        there = ", ".join(paths) or "none"
        raise StartError(f"{config.voices / config.voice}.onnx is missing; voices that are there: {there}")
    for voice, digest in config.voice_sha256.items():
        if voice not in paths:
            raise StartError(f"{config.voices / voice}.onnx, which a checksum was given for, is missing")
        found = _sha256(paths[voice])
        if found != digest:
            raise StartError(f"{paths[voice]} has the checksum {found}, not {digest}")
    return sorted(paths.values(), key=lambda path: (path.stem != config.voice, path.stem))


def _description(path: Path) -> dict[str, Any]:
    """Read the JSON beside a model."""
    beside = path.with_name(path.name + ".json")
    try:
        described = json.loads(beside.read_text(encoding="utf-8"))
    except FileNotFoundError as err:
        raise StartError(f"{beside} is missing") from err
    except (OSError, ValueError) as err:
        raise StartError(f"{beside} cannot be read: {err}") from err
    if not isinstance(described, dict):
        raise StartError(f"{beside} does not describe a Piper voice: it is no object")
    return described


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as err:
        raise StartError(f"{path} cannot be read: {err}") from err
