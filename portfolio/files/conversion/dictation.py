"""The words of a recorded voice, by faster-whisper and a model whose folder the installation gives; off without them.

Silence is left out and nothing conditions what follows: on noise, such a model invents sentences.
"""

import importlib.util
import io
import json
import sys
import threading
from pathlib import Path

from portfolio.files.conversion.processes import run_main, work_folder
from portfolio.files.sandbox.program_sandbox import ProgramLimits

MAX_SECONDS = 180
LIMITS = ProgramLimits(cpu_seconds=150, patience=2, memory=8 * 1024**3)
_RATE = 16_000
# A passage that the model thinks more likely to hold no word is none.
_MOST_SILENT = 0.6
_FORMATS = {"audio/mp4": "mov", "audio/webm": "matroska", "audio/ogg": "ogg"}
_turn = threading.Lock()


def can_transcribe(model: str) -> bool:
    """Tell whether the library and the model are here."""
    return bool(model) and importlib.util.find_spec("faster_whisper") is not None and Path(model, "model.bin").is_file()


def transcribe(sound: bytes, mime: str, model: str) -> str | None:
    """Return what a voice says, None for one that is too long; raise NotConverted, TimeoutError when
    another is being put in writing, or the machine is too busy.
    """
    if not _turn.acquire(blocking=False):
        raise TimeoutError
    try:
        with work_folder(io.BytesIO(sound)) as folder:
            answer = run_main(__name__, folder, _FORMATS[mime], model, limits=LIMITS, read=[model])
    finally:
        _turn.release()
    return None if answer["is_long"] else str(answer["text"])


def main() -> None:
    """In the child: write down the voice of `input`, in `answer.json`."""
    import av
    import numpy
    from faster_whisper import WhisperModel

    resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
    parts = []
    with av.open(
        "input", format=sys.argv[3], options={"protocol_whitelist": "file"}, metadata_errors="ignore"
    ) as source:
        for frame in source.decode(audio=0):
            parts += [made.to_ndarray().reshape(-1) for made in resampler.resample(frame)]
            if sum(map(len, parts)) > MAX_SECONDS * _RATE:
                Path("answer.json").write_text(json.dumps({"is_long": True}))
                return
    sound = numpy.concatenate(parts).astype(numpy.float32) / 32768
    model = WhisperModel(sys.argv[4], device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
    segments, _ = model.transcribe(sound, language="fr", vad_filter=True, condition_on_previous_text=False)
    said = [segment.text.strip() for segment in segments if segment.no_speech_prob <= _MOST_SILENT]
    Path("answer.json").write_text(json.dumps({"is_long": False, "text": " ".join(said)}))
