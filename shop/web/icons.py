"""One set of icons: what is inside a 24 × 24 box, drawn with a line of even width in the colour of the text."""

from typing import Final

ICONS: Final[dict[str, str]] = {
    "alert": '<circle cx="12" cy="12" r="9"/><path d="M12 7.5v5.5M12 16.3v.2"/>',
    "arrow": '<path d="M4.5 12h15M13 5.5l6.5 6.5-6.5 6.5"/>',
    "back": '<path d="M19.5 12h-15M11 5.5 4.5 12l6.5 6.5"/>',
    "bag": '<path d="M5.5 8h13l1 12.5h-15zM8.5 10.5V7a3.5 3.5 0 0 1 7 0v3.5"/>',
    "box": '<path d="m12 3 8 4.2v9.6L12 21l-8-4.2V7.2zM4.3 7.4 12 11.5l7.7-4.1M12 11.5V21M8 5.1l8 4.3"/>',
    "calendar": '<rect x="3.5" y="5" width="17" height="15.5" rx="2.5"/><path d="M3.5 10h17M8 2.8v4M16 2.8v4"/>',
    "camera": '<rect x="2.5" y="6" width="13" height="12" rx="2.5"/><path d="m15.5 10.5 6-3.3v9.6l-6-3.3"/>',
    "card": '<rect x="2.5" y="5" width="19" height="14" rx="2.5"/><path d="M2.5 9.8h19M6 15h4"/>',
    "cart": '<path d="M2.5 3.5h2.7l2.5 12h10.6l2.2-8.7H6"/><circle cx="9" cy="19.5" r="1.4"/>'
    '<circle cx="17" cy="19.5" r="1.4"/>',
    "check": '<path d="m4.5 12.8 4.8 4.7L19.5 6.8"/>',
    "chevron": '<path d="m9 5.5 6.5 6.5L9 18.5"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 6.8V12l3.6 2.2"/>',
    "close": '<path d="m5.5 5.5 13 13M18.5 5.5l-13 13"/>',
    "copy": '<rect x="8.5" y="8.5" width="12" height="12" rx="2.5"/><path d="M15.5 5.8a2.3 2.3 0 0 0-2.3-2.3H5.8'
    'a2.3 2.3 0 0 0-2.3 2.3v7.4a2.3 2.3 0 0 0 2.3 2.3"/>',
    "download": '<path d="M12 3.5v11.5M6.8 10.2 12 15.4l5.2-5.2M4 20.5h16"/>',
    "edit": '<path d="m4 20 1-4.5L16.2 4.3a1.8 1.8 0 0 1 2.6 0l.9.9a1.8 1.8 0 0 1 0 2.6L8.5 19zM14 6.5l3.5 3.5"/>',
    "external": '<path d="M13.5 4h6.5v6.5M20 4l-9.5 9.5M17.5 14v4.2a2.3 2.3 0 0 1-2.3 2.3H5.8a2.3 2.3 0 0 1-2.3-2.3V8.8'
    'a2.3 2.3 0 0 1 2.3-2.3H10"/>',
    "file": '<path d="M13.5 3H7.3A2.3 2.3 0 0 0 5 5.3v13.4A2.3 2.3 0 0 0 7.3 21h9.4a2.3 2.3 0 0 0 2.3-2.3V8.5z'
    'M13.5 3v5.5H19M8.5 13h7M8.5 16.8h4.5"/>',
    "heart": '<path d="M12 20.3 4.6 12.9a4.8 4.8 0 0 1 6.8-6.8l.6.6.6-.6a4.8 4.8 0 0 1 6.8 6.8z"/>',
    "home": '<path d="m3.5 11 8.5-7.2L20.5 11M5.8 9.3v10.7h12.4V9.3M9.8 20v-6h4.4v6"/>',
    "list": '<path d="M8.5 6h12M8.5 12h12M8.5 18h12M3.8 6h.2M3.8 12h.2M3.8 18h.2"/>',
    "lock": '<rect x="4.5" y="10.5" width="15" height="10" rx="2.5"/><path d="M8 10.5V7.3a4 4 0 0 1 8 0v3.2"/>',
    "mail": '<rect x="2.5" y="5" width="19" height="14" rx="2.5"/><path d="m3.5 7 8.5 6.5L20.5 7"/>',
    "minus": '<path d="M5 12h14"/>',
    "pause": '<path d="M8 5v14M16 5v14"/>',
    "pin": '<path d="M12 21s6.8-6 6.8-11.2a6.8 6.8 0 0 0-13.6 0C5.2 15 12 21 12 21z"/>'
    '<circle cx="12" cy="9.8" r="2.4"/>',
    "play": '<path d="M7 4.8v14.4L19 12z"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "printer": '<path d="M7 9V3.5h10V9M7 17H5.3A2.3 2.3 0 0 1 3 14.7v-3.4A2.3 2.3 0 0 1 5.3 9h13.4'
    'a2.3 2.3 0 0 1 2.3 2.3v3.4a2.3 2.3 0 0 1-2.3 2.3H17M7 14h10v6.5H7z"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.3 15.3 5.2 5.2"/>',
    "shield": '<path d="M12 3 4.5 5.8v5.4c0 4.6 3.1 8 7.5 9.8 4.4-1.8 7.5-5.2 7.5-9.8V5.8zM8.7 12l2.4 2.4 4.4-4.6"/>',
    "spark": '<path d="M12 3c.6 5 3.5 8.4 9 9-5.5.6-8.4 4-9 9-.6-5-3.5-8.4-9-9 5.5-.6 8.4-4 9-9z"/>',
    "store": '<path d="M4.8 10.5v10h14.4v-10M3 8.3 5 3.5h14l2 4.8a3 3 0 0 1-6 .2 3 3 0 0 1-6 0 3 3 0 0 1-6-.2z'
    'M9.5 20.5v-5.5h5v5.5"/>',
    "stop": '<rect x="5.5" y="5.5" width="13" height="13" rx="2.5"/>',
    "tag": '<path d="M3.5 4.8v6.4l9.3 9.3 7.7-7.7-9.3-9.3H4.8a1.3 1.3 0 0 0-1.3 1.3z"/><circle cx="8" cy="8" r="1.2"/>',
    "truck": '<path d="M2.5 5.5h11.5v11h-4.3M5.3 16.5H2.5v-11M14 9h4l3.5 3.8v3.7h-2.2M14.7 16.5H14"/>'
    '<circle cx="7.5" cy="17.3" r="2.1"/><circle cx="17" cy="17.3" r="2.1"/>',
    "undo": '<path d="M8.5 4.5 4 9l4.5 4.5M4 9h10.5a5.5 5.5 0 0 1 0 11H8"/>',
    "user": '<circle cx="12" cy="8" r="4.2"/><path d="M4 20.5c.6-4.2 3.8-6.5 8-6.5s7.4 2.3 8 6.5"/>',
    "warning": '<path d="M12 3.8 2.8 19.8h18.4zM12 10v4.5M12 17.2v.2"/>',
}

# They point along the line of reading, so they turn round in right-to-left text.
FOLLOW_TEXT: Final = frozenset({"arrow", "back", "chevron", "undo", "truck"})
