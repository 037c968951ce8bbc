"""Pictures of a working life, drawn: a whiteboard after a workshop, a stand, the screen of a dashboard."""

import io
import math
import random
import zlib

import fontpkg_source_sans_3
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

Colour = tuple[int, int, int]
_SANS = fontpkg_source_sans_3.ROOT / "files" / "SourceSans3[wght].ttf"
_HAND = fontpkg_source_sans_3.ROOT / "files" / "SourceSans3-Italic[wght].ttf"
_WHITE = (255, 255, 255)
_INK = (38, 44, 52)


def logo(name: str, colour: str) -> bytes:
    """Answer the logo of a body that does not exist: three waves in a square beside its name, as a PNG on nothing."""
    image = Image.new("RGBA", (2700, 960), (255, 255, 255, 0))
    draw, ink = ImageDraw.Draw(image), _rgb(colour)
    draw.rounded_rectangle((40, 40, 880, 880), 120, fill=ink)
    for top in (270, 460, 650):
        for at in range(600):
            x, y = 160 + at, top + 52 * math.sin(at / 200 * math.pi)
            draw.ellipse((x - 30, y - 30, x + 30, y + 30), fill=_WHITE)
    bold = _font(_SANS, 620)
    bold.set_variation_by_axes([650])
    draw.text((1010, 60), name, font=bold, fill=ink)
    drawn, out = image.crop(image.getbbox()), io.BytesIO()
    drawn.resize((drawn.width // 2, drawn.height // 2), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


def board(house: str, _site: str, _colour: str, edition: int) -> bytes:
    """Answer the photograph of a whiteboard covered with notes."""
    dice = _dice(house, edition)
    image = _shaded((1600, 1200), (206, 203, 196), (168, 165, 160))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((90, 70, 1510, 1060), 14, fill=(150, 152, 155))
    draw.rectangle((112, 92, 1488, 1034), fill=(246, 247, 246))
    draw.rectangle((500, 1060, 1100, 1082), fill=(120, 122, 126))
    draw.text((150, 115), f"Atelier parcours · {house}", font=_font(_HAND, 52), fill=(30, 60, 140))
    columns = ("Découvrir", "Comparer", "Décider", "Revenir")
    notes = (
        *(
            "prix ?",
            "avis clients",
            "photo vraie",
            "rappel 24 h",
            "calendrier",
            "panier gardé",
            "qui répond ?",
            "preuve",
        ),
        *("2 écrans !", "courriel J+7", "on m’oublie", "trop long", "un prénom", "téléphone", "acompte", "fidélité"),
    )
    for at, name in enumerate(columns):
        left = 150 + at * 335
        draw.text((left, 215), name, font=_font(_HAND, 40), fill=(160, 30, 40))
        draw.line((left, 270, left + 270, 266), fill=(160, 30, 40), width=4)
        for row in range(4):
            _note(
                image,
                (left + dice.randint(0, 40), 300 + row * 175 + dice.randint(0, 18)),
                notes[(at * 4 + row + edition) % 16],
                dice,
            )
    draw.line((330, 760, 700, 640, 1020, 770, 1400, 560), fill=(30, 120, 60), width=5)
    return _photograph(image)


def stand(house: str, site: str, colour: str, edition: int) -> bytes:
    """Answer the photograph of a stand at a fair."""
    dice, accent = _dice(house, edition), _rgb(colour)
    image = _shaded((1600, 1067), (96, 104, 118), (58, 62, 70))
    draw = ImageDraw.Draw(image)
    for at in range(9):
        draw.ellipse((at * 190 - 20, 30, at * 190 + 60, 60), fill=(255, 246, 220))
    draw.polygon(((0, 800), (1600, 800), (1600, 1067), (0, 1067)), fill=(120, 112, 104))
    for at in range(-4, 14):
        draw.line((800 + (at - 5) * 90, 800, 800 + (at - 5) * 230, 1067), fill=(108, 101, 94), width=3)
    draw.polygon(((320, 190), (1280, 190), (1300, 820), (300, 820)), fill=(240, 240, 236))
    draw.rectangle((310, 170, 1290, 320), fill=accent)
    draw.text((800, 245), house, font=_font(_SANS, 74), fill=_WHITE, anchor="mm")
    draw.text((800, 380), site, font=_font(_SANS, 38), fill=_INK, anchor="mm")
    for at in range(3):
        left = 390 + at * 290
        draw.rectangle((left, 440, left + 230, 690), fill=tuple(min(255, part + 60 + at * 22) for part in accent))
        draw.ellipse((left + 60, 480, left + 170, 590), fill=(250, 236, 200))
        draw.rectangle((left + 24, 620, left + 206, 634), fill=_WHITE)
        draw.rectangle((left + 24, 648, left + 160, 660), fill=_WHITE)
    draw.polygon(((420, 780), (1180, 780), (1230, 960), (370, 960)), fill=tuple(part // 2 for part in accent))
    draw.rectangle((400, 760, 1200, 790), fill=(222, 216, 204))
    for _ in range(7):
        left = dice.randint(440, 1100)
        draw.polygon(((left, 758), (left + 60, 758), (left + 66, 742), (left + 8, 742)), fill=(250, 250, 250))
    return _photograph(image)


def dashboard(house: str, site: str, colour: str, edition: int) -> bytes:
    """Answer the capture of a dashboard of audience, as a browser shows it."""
    dice, accent = _dice(house, edition), _rgb(colour)
    image = Image.new("RGB", (1600, 1000), (245, 246, 248))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 1600, 64), fill=(225, 227, 231))
    draw.rounded_rectangle((150, 14, 1180, 50), 18, fill=_WHITE)
    draw.text(
        (176, 32), f"statistiques.{site}/tableau/hebdomadaire", font=_font(_SANS, 22), fill=(90, 96, 104), anchor="lm"
    )
    for at, dot in enumerate(((236, 106, 94), (244, 190, 79), (98, 197, 84))):
        draw.ellipse((24 + at * 34, 22, 44 + at * 34, 42), fill=dot)
    draw.rectangle((0, 64, 220, 1000), fill=_INK)
    for at, name in enumerate(("Vue d’ensemble", "Audience", "Acquisition", "Parcours", "Demandes", "Réglages")):
        draw.text(
            (28, 120 + at * 52), name, font=_font(_SANS, 24), fill=_WHITE if at == 0 else (160, 168, 178), anchor="lm"
        )
    draw.text((256, 112), f"{house} · semaine {dice.randint(9, 48)}", font=_font(_SANS, 36), fill=_INK, anchor="lm")
    cards = (
        ("Visites", dice.randint(2900, 5200)),
        ("Demandes", dice.randint(60, 140)),
        ("Taux", None),
        ("Abandons au prix", None),
    )
    for at, (name, number) in enumerate(cards):
        left = 256 + at * 330
        draw.rounded_rectangle((left, 150, left + 306, 290), 12, fill=_WHITE, outline=(226, 229, 233))
        draw.text((left + 22, 184), name, font=_font(_SANS, 24), fill=(96, 102, 110), anchor="lm")
        shown = f"{number:,}".replace(",", " ") if number else f"{dice.randint(18, 46) / 10:.1f} %".replace(".", ",")
        draw.text((left + 22, 244), shown, font=_font(_SANS, 52), fill=_INK, anchor="lm")
    _curve(draw, dice, accent)
    _channels(draw, dice, accent)
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def _curve(draw: ImageDraw.ImageDraw, dice: random.Random, accent: Colour) -> None:
    draw.rounded_rectangle((256, 320, 1136, 940), 12, fill=_WHITE, outline=(226, 229, 233))
    draw.text(
        (282, 360), "Demandes par semaine, cette année et la précédente", font=_font(_SANS, 26), fill=_INK, anchor="lm"
    )
    for at in range(5):
        draw.line((300, 460 + at * 105, 1100, 460 + at * 105), fill=(232, 234, 238), width=2)
    for shade, lift in (((186, 192, 200), 150), (accent, 0)):
        points = [
            (300 + at * 32, 640 + lift - 7 * at + 45 * math.sin(at / 2.2) + dice.randint(-26, 26)) for at in range(26)
        ]
        draw.line(points, fill=shade, width=6, joint="curve")


def _channels(draw: ImageDraw.ImageDraw, dice: random.Random, accent: Colour) -> None:
    draw.rounded_rectangle((1160, 320, 1552, 940), 12, fill=_WHITE, outline=(226, 229, 233))
    draw.text((1186, 360), "D’où viennent les demandes", font=_font(_SANS, 26), fill=_INK, anchor="lm")
    shift = dice.randint(0, 5)
    shares = (
        ("Recherche", 39 - shift),
        ("Direct", 25 + shift),
        ("Courriel", 18),
        ("Prescripteurs", 11),
        ("Réseaux", 7),
    )
    for at, (name, share) in enumerate(shares):
        draw.text((1186, 420 + at * 100), f"{name} · {share} %", font=_font(_SANS, 24), fill=_INK, anchor="lm")
        draw.rectangle((1186, 444 + at * 100, 1526, 464 + at * 100), fill=(236, 238, 241))
        draw.rectangle((1186, 444 + at * 100, 1186 + share * 7, 464 + at * 100), fill=accent)


def _note(image: Image.Image, corner: tuple[int, int], words: str, dice: random.Random) -> None:
    paper = dice.choice(((253, 236, 130), (255, 190, 190), (180, 226, 244), (200, 236, 180)))
    note = Image.new("RGBA", (230, 130), (*paper, 255))
    ImageDraw.Draw(note).text((115, 65), words, font=_font(_HAND, 36), fill=(40, 40, 60), anchor="mm")
    turned = note.rotate(dice.uniform(-5, 5), expand=True, resample=Image.Resampling.BICUBIC)
    shadow = Image.new("RGBA", turned.size, (0, 0, 0, 60))
    image.paste(
        shadow.convert("RGB"), (corner[0] + 5, corner[1] + 6), turned.getchannel("A").point(lambda value: value // 5)
    )
    image.paste(turned.convert("RGB"), corner, turned.getchannel("A"))


def _photograph(image: Image.Image) -> bytes:
    """Give a drawing the softness, the tilt and the grain of a telephone's photograph."""
    tilted = image.rotate(0.8, resample=Image.Resampling.BICUBIC, expand=False, fillcolor=(90, 90, 92))
    soft = ImageEnhance.Contrast(tilted.filter(ImageFilter.GaussianBlur(1.1))).enhance(0.94)
    grain = Image.effect_noise(soft.size, 22).convert("RGB")
    target = io.BytesIO()
    Image.blend(soft, grain, 0.06).crop((14, 12, soft.width - 14, soft.height - 12)).save(target, "JPEG", quality=84)
    return target.getvalue()


def _shaded(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def _dice(house: str, edition: int) -> random.Random:
    return random.Random(zlib.crc32(house.encode()) + edition)  # noqa: S311 - a drawing, not a secret


def _rgb(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _font(path: object, size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(path), size)
    font.set_variation_by_axes([450])
    return font
