"""IntelliFit's speech recognition server: Whisper behind OpenAI's HTTP shapes, and an end-of-turn check beside it."""

__version__ = "1.0.0"
