"""The recogniser: faster-whisper behind the gate, greedy, with a short encoder window where a clip is short.

Whisper pads every clip to 30 s before its encoder, which on a CPU is most of the time of a short turn. The encoder works as
well on fewer frames, as long as enough silence follows the speech; what it rarely does then is end early or repeat itself.
Both are seen in the result, and such a clip is decoded again in the full window.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.transcribe import restore_speech_timestamps

from . import device, gate
from .config import Config
from .engine import Ask, Hearing, Segment, Word
from .limits import RATE
from .phrases import hallucinated
from .wav import Samples

COMPRESSION_RATIO = 2.4
LOG_PROB = -1.0
NO_SPEECH = 0.6
TEMPERATURES = (0.0, 0.4)

# In spectrogram frames of 10 ms: silence after the speech, and the least window. These, and from where on a short window's
# result is doubted, are the best of what README.md ("Short windows") compares.
_MARGIN = 500
_LEAST = 1000
_FULL = 3000
_MISSED_SECONDS = 1.0
_DOUBTED_LOG_PROB = -0.7


class Whisper:
    """A loaded model; an Engine."""

    def __init__(self, config: Config) -> None:
        device.check_model(config.model, config.model_sha256)
        self.device = device.choose(config.device)
        self.compute_type = device.arithmetic(self.device, config.compute_type)
        self._model = _Model(
            str(config.model),
            device=self.device,
            compute_type=self.compute_type,
            cpu_threads=config.threads_each,
            num_workers=config.workers,
            local_files_only=True,
        )
        self.languages = frozenset(self._model.supported_languages)
        self._short = config.window == "short" or (config.window == "auto" and self.device == "cpu")

    def hear(self, samples: Samples, ask: Ask, stopped: Callable[[], bool]) -> Hearing:
        """Find the speech in a clip and start hearing it."""
        pieces = gate.speech(samples)
        language = ask.language
        if language == "auto":
            language = self._model.detect_language(pieces[0].speech[: 30 * RATE])[0] if pieces else "und"
        hearing = Hearing(language, sum(piece.seconds for piece in pieces), iter(()))
        hearing.segments = self._segments(pieces, ask, hearing, stopped, len(samples) / RATE)
        return hearing

    def _segments(
        self, pieces: list[gate.Piece], ask: Ask, hearing: Hearing, stopped: Callable[[], bool], most: float
    ) -> Iterator[Segment]:
        for piece in pieces:
            found = self._decode(piece, ask, hearing, stopped)
            for segment in restore_speech_timestamps(found, piece.spans, RATE):
                ours = _ours(segment, piece.offset / RATE, most)
                if hallucinated(ours, ask.prompt):
                    hearing.dropped += 1
                else:
                    yield ours
                if stopped():
                    return

    def _decode(self, piece: gate.Piece, ask: Ask, hearing: Hearing, stopped: Callable[[], bool]) -> Iterator[Any]:
        if stopped():
            return iter(())
        speech = piece.speech
        if self._short and not ask.temperature and len(speech) <= (_FULL - _MARGIN) * RATE // 100:
            most_tokens = min(200, 24 + round(12 * piece.seconds))
            found = list(self._window(speech, ask, hearing, short=True, temperature=0.0, max_new_tokens=most_tokens))
            if not doubted(found, piece.seconds, most_tokens):
                return iter(found)
            if stopped():
                return iter(())
            hearing.redone += 1
        return self._window(speech, ask, hearing, short=False, temperature=ask.temperature or TEMPERATURES)

    def _window(self, speech: Samples, ask: Ask, hearing: Hearing, *, short: bool, **options: Any) -> Iterator[Any]:
        segments, _ = self._model.transcribe(
            speech,
            language=hearing.language,
            beam_size=1,
            best_of=3,
            compression_ratio_threshold=COMPRESSION_RATIO,
            log_prob_threshold=LOG_PROB,
            no_speech_threshold=NO_SPEECH,
            condition_on_previous_text=False,
            initial_prompt=ask.prompt or None,
            word_timestamps=ask.words,
            vad_filter=False,  # gate.py has been there before.
            **options,
        )
        while True:
            # Other clips are decoded between two segments of this one, in other threads: the flag is the thread's own.
            self._model.short(short)
            segment = next(segments, None)
            self._model.short(False)
            if segment is None:
                return
            yield segment


def doubted(found: list[Any], seconds: float, most_tokens: int) -> bool:
    """Whether what a short window heard looks like less, or more, than what was said."""
    if not found or found[-1].end < seconds - _MISSED_SECONDS:
        return True
    if sum(len(segment.tokens) for segment in found) >= most_tokens:
        return True
    return any(s.avg_logprob < _DOUBTED_LOG_PROB or s.compression_ratio > COMPRESSION_RATIO for s in found)


class _Model(WhisperModel):  # type: ignore[misc]
    """faster-whisper's model with an encoder window as long as the clip needs, in threads that asked for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._thread = threading.local()

    def short(self, on: bool) -> None:
        """Say whether this thread's clips get a short window from now on."""
        self._thread.short = on

    def encode(self, features: npt.NDArray[np.float32]) -> ctranslate2.StorageView:
        """Encode a window of at most 3000 frames, less the padding that is not needed."""
        if getattr(self._thread, "short", False):
            filled = np.flatnonzero(features.any(axis=0))
            frames = int(filled[-1]) + 1 if len(filled) else 0
            frames = min(_FULL, max(_LEAST, frames + _MARGIN))
            features = np.ascontiguousarray(features[:, : frames + frames % 2])
        return super().encode(features)


def _ours(segment: Any, offset: float, most: float) -> Segment:
    """The library's segment in our words, its times within the recording."""

    def at(seconds: float) -> float:
        return round(float(min(most, max(0.0, offset + seconds))), 3)

    words = tuple(Word(at(w.start), at(w.end), w.word, round(float(w.probability), 4)) for w in segment.words or ())
    return Segment(
        start=at(segment.start),
        end=at(segment.end),
        text=segment.text,
        avg_logprob=segment.avg_logprob,
        no_speech_prob=segment.no_speech_prob,
        compression_ratio=segment.compression_ratio,
        temperature=segment.temperature,
        tokens=tuple(segment.tokens),
        words=words,
    )
