"""WAV: every format alike, and no bytes that make it raise anything but a refusal."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from intellifit_whisper import wav
from intellifit_whisper.errors import Refusal

from .signals import raw_wav, tone

SOUND = tone(0.25)


def stored(bits: int, is_float: bool) -> bytes:
    if is_float:
        return SOUND.astype(f"<f{bits // 8}").tobytes()
    if bits == 8:
        return np.round(SOUND * 127 + 128).astype(np.uint8).tobytes()
    whole = np.round(SOUND * ((1 << (bits - 1)) - 1)).astype("<i4")
    if bits == 24:
        return whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    return whole.astype(f"<i{bits // 8}").tobytes()


@pytest.mark.parametrize(("bits", "is_float"), [(8, False), (16, False), (24, False), (32, False), (32, True), (64, True)])
def test_formats_are_alike(bits: int, is_float: bool) -> None:
    wave = wav.read(raw_wav(stored(bits, is_float), code=3 if is_float else 1, bits=bits))
    assert (wave.rate, wave.channels, wave.frames) == (16_000, 1, len(SOUND))
    np.testing.assert_allclose(wave.mono(), SOUND, atol=0.01 if bits == 8 else 1e-4)


def test_channels_are_mixed() -> None:
    both = np.stack([SOUND, np.zeros_like(SOUND)], axis=1)
    wave = wav.read(raw_wav((both * 32767).astype("<i2").tobytes(), channels=2))
    np.testing.assert_allclose(wave.mono(), SOUND / 2, atol=1e-4)


def test_long_files_are_the_same_in_blocks() -> None:
    long = np.tile(SOUND, 100)  # 25 s: three blocks.
    wave = wav.read(raw_wav((long * 32767).astype("<i2").tobytes()))
    np.testing.assert_allclose(wave.mono(), long, atol=1e-4)


def test_chunks_before_the_samples_and_extensible_headers() -> None:
    data = stored(16, False)
    fmt = (
        struct.pack("<HHIIHH", 0xFFFE, 1, 16_000, 32_000, 2, 16)
        + struct.pack("<HHI", 22, 16, 4)
        + struct.pack("<H", 1)
        + bytes(14)
    )
    chunks = b"LIST" + struct.pack("<I", 5) + b"hello\0" + b"fmt " + struct.pack("<I", len(fmt)) + fmt
    body = b"RIFF\0\0\0\0WAVE" + chunks + b"data" + struct.pack("<I", len(data)) + data
    assert wav.read(body).frames == len(SOUND)


def test_random_headers_are_read_or_refused() -> None:
    random = np.random.default_rng(3)
    good = raw_wav(stored(16, False))
    statuses: list[int] = []
    for _ in range(3_000):
        body = bytearray(good[: int(random.integers(1, len(good)))] if random.random() < 0.3 else good)
        for at in random.integers(0, min(48, len(body)), 4):
            body[at] = random.integers(0, 256)
        try:
            samples = wav.read(bytes(body)).mono()
            assert np.isfinite(samples).all()
            assert np.abs(samples).max(initial=0) <= 1
        except Refusal as refusal:
            statuses.append(refusal.status)
    assert len(statuses) > 1_000
    assert set(statuses) == {400, 415}
