"""Whether a speaker has finished: Smart Turn v3 on the last eight seconds of a turn.

The model hears log-mel features as Whisper's own extractor makes them, of the recording scaled to zero mean and unit variance,
padded at its beginning. Here they are made in numpy by faster-whisper's extractor; tests hold them to the reference's.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from faster_whisper.feature_extractor import FeatureExtractor

from . import wav
from .device import check_sum
from .errors import Refusal, StartError
from .limits import RATE
from .wav import Samples

SECONDS = 8
COMPLETE = 0.5  # Probability above which a turn is complete.


class SmartTurn:
    """A loaded end-of-turn model."""

    def __init__(self, path: Path, sha256: str = "") -> None:
        check_sum(path, sha256)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            self._model = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as err:
            raise StartError(f"the turn model {path} cannot be loaded: {str(err).splitlines()[0]}") from err
        inputs = [(one.name, one.shape[1:]) for one in self._model.get_inputs()]
        if inputs != [("input_features", [80, 100 * SECONDS])]:
            raise StartError(f"the turn model {path} is no Smart Turn v3: it takes {inputs}")
        self._extractor = FeatureExtractor(chunk_length=SECONDS)

    def probability(self, samples: Samples) -> float:
        """How likely it is that the speaker of these 16 kHz samples has finished."""
        out = self._model.run(None, {"input_features": self.features(samples)[None]})
        return float(np.asarray(out[0]).reshape(-1)[0])

    def features(self, samples: Samples) -> npt.NDArray[np.float32]:
        """The model's input: 80 mel bands by 800 frames."""
        most = SECONDS * RATE
        padded = np.zeros(most, dtype=np.float32)
        last = samples[-most:]
        padded[most - len(last) :] = last
        scaled = (padded - padded.mean()) / np.sqrt(padded.var() + 1e-7)
        features: npt.NDArray[np.float32] = self._extractor(scaled, padding=0).astype(np.float32)
        return features


def read(body: bytes) -> Samples:
    """The samples of a WAV of 16 kHz mono: the end of turn is asked often, by programs that have it so."""
    if not body:
        raise Refusal(400, "audio_empty", "the body is empty; send a WAV file")
    wave = wav.read(body)
    if wave.rate != RATE:
        raise Refusal(400, "audio_rate", f"the end of a turn is judged at {RATE} Hz, the file has {wave.rate} Hz")
    if wave.channels != 1:
        raise Refusal(400, "audio_channels", f"the end of a turn is judged of one channel, the file has {wave.channels}")
    return wave.mono()
