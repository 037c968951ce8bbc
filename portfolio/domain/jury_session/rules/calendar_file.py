"""The calendar file (ICS) of a summons (RFC 5545, RFC 5546): values in, text out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

from icalendar import Alarm, Calendar, Event, Timezone, vCalAddress, vText

from portfolio.calendar import PARIS

FILE_NAME = "convocation.ics"
# As the time zone database of IANA gives it for the years to come: the last Sundays of March and of October.
TIME_ZONE = "\r\n".join(
    (
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Paris",
        "BEGIN:DAYLIGHT",
        "DTSTART:19810329T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19961027T030000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    )
)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One person's entry. A cancelled one has the UID of the entry that it removes, and a higher sequence.

    `organizer` is the address from which letters leave, with or without a name.
    """

    uid: str
    sequence: int
    is_cancelled: bool
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str
    organizer: str
    organizer_name: str
    attendee_name: str
    attendee_email: str
    written_at: datetime
    is_whole_day: bool = False
    video_link: str = ""

    @property
    def method(self) -> str:
        """Return the method of the file: what it asks of its reader's calendar."""
        return "CANCEL" if self.is_cancelled else "REQUEST"


def media_type_of(entry: CalendarEntry) -> str:
    """Return the type under which the file is attached to a letter."""
    return f"text/calendar; method={entry.method}"


def calendar_text(entry: CalendarEntry) -> str:
    """Return the file, with the time zone of Paris written out for programs that do not know it."""
    calendar = Calendar()
    calendar.add("prodid", "-//Acquis//Convocations//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", entry.method)
    if not entry.is_whole_day:
        calendar.add_component(Timezone.from_ical(TIME_ZONE))
    calendar.add_component(_event(entry))
    text: str = calendar.to_ical().decode("utf-8")
    return text


def _event(entry: CalendarEntry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.written_at)
    event.add("last-modified", entry.written_at)
    starts, ends = entry.starts_at.astimezone(PARIS), entry.ends_at.astimezone(PARIS)
    event.add("dtstart", starts.date() if entry.is_whole_day else starts)
    event.add("dtend", ends.date() if entry.is_whole_day else ends)
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("location", entry.location or entry.video_link)
    if entry.video_link:
        event.add("url", entry.video_link)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("organizer", _address(parseaddr(entry.organizer)[1] or entry.organizer, entry.organizer_name))
    event.add("attendee", _attendee(entry))
    if not entry.is_cancelled and not entry.is_whole_day:
        event.add_component(_alarm(entry.summary))
    return event


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    address.params["CN"] = vText(name)
    return address


def _attendee(entry: CalendarEntry) -> vCalAddress:
    address = _address(entry.attendee_email, entry.attendee_name)
    address.params["CUTYPE"] = vText("INDIVIDUAL")
    address.params["ROLE"] = vText("REQ-PARTICIPANT")
    # The answer is given on our page, by a button: mail programs send theirs to an address that nobody reads.
    address.params["PARTSTAT"] = vText("NEEDS-ACTION")
    address.params["RSVP"] = vText("FALSE")
    return address


def _alarm(summary: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", timedelta(hours=-24))
    return alarm
