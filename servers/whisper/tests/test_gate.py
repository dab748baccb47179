"""The gate: what passes it, and where long recordings are cut."""

from __future__ import annotations

import numpy as np
import pytest

from intellifit_whisper import gate
from intellifit_whisper.health import fixture

from .signals import RATE, Samples, noise, tone


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), dtype=np.float32)


@pytest.mark.parametrize("samples", [silence(3), silence(0), silence(0.01), noise(3), tone(3), noise(3, level=0.9), tone(3, 60)])
def test_what_is_no_speech_never_passes(samples: Samples) -> None:
    assert gate.speech(samples) == []


def test_speech_passes_with_its_place() -> None:
    (piece,) = gate.speech(np.concatenate([silence(3), fixture(), silence(3)]))
    start, end = piece.spans[0]["start"] / RATE, piece.spans[-1]["end"] / RATE
    assert 2.3 <= start <= 3.2
    assert 3.8 <= end <= 4.7
    assert piece.seconds == pytest.approx(len(piece.speech) / RATE)
    assert piece.seconds < 2


def test_speech_passes_in_noise() -> None:
    quiet = np.concatenate([silence(1), fixture() * 0.1, silence(1)])
    assert gate.speech(quiet + noise(len(quiet) / RATE, level=0.001))


def test_short_recordings_are_one_piece() -> None:
    samples = tone(gate.PIECE_SECONDS)
    assert [(offset, len(piece)) for offset, piece in gate.pieces(samples)] == [(0, len(samples))]
    assert list(gate.pieces(silence(0))) == []


def test_long_recordings_are_cut_where_it_is_quiet() -> None:
    samples = noise(700)
    for at in (225, 460, 660):
        samples[at * RATE : (at + 1) * RATE] *= 0.01
    cut = list(gate.pieces(samples))
    assert np.array_equal(np.concatenate([piece for _, piece in cut]), samples)
    assert [offset for offset, _ in cut] == [0, *np.cumsum([len(piece) for _, piece in cut])[:-1]]
    assert [offset // RATE for offset, _ in cut] == [0, 225, 460]
    assert max(len(piece) for _, piece in cut) <= gate.PIECE_SECONDS * RATE


def test_speech_in_every_piece_is_found_in_its_place() -> None:
    samples = np.concatenate([silence(100), fixture(), silence(300), fixture(), silence(10)])
    found = gate.speech(samples)
    starts = [(piece.offset + piece.spans[0]["start"]) / RATE for piece in found]
    assert [round(start) for start in starts] == [100, 401]
