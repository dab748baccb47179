"""The request read and checked: a multipart body within its bounds, and what its fields ask for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from .engine import Ask
from .errors import Refusal

FORMATS = ("json", "text", "srt", "vtt", "verbose_json")
GRANULARITIES = ("segment", "word")
MAX_PROMPT = 4_000  # Characters; Whisper itself heeds the last 223 tokens.
MAX_FIELD = 16 * 1024
MAX_FIELDS = 24

# Names every OpenAI client knows, answered as the model that is loaded.
ALIASES = ("", "whisper-1")


@dataclass(frozen=True, slots=True)
class Form:
    """A request for a transcription."""

    body: bytes
    ask: Ask
    format: str
    stream: bool
    segments: bool  # Whether verbose_json lists segments.


@dataclass(frozen=True, slots=True)
class Rules:
    """What requests are held to."""

    models: Collection[str]
    languages: Collection[str]
    language: str
    max_bytes: int


async def read_form(request: Request, rules: Rules) -> Form:
    """Read a multipart request; one that is too large is refused before it is all there."""
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise Refusal(415, "content_type", "send multipart/form-data with the recording in the field file")
    most = rules.max_bytes + MAX_FIELDS * MAX_FIELD
    parser = _Parser(
        Headers({"content-type": kind}),
        bounded(request, most, rules.max_bytes),
        max_files=1,
        max_fields=MAX_FIELDS,
        max_part_size=MAX_FIELD,
    )
    try:
        fields = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as err:
        raise Refusal(400, "multipart", "the multipart body cannot be read: " + (str(err) or "it is malformed")) from err
    try:
        return await _form(fields, rules)
    finally:
        await fields.close()


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Read a raw body of at most so many bytes."""
    return b"".join([chunk async for chunk in bounded(request, max_bytes, max_bytes)])


async def bounded(request: Request, most: int, told: int) -> AsyncGenerator[bytes, None]:
    """The body as it comes in, refused as soon as it is known to be too large."""
    refusal = Refusal(413, "audio_too_large", f"the file is larger than {told} bytes")
    claimed = request.headers.get("content-length", "")
    if claimed.isdigit() and int(claimed) > most:
        raise refusal
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > most:
            raise refusal
        yield chunk


class _Parser(MultiPartParser):
    # A recording stays in memory: what a member said is written to no disk.
    spool_max_size = 1 << 31


async def _form(fields: FormData, rules: Rules) -> Form:
    file = fields.get("file")
    if not isinstance(file, UploadFile):
        raise Refusal(400, "file_missing", "the field file with the recording is missing")
    if file.size is not None and file.size > rules.max_bytes:
        raise Refusal(413, "audio_too_large", f"the file is larger than {rules.max_bytes} bytes")
    _known_model(_text(fields, "model"), rules.models)
    format = _text(fields, "response_format") or "json"
    if format not in FORMATS:
        raise Refusal(400, "response_format", f"response_format is none of {', '.join(FORMATS)}")
    stream = _flag(fields, "stream")
    if stream and format in ("srt", "vtt"):
        raise Refusal(400, "response_format", f"a stream has events, not {format}; ask for json or leave stream out")
    wanted = _granularities(fields)
    if "word" in wanted and format != "verbose_json":
        raise Refusal(400, "timestamp_granularities", "words have times in response_format verbose_json only")
    prompt = _text(fields, "prompt")
    if len(prompt) > MAX_PROMPT:
        raise Refusal(400, "prompt_too_long", f"the prompt is longer than {MAX_PROMPT} characters")
    ask = Ask(
        language=_language(_text(fields, "language") or rules.language, rules.languages),
        prompt=prompt.strip(),
        temperature=_temperature(_text(fields, "temperature")),
        words="word" in wanted,
    )
    body = await file.read()
    if not body:
        raise Refusal(400, "audio_empty", "the file is empty")
    return Form(body, ask, format, stream, segments=not wanted or "segment" in wanted)


def _text(fields: FormData, name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise Refusal(400, "field", f"the field {name} is a file; it must be text")
    return value


def _known_model(name: str, models: Collection[str]) -> None:
    if name not in models and name not in ALIASES:
        raise Refusal(404, "model_not_found", f"the model {name[:100]!r} is not loaded here; see /v1/models")


def _language(name: str, languages: Collection[str]) -> str:
    code = name.strip().lower()
    if code != "auto" and code not in languages:
        raise Refusal(400, "language_unknown", f"the language {name[:40]!r} is not known; send an ISO-639-1 code, or auto")
    return code


def _temperature(text: str) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise Refusal(400, "temperature", "temperature is not a number between 0 and 1")
    return value


def _flag(fields: FormData, name: str) -> bool:
    text = _text(fields, name).lower()
    if text not in ("", "0", "1", "true", "false"):
        raise Refusal(400, name, f"{name} is neither true nor false")
    return text in ("1", "true")


def _granularities(fields: FormData) -> set[str]:
    given = [*fields.getlist("timestamp_granularities[]"), *fields.getlist("timestamp_granularities")]
    wanted = {str(one) for one in given if one}
    if unknown := wanted.difference(GRANULARITIES):
        raise Refusal(400, "timestamp_granularities", f"timestamp_granularities has {sorted(unknown)[0][:40]!r}")
    return wanted
