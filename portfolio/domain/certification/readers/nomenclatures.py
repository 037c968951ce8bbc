"""Codes that an entry gives of public nomenclatures, and those of them that do not exist: NSF, ROME, SIRET."""

import re
from collections.abc import Iterator

from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry

# Groups of the NSF (decree of 21 June 1994); a letter of function may follow a group.
_GROUPS = (
    "100 110 111 112 113 114 115 116 117 118 120 121 122 123 124 125 126 127 128 130 131 132 133 134 135 136 200"
    " 201 210 211 212 213 214 220 221 222 223 224 225 226 227 230 231 232 233 234 240 241 242 243 250 251 252 253"
    " 254 255 300 310 311 312 313 314 315 320 321 322 323 324 325 326 330 331 332 333 334 335 336 340 341 342 343"
    " 344 345 346 410 411 412 413 414 415 420 421 422 423"
)
NSF_GROUPS = frozenset(_GROUPS.split())
NSF_DOMAINS = frozenset(group[:2] for group in NSF_GROUPS) | frozenset(group[0] for group in NSF_GROUPS)
# Professional domains of the ROME, from the first to the last of each run.
ROME_DOMAINS = frozenset(
    f"{letter}{number}"
    for letter, first, last in re.findall(
        r"(\w)(\d\d)-(\d\d)",
        "A11-15 B11-18 C11-15 D11-15 E11-14 F11-17 G11-18 H11-15 H21-29 H31-34 I11-16 J11-15 K11-19 K21-26 L11-15"
        " M11-18 N11-13 N21-22 N31-32 N41-44",
    )
    for number in range(int(first), int(last) + 1)
)
NSF = re.compile(r"(\d{1,3})[a-z]?", re.IGNORECASE)
ROME = re.compile(r"([A-N]\d{2})(?!00)\d{2}")
LA_POSTE = "356000000"  # its establishments follow no key


def is_nsf(code: str) -> bool:
    """Return whether the NSF has a code: a group, with or without its letter of function, or a domain."""
    found = NSF.fullmatch(code)
    return bool(found and (found[1] in NSF_GROUPS or code in NSF_DOMAINS))


def is_rome(code: str) -> bool:
    """Return whether a code is of a domain of the ROME."""
    found = ROME.fullmatch(code.upper())
    return bool(found and found[1] in ROME_DOMAINS)


def is_siret(written: str) -> bool:
    """Return whether a number is a SIRET: fourteen digits with their key (Luhn)."""
    digits = "".join(written.split())
    if not re.fullmatch(r"[0-9]{14}", digits):
        return False
    doubled = (int(digit) * (1 + rank % 2) for rank, digit in enumerate(reversed(digits)))
    return digits.startswith(LA_POSTE) or sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def about_codes(entry: Entry) -> Iterator[Doubt]:
    """Yield a doubt for each code of an entry that its nomenclature does not have."""
    for name, codes, exists in (("nsf", entry.nsf, is_nsf), ("rome", entry.rome, is_rome)):
        yield from (
            Doubt(name, DoubtCode.CODE_UNKNOWN, (name.upper(), code[:40])) for code in codes if not exists(code)
        )
    for certifier in entry.details.certifiers if entry.details else ():
        if certifier.siret and not is_siret(certifier.siret):
            facts = ("SIRET", certifier.siret[:40], certifier.name[:80])
            yield Doubt("certifiers", DoubtCode.CODE_UNKNOWN, facts)
