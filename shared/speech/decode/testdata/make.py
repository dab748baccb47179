"""Makes the recordings of this folder, except those of browsers (record.py): python3 make.py

Needs numpy and PyAV (pip install numpy==2.4.1 av==18.1.0), whose wheel brings FFmpeg's muxers, LAME and libopus. The voice is
made of pulses and noise through three resonances; nobody ever said it. NAME.json holds what the reference decoders (libopus,
and FFmpeg's of MP3) make of NAME: every 97th sample, mixed down to mono.
"""

import ctypes
import glob
import json
import os
import struct

import av
import numpy as np

RATE, SECONDS = 48000, 1.5
EVERY = 97


def voice():
    """Vowels and hisses with a pause, at RATE."""
    rng = np.random.default_rng(7)
    n = int(RATE * SECONDS)
    t = np.arange(n) / RATE
    phase = np.cumsum((120 + 15 * np.sin(2 * np.pi * 1.3 * t)) / RATE)
    source = np.diff(np.floor(phase), prepend=0.0) + 0.002 * rng.standard_normal(n)
    hiss = 0.05 * rng.standard_normal(n)
    out = np.zeros(n)
    plan = [(0.10, 0.35, (700, 1220, 2600)), (0.35, 0.55, (300, 2200, 3000)), (0.55, 0.65, None),
            (0.85, 1.10, (400, 800, 2600)), (1.10, 1.35, (600, 1800, 2500))]
    for start, end, formants in plan:
        a, b = int(start * RATE), int(end * RATE)
        y = hiss[a:b] if formants is None else source[a:b]
        for f in formants or (5000,):
            y = resonate(y, f, 90 if formants else 1500)
        out[a:b] += y / np.abs(y).max() * np.hanning(b - a) ** 0.25 * (0.5 if formants else 0.15)
    return np.clip(out, -1, 1).astype(np.float32)


def resonate(x, hz, width):
    r = np.exp(-np.pi * width / RATE)
    c = 2 * r * np.cos(2 * np.pi * hz / RATE)
    y, y1, y2 = np.empty_like(x), 0.0, 0.0
    for i, v in enumerate(x):
        y[i] = y0 = v + c * y1 - r * r * y2
        y1, y2 = y0, y1
    return y


def encode(path, x, container, codec, rate, layout, bits, **options):
    with av.open(path, "w", format=container) as f:
        s = f.add_stream(codec, rate=rate)
        s.codec_context.layout = layout
        if bits:
            s.codec_context.bit_rate = bits
        s.codec_context.options = {k: str(v) for k, v in options.items()}
        if codec == "flac":
            s.codec_context.format = "s16"
        y = x[None, :] if layout == "mono" else np.stack([x, np.roll(x, 480) * 0.7])
        resampler = av.AudioResampler(format=s.codec_context.format, layout=layout, rate=rate)
        for i in range(0, y.shape[1], 4800):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(y[:, i:i + 4800]), format="fltp", layout=layout)
            frame.sample_rate, frame.pts = RATE, i
            for g in resampler.resample(frame):
                f.mux(s.encode(g))
        for g in resampler.resample(None):
            f.mux(s.encode(g))
        f.mux(s.encode(None))


def decode(path, codec):
    out = []
    with av.open(path) as f:
        s = f.streams.audio[0]
        c = av.CodecContext.create(codec, "r")
        c.extradata, c.sample_rate, c.layout = s.codec_context.extradata, s.codec_context.sample_rate, s.codec_context.layout
        for p in f.demux(s):
            for frame in c.decode(p if p.size else None):
                a = frame.to_ndarray().astype(np.float64)
                a = a if frame.format.is_planar else a.reshape(-1, c.layout.nb_channels).T
                out.append((a / 32768 if "s16" in frame.format.name else a).mean(axis=0))
    return np.concatenate(out)


