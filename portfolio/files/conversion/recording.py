"""The sandboxed process that makes `input` a recording that browsers play, with a picture of it and without
its metadata.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.resampler import AudioResampler
from PIL import Image, ImageDraw

from portfolio.files.file_types.types import FileCategory, FileType

# One reader of containers for each type: none that follows a list, opens another file or an address. A file
# is never given to another reader than that of the type which was found in it.
_DEMUXERS: Mapping[FileType, str] = {
    **dict.fromkeys((FileType.MP4, FileType.MOV, FileType.M4A, FileType.THREEGP), "mov"),
    **dict.fromkeys((FileType.MKV, FileType.WEBM), "matroska"),
    **dict.fromkeys((FileType.OGG, FileType.OGV), "ogg"),
    **dict.fromkeys((FileType.MP3, FileType.MP2), "mp3"),
    FileType.WAV: "wav",
    FileType.W64: "w64",
    FileType.FLAC: "flac",
    FileType.AAC: "aac",
    FileType.AMR: "amr",
    FileType.AIFF: "aiff",
    FileType.CAF: "caf",
    FileType.AC3: "ac3",
    FileType.AU: "au",
    FileType.DSS: "dss",
    FileType.WMA: "asf",
    FileType.AVI: "avi",
    FileType.MPEG: "mpeg",
    FileType.MTS: "mpegts",
    FileType.FLV: "flv",
    FileType.DV: "dv",
    FileType.MXF: "mxf",
}
_ONLY_PICTURES, _LATER_DOLBY = b"\0\0\x01\xb3", 10
_PICTURE_CODECS = ("png", "gif", "bmp")
_VIDEO_COPIED = {"h264"}
_PIXELS_COPIED = {"yuv420p", "yuvj420p"}
_SOUND_COPIED = {"aac"}
_MAX_SIDE = 1280
_MAX_RATE = 30
_LONGEST = 4 * 3600
_WAVE = (1200, 300)
_BARS = 240
_BRAND = (0x2F, 0x5D, 0x62)
_SIDEWAYS = (90, 270)
# Silence in a recording longer than this, in seconds, is kept.
_GAP = 0.3
# What a reader of containers may open beside the file that it is given: nothing.
_CLOSED = {"protocol_whitelist": "file"}
_COVER = 0x400
_START = {"movflags": "+faststart"}


def main() -> None:
    """Make output.mp4 or output.m4a, poster.png, and answer.json."""
    os.nice(5)
    kind = FileType(sys.argv[3])
    film = kind.family is FileCategory.VIDEO
    with _opened(kind) as source:
        video = _film_of(source) if film else None
        sound = source.streams.audio[0] if source.streams.audio else None
        if video is None and sound is None:
            raise ValueError("nothing to play")
        length = _seconds(source)
        name = "output.mp4" if video is not None else "output.m4a"
        turned = _poster(video) if video is not None else 0
    try:
        _make(kind, name, with_video=video is not None, turned=turned, copies=True)
    except av.error.FFmpegError:  # packets of some containers, AVI first, cannot be taken as they are
        _make(kind, name, with_video=video is not None, turned=turned, copies=False)
    if video is None:
        _draw_waves(Path(name))
    Path("answer.json").write_text(json.dumps({"name": name, "seconds": _seconds_of(name) or length}), "utf-8")


def _opened(kind: FileType) -> Any:
    """Open the recording by the reader of its type, which opens nothing else."""
    name = _DEMUXERS[kind]
    with Path("input").open("rb") as file:
        head = file.read(6)
    if name == "mpeg" and head.startswith(_ONLY_PICTURES):
        name = "mpegvideo"
    if name == "ac3" and head[5] >> 3 > _LATER_DOLBY:
        name = "eac3"
    return av.open("input", format=name, options=_CLOSED, metadata_errors="ignore")


def _film_of(source: Any) -> Any:
    """Return the stream of pictures that is a film; one of whole drawings only where there is no other, for
    it may be the picture of a record.
    """
    found = [stream for stream in source.streams.video if not int(stream.disposition) & _COVER]
    return next(
        (stream for stream in found if stream.codec_context.name not in _PICTURE_CODECS),
        next((stream for stream in found if stream.frames > 1), None),
    )


def _seconds(container: Any) -> float:
    return float(container.duration / av.time_base) if container.duration and container.duration > 0 else 0.0


def _seconds_of(name: str) -> float:
    with av.open(name, format="mov", options=_CLOSED) as made:
        return _seconds(made)


def _make(kind: FileType, name: str, *, with_video: bool, turned: int, copies: bool) -> None:
    with _opened(kind) as source, av.open(name, "w", format="mp4", options=_START) as target:
        video = _film_of(source) if with_video else None
        sound = source.streams.audio[0] if source.streams.audio else None
        makers = [
            _video_maker(target, video, turned, copies) if video is not None else None,
            _sound_maker(target, sound, copies) if sound is not None else None,
        ]
        streams = [stream for stream in (video, sound) if stream is not None]
        by_index = {
            stream.index: maker
            for stream, maker in zip((video, sound), makers, strict=True)
            if stream is not None and maker is not None
        }
        for packet in _packets(source, streams):
            by_index[packet.stream.index].take(packet)
        for maker in makers:
            if maker is not None:
                maker.end()


def _packets(source: Any, streams: list[Any]) -> Iterator[Any]:
    """Yield the packets of a recording up to the longest that is made; one that is broken ends it without a fault."""
    with suppress(av.error.FFmpegError):
        for packet in source.demux(streams):
            if not packet.size:
                continue
            moment = packet.pts if packet.dts is None else packet.dts
            if moment is not None and moment * packet.time_base > _LONGEST:
                return
            yield packet


def _decoded(packet: Any) -> list[Any]:
    """Return the frames of a packet; none of one that is broken."""
    try:
        return list(packet.decode())
    except av.error.FFmpegError:
        return []


class _Copied:
    """A stream whose packets are taken as they are."""

    def __init__(self, target: Any, stream: Any) -> None:
        self._target, self._stream = target, target.add_stream_from_template(stream)
        self._stream.metadata.clear()
        self._last: int | None = None
        self._untimed: list[Any] = []

    def take(self, packet: Any) -> None:
        """Take a packet; the first ones of a Matroska do not say when they are decoded, and its first picture
        is among them.
        """
        if packet.dts is None:
            if self._last is None:
                self._untimed.append(packet)
            return
        if self._last is None:
            step = packet.duration or 1
            for place, early in enumerate(reversed(self._untimed), 1):
                early.dts = packet.dts - place * step
            waiting, self._untimed = self._untimed, []
            for early in waiting:
                self._mux(early)
        self._mux(packet)

    def _mux(self, packet: Any) -> None:
        if self._last is not None and packet.dts <= self._last:
            return
        self._last = packet.dts
        packet.stream = self._stream
        self._target.mux(packet)

    def end(self) -> None:
        """Refuse to copy a recording whose packets never say when they are decoded: it is encoded anew."""
        if self._untimed:
            raise av.error.InvalidDataError(0, "packets without time")


class _Video:
    """A stream of pictures, encoded anew as H.264 of a bounded size."""

    def __init__(self, target: Any, stream: Any, turned: int) -> None:
        self._target, self._turned = target, turned
        self._across, self._down = _bounded(stream.codec_context.width, stream.codec_context.height, _MAX_SIDE)
        sides = (self._down, self._across) if turned in _SIDEWAYS else (self._across, self._down)
        rate = min(Fraction(stream.average_rate or 25), Fraction(_MAX_RATE))
        self._encoder = target.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "25"})
        self._encoder.width, self._encoder.height = sides
        self._encoder.pix_fmt = "yuv420p"
        self._encoder.codec_context.time_base = Fraction(1, 90_000)
        self._step, self._last = Fraction(1, int(rate) + 1), Fraction(-1)

    def take(self, packet: Any) -> None:
        for frame in _decoded(packet):
            self._encode(frame)

    def _encode(self, frame: Any) -> None:
        if frame.pts is None:
            return
        moment = Fraction(frame.pts) * frame.time_base
        if moment - self._last < self._step / 2:
            return
        self._last = moment
        shown = frame.reformat(self._across, self._down, "yuv420p")
        if self._turned:
            shown = av.VideoFrame.from_image(shown.to_image().rotate(self._turned, expand=True)).reformat(
                format="yuv420p"
            )
        shown.pts, shown.time_base = int(moment * 90_000), Fraction(1, 90_000)
        self._target.mux(self._encoder.encode(shown))

    def end(self) -> None:
        self._target.mux(self._encoder.encode(None))


class _Sound:
    """A stream of sound, encoded anew as AAC."""

    def __init__(self, target: Any, stream: Any) -> None:
        self._target = target
        rate = stream.codec_context.sample_rate or 44_100
        rate = rate if rate in (16_000, 22_050, 24_000, 32_000, 44_100, 48_000) else 16_000 if rate < 16_000 else 44_100
        layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        self._encoder = target.add_stream("aac", rate=rate, layout=layout)
        self._encoder.bit_rate = 64_000 if layout == "mono" else 128_000
        self._resampler = AudioResampler(format="fltp", layout=layout, rate=rate)
        self._rate, self._next = rate, 0

    def take(self, packet: Any) -> None:
        for frame in _decoded(packet):
            if frame.time is not None and frame.time - self._next / self._rate > _GAP:
                self._next = int(frame.time * self._rate)
            self._encode(self._resampler.resample(frame))

    def _encode(self, parts: Any) -> None:
        """Encode samples one after the other: containers do not always say when each of them is heard."""
        for part in parts:
            part.pts, part.time_base = self._next, Fraction(1, self._rate)
            self._next += part.samples
            self._target.mux(self._encoder.encode(part))

    def end(self) -> None:
        self._encode(self._resampler.resample(None))
        self._target.mux(self._encoder.encode(None))


def _video_maker(target: Any, stream: Any, turned: int, copies: bool) -> _Copied | _Video:
    context = stream.codec_context
    copied = (
        copies
        and context.name in _VIDEO_COPIED
        and context.pix_fmt in _PIXELS_COPIED
        and max(context.width, context.height) <= 1920
        and not turned
    )
    return _Copied(target, stream) if copied else _Video(target, stream, turned)


def _sound_maker(target: Any, stream: Any, copies: bool) -> _Copied | _Sound:
    copied = copies and stream.codec_context.name in _SOUND_COPIED
    return _Copied(target, stream) if copied else _Sound(target, stream)


def _bounded(across: int, down: int, most: int) -> tuple[int, int]:
    """Return even sides, at most so long, in the same proportion."""
    scale = min(1.0, most / max(across, down, 1))
    return max(2, int(across * scale) // 2 * 2), max(2, int(down * scale) // 2 * 2)


def _poster(stream: Any) -> int:
    """Write a frame that shows something, and return by how many degrees the frames have to be turned."""
    chosen, turned = None, 0
    with suppress(av.error.FFmpegError, StopIteration):
        for number, frame in enumerate(stream.container.decode(stream)):
            turned = (round(getattr(frame, "rotation", 0) or 0)) % 360
            image = frame.to_image()
            if chosen is None or number in (10, 40):
                chosen = image
            if number >= 40 or (number >= 10 and _has_contrast(image)):
                break
    if chosen is None:
        raise ValueError("no picture")
    upright = chosen.rotate(turned, expand=True) if turned else chosen
    upright.thumbnail((2000, 2000))
    upright.convert("RGB").save("poster.png")
    return turned


def _has_contrast(image: Image.Image) -> bool:
    shades = image.convert("L").resize((32, 32)).tobytes()
    return max(shades) - min(shades) > 60


def _draw_waves(path: Path) -> None:
    """Draw how loud a sound is from its beginning to its end: its picture."""
    peaks = list(_peaks(path)) or [0.0]
    loudest = max(peaks) or 1.0
    across, down = _WAVE
    picture = Image.new("RGB", _WAVE, "white")
    pen = ImageDraw.Draw(picture)
    wide = across / _BARS
    for bar in range(_BARS):
        part = peaks[bar * len(peaks) // _BARS : max(bar * len(peaks) // _BARS + 1, (bar + 1) * len(peaks) // _BARS)]
        half = max(2, round(0.45 * down * max(part) / loudest))
        pen.rectangle((bar * wide + 1, down / 2 - half, (bar + 1) * wide - 1, down / 2 + half), fill=_BRAND)
    picture.save("poster.png")


def _peaks(path: Path) -> Iterator[float]:
    with av.open(str(path), format="mov", options=_CLOSED) as made, suppress(av.error.FFmpegError):
        resampler = AudioResampler(format="s16", layout="mono", rate=8000)
        for frame in made.decode(audio=0):
            for part in resampler.resample(frame):
                samples = memoryview(bytes(part.planes[0])[: 2 * part.samples]).cast("h")
                if len(samples):
                    yield float(max(abs(sample) for sample in samples[::4]))
