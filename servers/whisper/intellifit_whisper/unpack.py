"""Decodes one compressed clip with FFmpeg, in a process of its own: `python -m intellifit_whisper.unpack`.

FFmpeg is C code and the bytes are a stranger's. So each clip gets a process that has no more memory, time and files than a
clip needs, that reads one container format (never a playlist, which could name other files), and whose crash is a refusal.

stdin:  one line of JSON {"container", "max_seconds"}, then the file.
stdout: 16 kHz mono signed 16-bit samples, at most max_seconds of them.
stderr: on exit status 3, one line of JSON {"status", "code", "message"}.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Iterator
from typing import BinaryIO

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from .errors import Refusal
from .limits import RATE, check_shape

REFUSED = 3

_CODECS = "opus,libopus,vorbis,flac,mp3,mp3float,aac,alac,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_s16be"
_MEMORY = 2 << 30
# Players pass over a damaged packet, and so does this; a file of which more than one packet in 20 is damaged is no recording.
_DAMAGED_SHARE = 0.05


def main() -> int:
    """Decode stdin to stdout."""
    _confine()
    order = json.loads(sys.stdin.buffer.readline() or b"{}")
    if not order:
        return 0  # A spare that was never used.
    try:
        check_whole(body := sys.stdin.buffer.read(), order["container"])
        unpack(io.BytesIO(body), order["container"], float(order["max_seconds"]), sys.stdout.buffer)
    except Refusal as refusal:
        told = {"status": refusal.status, "code": refusal.code, "message": refusal.message}
        sys.stderr.write(json.dumps(told) + "\n")
        return REFUSED
    return 0


def unpack(source: BinaryIO, container: str, max_seconds: float, sink: BinaryIO) -> None:
    """Write the source's first audio stream to the sink, a frame at a time, and stop where it gets too long."""
    left = round(max_seconds * RATE)
    written = 0
    try:
        with av.open(source, "r", format=container, metadata_errors="ignore", options={"codec_whitelist": _CODECS}) as opened:
            resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in _resampled(_frames(opened), resampler):
                left -= frame.samples
                if left < 0:
                    raise Refusal(413, "audio_too_long", f"the recording is longer than {max_seconds:g} s")
                written += sink.write(bytes(frame.planes[0])[: frame.samples * 2])
    except (av.error.FFmpegError, MemoryError, ValueError) as err:
        raise Refusal(400, "audio_unreadable", f"the {container} file cannot be decoded") from err
    if not written:
        raise Refusal(400, "audio_empty", f"the {container} file holds no sound")


def check_whole(body: bytes, container: str) -> None:
    """Refuse an Ogg file that ends inside a page: the part that is there decodes, but what was said is not all there."""
    if container != "ogg":
        return
    at = 0
    while at < len(body):
        table = at + 27
        if body[at : at + 4] != b"OggS" or len(body) < table:
            raise Refusal(400, "audio_unreadable", "the Ogg file is damaged or cut short")
        lengths = body[table : table + body[at + 26]]
        at = table + body[at + 26] + sum(lengths)
        if at > len(body):
            raise Refusal(400, "audio_unreadable", "the Ogg file is cut short")


def _frames(opened: av.container.InputContainer) -> Iterator[AudioFrame]:
    """Decoded frames of the first audio stream, damaged packets passed over while they are few."""
    if not opened.streams.audio:
        raise Refusal(400, "audio_empty", "the file has no audio stream")
    stream = opened.streams.audio[0]
    packets = damaged = 0
    for packet in opened.demux(stream):
        packets += 1
        damaged += packet.is_corrupt
        try:
            for frame in packet.decode():
                check_shape(frame.sample_rate, frame.layout.nb_channels)
                frame.pts = None  # Gaps in time stamps are not filled.
                yield frame
        except av.error.InvalidDataError:
            damaged += 1
    if damaged > 1 + packets * _DAMAGED_SHARE:
        raise Refusal(400, "audio_unreadable", f"{damaged} of the file's {packets} packets are damaged")


def _resampled(frames: Iterator[AudioFrame], resampler: AudioResampler) -> Iterator[AudioFrame]:
    for frame in frames:
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _confine() -> None:
    """Give this process no more than a clip needs. Where the system does not know a limit, the others still hold."""
    for limit, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, 120),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        try:
            resource.setrlimit(limit, (most, most))
        except (OSError, ValueError):
            continue


if __name__ == "__main__":
    sys.exit(main())
