"""What a recording may be."""

from __future__ import annotations

from .errors import Refusal

RATE = 16_000  # What Whisper, Silero and Smart Turn hear.
MAX_CHANNELS = 8
MIN_RATE, MAX_RATE = 8_000, 192_000


def check_shape(rate: int, channels: int) -> None:
    """Refuse rates and channel counts that no microphone has."""
    if not MIN_RATE <= rate <= MAX_RATE:
        raise Refusal(400, "audio_rate", f"a sample rate of {rate} Hz is outside {MIN_RATE} to {MAX_RATE} Hz")
    if not 1 <= channels <= MAX_CHANNELS:
        raise Refusal(400, "audio_channels", f"{channels} channels are outside 1 to {MAX_CHANNELS}")
