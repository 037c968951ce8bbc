"""Simulated photographs of a printed page, bad as those of telephones: tilted, shaded, blurred, noisy.

python -m benchmarks.bad_photos [COUNT]   reads them, and prints the part of the words that is found
"""

import io
import random
import sys
from importlib import resources

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from portfolio.files.conversion.machine_reading import program_path, read_picture

PAGE = (1240, 1754)
TEXT = (
    "ATTESTATION DE L’EMPLOYEUR",
    "Je soussignée, directrice de la maison de quartier des Tilleuls,",
    "atteste que cette personne a travaillé dans notre équipe du",
    "premier septembre 2018 au trente juin 2022 comme chargée de",
    "communication. Elle a rédigé le plan annuel, préparé le budget,",
    "animé les réunions du comité de pilotage et suivi les travaux des",
    "trois prestataires retenus après un appel à candidatures.",
    "Elle a aussi organisé une veille en français et en anglais, dont",
    "chaque numéro était envoyé aux bénévoles le lundi matin.",
    "Les enquêtes menées auprès des habitants ont servi à revoir",
    "les horaires de l’accueil et la forme de la lettre mensuelle.",
    "Les comptes de l’action ont été présentés au conseil",
    "d’administration, qui les a approuvés sans réserve.",
    "Fait pour servir et valoir ce que de droit, à Nantes.",
)


def page() -> Image.Image:
    """Return the page as it was printed."""
    sheet = Image.new("L", PAGE, 255)
    draw = ImageDraw.Draw(sheet)
    file = resources.files("fontpkg_source_serif_4") / "files" / "SourceSerif4[opsz,wght].ttf"
    with resources.as_file(file) as path:
        font = ImageFont.truetype(str(path), 34)
    for number, line in enumerate(TEXT):
        draw.text((110, 150 + 74 * number), line, fill=30, font=font)
    return sheet


def photograph(seed: int) -> bytes:
    """Return a photograph of the page: the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    table = Image.effect_noise((1700, 2250), 20).point(lambda value: value * 0.35 + 20)
    sheet = page().convert("L")
    angle = chance.uniform(-7, 7)
    mask = Image.new("L", PAGE, 255).rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    turned = sheet.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC, fillcolor=0)
    scale = chance.uniform(0.95, 1.1)
    size = (round(turned.width * scale), round(turned.height * scale))
    place = ((table.width - size[0]) // 2, (table.height - size[1]) // 2)
    table.paste(turned.resize(size), place, mask.resize(size))
    shade = Image.linear_gradient("L").rotate(chance.choice((0, 90, 180, 270))).resize(table.size)
    dark = chance.uniform(0.35, 0.6)
    table = ImageChops.multiply(table, shade.point(lambda value: 255 * dark + value * (1 - dark)))
    spot = Image.new("L", table.size, 255)
    spot.paste(
        Image.radial_gradient("L").resize((1400, 1400)).point(lambda value: min(255, value * 2)),
        (chance.randint(0, 300), chance.randint(0, 800)),
    )
    table = ImageChops.multiply(table, spot.point(lambda value: 150 + value * 105 / 255))
    table = table.filter(ImageFilter.GaussianBlur(chance.uniform(0.6, 1.5)))
    noise = Image.effect_noise(table.size, chance.uniform(8, 22))
    table = ImageChops.add(table, noise, offset=-128)
    out = io.BytesIO()
    table.save(out, "JPEG", quality=chance.randint(55, 80))
    return out.getvalue()


def words_found(text: str) -> float:
    """Return the part of the words of the page that a text has."""
    wanted, found = " ".join(TEXT).split(), text.replace("'", "’").split()
    left = list(found)
    hits = 0
    for word in wanted:
        if word in left:
            left.remove(word)
            hits += 1
    return hits / len(wanted)


def main() -> None:
    """Read the photographs, and say how much of each is found."""
    if program_path() is None:
        sys.exit("tesseract is not installed, or lacks its French.")
    parts = []
    for seed in range(int(sys.argv[1]) if len(sys.argv) > 1 else 30):
        parts.append(words_found(read_picture(photograph(seed))))
        sys.stdout.write(f"{seed:2} {parts[-1]:.0%}\n")
    sys.stdout.write(f"mean {sum(parts) / len(parts):.1%}, worst {min(parts):.0%}\n")


if __name__ == "__main__":
    main()