def want(path, codec):
    y = decode(path, codec)
    with open(path + ".json", "w") as f:
        json.dump({"samples": len(y), "every": EVERY, "values": [int(round(v * 32768)) for v in y[::EVERY]]}, f)
        f.write("\n")


def page(number, flags, granule, packets):
    lacing, body = b"", b""
    for p in packets:
        lacing += b"\xff" * (len(p) // 255) + bytes([len(p) % 255])
        body += p
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, 77, number, 0, len(lacing)) + lacing
    crc = 0
    for b in head + body:
        crc ^= b << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return head[:22] + struct.pack("<I", crc) + head[26:] + body


def dtx(path, x):
    """What FFmpeg cannot ask of libopus: nothing is sent while nobody speaks."""
    lib = ctypes.CDLL(glob.glob(os.path.join(os.path.dirname(av.__file__), "../av.libs/libopus*"))[0])
    lib.opus_encoder_create.restype = ctypes.c_void_p
    lib.opus_encoder_ctl.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    lib.opus_encode_float.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
    error = ctypes.c_int()
    encoder = lib.opus_encoder_create(RATE, 1, 2048, ctypes.byref(error))
    for control, value in ((4002, 16000), (4016, 1)):  # bit rate, DTX
        assert lib.opus_encoder_ctl(encoder, control, value) == 0
    packets, buffer = [], ctypes.create_string_buffer(4000)
    for i in range(0, len(x) - 959, 960):
        frame = np.ascontiguousarray(x[i:i + 960])
        n = lib.opus_encode_float(encoder, frame.ctypes.data, 960, buffer, 4000)
        packets.append(buffer.raw[:n])
    assert any(len(p) < 3 for p in packets)
    with open(path, "wb") as f:
        f.write(page(0, 2, 0, [struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, 312, RATE, 0, 0)]))
        f.write(page(1, 0, 0, [b"OpusTags" + struct.pack("<II", 0, 0)]))
        for k in range(0, len(packets), 25):
            part = packets[k:k + 25]
            f.write(page(2 + k // 25, 4 if k + 25 >= len(packets) else 0, 960 * (k + len(part)), part))


def main():
    x = voice()
    encode("voice.flac", x, "flac", "flac", 16000, "mono", 0)
    encode("stereo.flac", x[: RATE // 2], "flac", "flac", 22050, "stereo", 0)
    for name, layout, bits, options in [
        ("silk", "mono", 10000, {"application": "voip"}),
        ("silk60", "stereo", 16000, {"application": "voip", "frame_duration": 60}),
        ("hybrid", "mono", 32000, {"application": "voip"}),
        ("celt", "mono", 64000, {"application": "audio"}),
        ("celt60", "stereo", 96000, {"application": "audio", "frame_duration": 60}),
        ("celt5", "mono", 64000, {"application": "lowdelay", "frame_duration": 5}),
    ]:
        encode(f"{name}.ogg", x, "ogg", "libopus", RATE, layout, bits, **options)
        want(f"{name}.ogg", "libopus")
    encode("voice.webm", x, "webm", "libopus", RATE, "mono", 24000, application="voip")
    want("voice.webm", "libopus")
    quiet = x.copy()
    quiet[int(0.65 * RATE): int(0.85 * RATE)] = 0
    dtx("dtx.ogg", np.concatenate([quiet, np.zeros(RATE, np.float32), quiet]))
    want("dtx.ogg", "libopus")
    for rate, layout, bits in [(44100, "mono", 64000), (44100, "stereo", 96000), (22050, "mono", 24000), (22050, "stereo", 64000), (16000, "mono", 24000)]:
        name = f"{layout}{rate}.mp3"
        encode(name, x, "mp3", "libmp3lame", rate, layout, bits)
        want(name, "mp3float")
    encode("mono8000.mp3", x[: RATE // 2], "mp3", "libmp3lame", 8000, "mono", 16000)
    for name in glob.glob("chromium*.webm") + glob.glob("firefox*.[ow]*[gm]"):
        want(name, "libopus")


if __name__ == "__main__":
    main()
