"""A recorded voice is put in writing where a model is, for its author alone; elsewhere nothing offers it."""

import os
from pathlib import Path

import av
import pytest

from portfolio.files.conversion import dictation
from tests import factories
from tests.factories import PASSWORD

MODEL, VOICE = os.environ.get("ACQUIS_WHISPER", ""), os.environ.get("ACQUIS_VOICE", "")


def test_without_a_model_no_page_offers_to_record_and_nothing_answers(client, store):
    world = factories.begin_world(store)
    client.log_in(world.candidate.email, PASSWORD)
    at = f"/dossiers/{world.candidacy.id}/competences/{world.competencies[0].id}"
    assert "Enregistrer ma voix" not in client.get(at).text
    assert client.send(f"/dossiers/{world.candidacy.id}/dictee", {}, form=at).status_code == 404


def test_a_folder_without_a_model_or_a_machine_without_the_library_puts_nothing_in_writing(tmp_path):
    assert not dictation.can_transcribe("")
    assert not dictation.can_transcribe(str(tmp_path))


@pytest.mark.skipif(not dictation.can_transcribe(MODEL), reason="ACQUIS_WHISPER names no model")
def test_a_model_writes_nothing_of_ten_seconds_without_a_voice(tmp_path):
    """`ACQUIS_WHISPER`: the folder of a model, beside requirements-voice.txt; in the sandbox, as served."""
    sound = av.AudioFrame(format="s16", layout="mono", samples=480_000)
    sound.planes[0].update(bytes((7 * at * at) % 16 if at % 2 == 0 else 0 for at in range(960_000)))
    sound.sample_rate = 48_000
    with av.open(tmp_path / "hum.ogg", "w", format="ogg") as file:
        stream = file.add_stream("libopus", rate=48_000, layout="mono")
        file.mux([*stream.encode(sound), *stream.encode(None)])
    assert dictation.transcribe((tmp_path / "hum.ogg").read_bytes(), "audio/ogg", MODEL) == ""
    if VOICE:
        assert dictation.transcribe(Path(VOICE).read_bytes(), "audio/ogg", MODEL)
