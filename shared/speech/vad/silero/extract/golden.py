"""Asks the original network what silero's tests compare with: `golden.py silero_vad_v6.onnx ../testdata [clip.wav ...]`.

Needs onnxruntime (the figures are of 1.32.0, CPU) and numpy. Writes golden.s16 (16 kHz mono, made here: vowels, noise, tones, clicks, silence) and golden.jsonl, one probability
per window of 512 samples. Clips named on the command line are judged too, one line each: the recordings themselves are not in the repository.
"""

import json
import pathlib
import sys
import wave

import numpy as np
import onnxruntime

RATE, WINDOW, CONTEXT = 16000, 512, 64


def probabilities(session: onnxruntime.InferenceSession, sound: np.ndarray) -> list[float]:
    """One window after the other, as a stream would, with the state that the network gave back."""
    h = np.zeros((1, 1, 128), np.float32)
    c = np.zeros((1, 1, 128), np.float32)
    context = np.zeros(CONTEXT, np.float32)
    out = []
    for at in range(0, len(sound) - WINDOW + 1, WINDOW):
        window = np.concatenate([context, sound[at : at + WINDOW]]).astype(np.float32)
        p, h, c = session.run(None, {"input": window[None], "h": h, "c": c})
        context = window[-CONTEXT:]
        out.append(float(p.reshape(-1)[0]))
    return out


def vowel(seconds: float, pitch: float, formants: list[float], rng: np.random.Generator) -> np.ndarray:
    """Pulses with a wandering pitch through three resonators, with a breath of noise."""
    n = int(seconds * RATE)
    f0 = pitch * (1 + 0.08 * np.sin(2 * np.pi * 3 * np.arange(n) / RATE))
    phase = np.cumsum(f0 / RATE)
    source = np.diff(np.floor(phase), prepend=0) + 0.01 * rng.standard_normal(n)
    out = np.zeros(n)
    for f, gain in zip(formants, (1.0, 0.5, 0.25)):
        r = np.exp(-np.pi * 90 / RATE)
        a1, a2 = 2 * r * np.cos(2 * np.pi * f / RATE), -r * r
        y = np.zeros(n)
        for i in range(n):
            y[i] = source[i] + a1 * y[i - 1] + a2 * y[i - 2]
        out += gain * y
    edge = np.minimum(np.arange(n), np.arange(n)[::-1]) / (0.03 * RATE)
    return out / np.abs(out).max() * np.minimum(edge, 1)


def signal() -> np.ndarray:
    rng = np.random.default_rng(6)
    a, i, o = [730, 1090, 2440], [270, 2290, 3010], [570, 840, 2410]
    quiet = 0.0005 * rng.standard_normal(int(0.5 * RATE))
    words = np.concatenate([vowel(0.25, p, f, rng) for p, f in ((120, a), (140, i), (110, o), (125, a), (105, o))])
    t = np.arange(int(0.5 * RATE)) / RATE
    parts = [
        quiet,
        0.5 * words,
        np.zeros(int(0.3 * RATE)),
        0.05 * words[: int(0.8 * RATE)] + 0.03 * rng.standard_normal(int(0.8 * RATE)),
        0.2 * rng.standard_normal(int(0.5 * RATE)),
        0.8 * np.sin(2 * np.pi * (200 * t + 1500 * t * t)),
        np.where(np.arange(int(0.3 * RATE)) % 1600 < 8, 1.0, 0.0),
        np.concatenate([vowel(0.3, 220, f, rng) for f in (i, a)]),
        quiet,
    ]
    return np.round(np.clip(np.concatenate(parts), -1, 32767 / 32768) * 32768).astype("<i2")


def main(model: str, out: pathlib.Path, clips: list[str]) -> None:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    sound = signal()
    sound.tofile(out / "golden.s16")
    jobs = {"golden.s16": sound}
    for clip in clips:
        with wave.open(clip) as w:
            assert w.getparams()[:3] == (1, 2, RATE), clip
            jobs[pathlib.Path(clip).name] = np.frombuffer(w.readframes(w.getnframes()), "<i2")
    with open(out / "golden.jsonl", "w") as f:
        for name, samples in jobs.items():
            p = probabilities(session, samples.astype(np.float32) / 32768)
            f.write(json.dumps({"file": name, "probabilities": [round(v, 6) for v in p]}) + "\n")
            print(f"{name}: {len(p)} windows, {sum(v >= 0.5 for v in p)} with speech")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:])
