"""WAV read in numpy alone, every header field held to what is really there: the way in for clips that need no FFmpeg."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import Refusal
from .limits import check_shape

Samples = npt.NDArray[np.float32]

# A writer that streams does not know the size when it writes the header, and puts one of these there.
_UNKNOWN_SIZES = (0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000)
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


@dataclass(frozen=True, slots=True)
class Wave:
    """A WAV file's samples as stored, with what their header says of them."""

    rate: int
    channels: int
    bits: int
    is_float: bool
    data: memoryview

    @property
    def frames(self) -> int:
        """Samples of each channel."""
        return len(self.data) // (self.channels * self.bits // 8)

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return self.frames / self.rate

    def mono(self) -> Samples:
        """All channels mixed to one, between -1 and 1; samples that are no numbers are refused."""
        stored = self.data[: self.frames * self.channels * self.bits // 8]
        out = np.empty(self.frames, dtype=np.float32)
        block = self.rate * 10
        width = self.channels * self.bits // 8
        for start in range(0, self.frames, block):
            piece = self._scaled(stored[start * width : (start + block) * width]).reshape(-1, self.channels)
            out[start : start + len(piece)] = piece[:, 0] if self.channels == 1 else piece.mean(axis=1)
        return out

    def _scaled(self, raw: memoryview) -> Samples:
        if self.is_float:
            values = np.frombuffer(raw, dtype="<f4" if self.bits == 32 else "<f8")
            if not np.isfinite(values).all():
                raise Refusal(400, "audio_unreadable", "the WAV file holds samples that are not finite numbers")
            return np.asarray(np.clip(values, -1.0, 1.0), dtype=np.float32)
        if self.bits == 8:
            return (np.frombuffer(raw, dtype=np.uint8).astype(np.float32) - np.float32(128)) / np.float32(128)
        if self.bits == 24:
            wide = np.zeros((len(raw) // 3, 4), dtype=np.uint8)
            wide[:, 1:] = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 3)
            return _divided(wide.view("<i4")[:, 0], 32)
        return _divided(np.frombuffer(raw, dtype=f"<i{self.bits // 8}"), self.bits)


def _divided(values: Any, bits: int) -> Samples:
    """Signed whole numbers of so many bits as fractions of full scale."""
    return np.asarray(values, dtype=np.float32) / np.float32(1 << (bits - 1))


def read(body: bytes) -> Wave:
    """Read a RIFF WAVE file; a header that does not fit its bytes, or a format that is not PCM, is refused."""
    if len(body) < 12 or body[:4] != b"RIFF" or body[8:12] != b"WAVE":
        raise Refusal(415, "audio_format", "the file is not a WAV file")
    layout: tuple[int, int, int, int, bool] | None = None
    for name, claimed, content in _chunks(memoryview(body)[12:]):
        if name == b"fmt ":
            layout = _layout(content)
        elif name == b"data":
            if layout is None:
                raise Refusal(400, "audio_unreadable", "the WAV file has no fmt chunk before its samples")
            if claimed > len(content) and claimed not in _UNKNOWN_SIZES:
                message = f"the WAV header claims {claimed} bytes of samples, the file holds {len(content)}"
                raise Refusal(400, "audio_unreadable", message)
            rate, channels, bits, width, is_float = layout
            wave = Wave(rate, channels, bits, is_float, content)
            if not wave.frames:
                raise Refusal(400, "audio_empty", "the WAV file holds no samples")
            if claimed not in _UNKNOWN_SIZES and claimed % width:
                raise Refusal(400, "audio_unreadable", f"the WAV header claims {claimed} bytes, not a multiple of {width}")
            return wave
    raise Refusal(400, "audio_empty", "the WAV file has no data chunk")


def _chunks(rest: memoryview) -> Iterator[tuple[bytes, int, memoryview]]:
    """The chunks, each with the size it claims and the bytes that are there."""
    while len(rest) >= 8:
        name, size = bytes(rest[:4]), struct.unpack_from("<I", rest, 4)[0]
        unknown = name == b"data" and size in _UNKNOWN_SIZES
        yield name, size, rest[8:] if unknown else rest[8 : 8 + size]
        rest = rest[8 + size + size % 2 :]


def _layout(chunk: memoryview) -> tuple[int, int, int, int, bool]:
    """Rate, channels, bits, bytes of a frame and whether float, out of a fmt chunk that contradicts itself nowhere."""
    if len(chunk) < 16:
        raise Refusal(400, "audio_unreadable", "the WAV file's fmt chunk is cut short")
    code, channels, rate, _, width, bits = struct.unpack_from("<HHIIHH", chunk)
    if code == _EXTENSIBLE and len(chunk) >= 26:
        code = struct.unpack_from("<H", chunk, 24)[0]
    allowed: dict[int, tuple[Any, ...]] = {_PCM: (8, 16, 24, 32), _FLOAT: (32, 64)}
    if code not in allowed:
        raise Refusal(415, "audio_format", f"WAV with codec {code:#06x} is not read; send PCM or float samples")
    if bits not in allowed[code]:
        raise Refusal(400, "audio_unreadable", f"WAV with {bits} bits a sample is not read")
    check_shape(rate, channels)
    if width != channels * bits // 8:
        raise Refusal(400, "audio_unreadable", f"the WAV header gives {width} bytes a frame to {channels} x {bits} bits")
    return rate, channels, bits, width, code == _FLOAT
