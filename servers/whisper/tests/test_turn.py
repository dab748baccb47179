"""The end of a turn: features as the reference makes them, and the route."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from intellifit_whisper.errors import StartError
from intellifit_whisper.health import fixture
from intellifit_whisper.turn import SECONDS, SmartTurn
from intellifit_whisper.wav import Samples

from .fakes import serving
from .signals import raw_wav, tone, voice_like, wav

GOLDEN = Path(__file__).parent / "golden" / "turn.npz"
MODEL = os.environ.get("INTELLIFIT_TEST_TURN_MODEL", "")


class FakeTurn(SmartTurn):
    """The extractor without a model: a turn is complete when it is long."""

    def __init__(self) -> None:
        self._extractor = FeatureExtractor(chunk_length=SECONDS)
        self.heard: list[int] = []

    def probability(self, samples: Samples) -> float:
        self.heard.append(len(samples))
        return min(1.0, len(samples) / 32_000)


SIGNALS = {
    "short": voice_like(2.5),
    "long": voice_like(11),
    "ready": fixture(),
    "silence": np.zeros(16_000, dtype=np.float32),
}


@pytest.mark.parametrize("name", SIGNALS)
def test_features_are_those_of_the_reference(name: str) -> None:
    golden = np.load(GOLDEN)
    features = FakeTurn().features(SIGNALS[name])
    assert features.shape == (80, 800)
    np.testing.assert_allclose(features[:, 3::16], golden[name], atol=2e-5)
    total = [features.sum(dtype=np.float64), np.abs(features).sum(dtype=np.float64)]
    np.testing.assert_allclose(total, golden[name + "_sum"], rtol=1e-5, atol=0.1)


def test_the_golden_tells_signals_apart() -> None:
    golden = np.load(GOLDEN)
    assert not np.allclose(FakeTurn().features(SIGNALS["short"])[:, 3::16], golden["ready"], atol=0.1)


def test_only_the_last_eight_seconds_count() -> None:
    long = SIGNALS["long"]
    np.testing.assert_array_equal(FakeTurn().features(long), FakeTurn().features(long[-8 * 16_000 :]))


def test_the_route() -> None:
    turn = FakeTurn()
    with serving(turn=turn) as live:

        def post(body: bytes) -> httpx.Response:
            return live.client.post("/v1/audio/turn", content=body, headers={"content-type": "audio/wav"})

        reply = post(wav(tone(0.5))).json()
        assert (reply["complete"], reply["probability"]) == (False, 0.25)
        assert reply["took_ms"] >= 0
        assert post(wav(tone(3.0))).json()["complete"] is True
        assert turn.heard == [8_000, 48_000]
        for body, status, code in (
            (b"", 400, "audio_empty"),
            (b"no sound", 415, "audio_format"),
            (wav(tone(1.0), rate=48_000), 400, "audio_rate"),
            (wav(tone(1.0), channels=2), 400, "audio_channels"),
            (raw_wav(np.full(800, np.nan, dtype="<f4").tobytes(), code=3, bits=32), 400, "audio_unreadable"),
            (wav(tone(70.0)), 413, "audio_too_large"),
        ):
            answer = post(body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert post(wav(tone(3.0))).status_code == 200


def test_a_file_that_is_no_turn_model(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="does not exist"):
        SmartTurn(tmp_path / "absent.onnx")
    (tmp_path / "bad.onnx").write_bytes(b"nonsense")
    with pytest.raises(StartError, match="cannot be loaded"):
        SmartTurn(tmp_path / "bad.onnx")
    with pytest.raises(StartError, match="not the pinned"):
        SmartTurn(tmp_path / "bad.onnx", "0" * 64)


@pytest.mark.skipif(not MODEL, reason="INTELLIFIT_TEST_TURN_MODEL names no Smart Turn model")
def test_the_model_knows_a_finished_sentence_from_a_broken_one() -> None:
    turn = SmartTurn(Path(MODEL))
    assert turn.probability(SIGNALS["ready"]) > 0.5
    assert turn.probability(SIGNALS["ready"][: int(0.45 * 16_000)]) < turn.probability(SIGNALS["ready"])
    jfk = Path(__file__).parents[4] / "shared/data/speech/jfk.wav"
    if not jfk.is_file():
        pytest.skip(f"{jfk} is absent")
    from intellifit_whisper.turn import read

    speech = read(jfk.read_bytes())
    assert turn.probability(speech[: 8 * 16_000]) < 0.5  # "... ask not what your country can do for you, ask"
    assert turn.probability(speech) > 0.5
