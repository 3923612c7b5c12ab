"""Where a show's video is: an address that somebody pasted, recognised or refused with the reason."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

from shop.core.errors import Invalid

YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
TWITCH_CHANNEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{2,24}")
TIKTOK_NAME = re.compile(r"@[A-Za-z0-9_.]{2,24}")
NUMBER = re.compile(r"[0-9]{1,20}")
VIMEO_HASH = re.compile(r"[0-9a-f]{6,20}")
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
TWITCH_PAGES = frozenset({"directory", "videos", "settings", "downloads", "search", "subscriptions", "wallet"})


class UnknownVideo(Invalid):
    """The address leads to nothing that can be shown; the sentence says why."""

    code = "unknown_video"


@dataclass(frozen=True)
class Video:
    """A show's video. `embed_url` is None where the platform does not allow it on other pages: it is linked."""

    platform: str
    watch_url: str
    embed_url: str | None = None
    hls_url: str | None = None

    @property
    def is_upright(self) -> bool:
        """Filmed for a phone held upright."""
        return self.platform == "TikTok" or "/shorts/" in self.watch_url

    def embedded_on(self, host: str) -> str | None:
        """The frame's address on a page of this host; Twitch wants to know the host (its `parent`)."""
        if self.embed_url and self.platform == "Twitch":
            return f"{self.embed_url}&parent={quote(host)}"
        return self.embed_url


def recognise(url: str) -> Video:
    """The video behind a pasted address: YouTube, Twitch, Vimeo, TikTok, or an HLS playlist (.m3u8).

    Raises UnknownVideo, with `field` and the reason, for anything else: another scheme than https, another
    host (also one that only looks like a platform's), a page of a platform that is no video.
    """
    parts = _split(url.strip())
    reader = PLATFORMS.get(parts.hostname or "")
    if reader:
        return reader(parts, [step for step in parts.path.split("/") if step])
    if parts.path.lower().endswith(".m3u8"):
        return Video("HLS", parts.geturl(), hls_url=parts.geturl())
    raise _no(
        f"We do not know videos at {parts.hostname}. "
        "Paste an address from YouTube, Twitch, Vimeo or TikTok, or an HLS playlist that ends in .m3u8."
    )


def _split(url: str) -> SplitResult:
    """The parts of an https address with an ordinary host. Raises UnknownVideo."""
    if len(url) > 500 or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise _no("This is not a web address. Copy it from the browser's address bar.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as unreadable:
        raise _no("This is not a web address. Copy it from the browser's address bar.") from unreadable
    if parts.scheme != "https":
        raise _no("The address must begin with https://.")
    if parts.username is not None or port not in (None, 443):
        raise _no("The address must not hold a name, a password or a port.")
    if not HOST.fullmatch(parts.hostname or ""):
        raise _no("The address has no host that we know.")
    return parts


def _youtube(parts: SplitResult, steps: list[str]) -> Video:
    """/watch?v=ID, /live/ID, /shorts/ID, /embed/ID."""
    found = ""
    if steps == ["watch"]:
        found = parse_qs(parts.query).get("v", [""])[0]
    elif len(steps) == 2 and steps[0] in ("live", "shorts", "embed"):
        found = steps[1]
    shape = "shorts/" if steps[:1] == ["shorts"] else "watch?v="
    return _youtube_video(found, shape)


def _youtube_short_link(parts: SplitResult, steps: list[str]) -> Video:
    """youtu.be/ID."""
    return _youtube_video(steps[0] if len(steps) == 1 else "", "watch?v=")


def _youtube_video(found: str, shape: str) -> Video:
    if not YOUTUBE_ID.fullmatch(found):
        raise _no("This YouTube address names no video. Open the video or the stream itself and copy its address.")
    return Video(
        "YouTube",
        f"https://www.youtube.com/{shape}{found}",
        f"https://www.youtube-nocookie.com/embed/{found}?playsinline=1&rel=0",
    )


def _twitch(parts: SplitResult, steps: list[str]) -> Video:
    """/channel and /videos/ID."""
    if len(steps) == 2 and steps[0] == "videos" and NUMBER.fullmatch(steps[1]):
        watch, player = f"videos/{steps[1]}", f"video={steps[1]}"
    elif len(steps) == 1 and TWITCH_CHANNEL.fullmatch(steps[0]) and steps[0].lower() not in TWITCH_PAGES:
        watch, player = steps[0], f"channel={steps[0]}"
    else:
        raise _no("This Twitch address is neither a channel nor a video.")
    return Video("Twitch", f"https://www.twitch.tv/{watch}", f"https://player.twitch.tv/?{player}")


def _vimeo(parts: SplitResult, steps: list[str]) -> Video:
    """/ID, /ID/HASH (unlisted), /event/ID (linked), and the player's own /video/ID."""
    if len(steps) == 2 and steps[0] == "event" and NUMBER.fullmatch(steps[1]):
        return Video("Vimeo", f"https://vimeo.com/event/{steps[1]}")
    steps = steps[1:] if steps[:1] == ["video"] else steps
    secret = steps[1] if len(steps) == 2 else parse_qs(parts.query).get("h", [""])[0]
    if len(steps) not in (1, 2) or not NUMBER.fullmatch(steps[0]) or not (not secret or VIMEO_HASH.fullmatch(secret)):
        raise _no("This Vimeo address names no video.")
    watch, embed = f"https://vimeo.com/{steps[0]}", f"https://player.vimeo.com/video/{steps[0]}"
    return Video("Vimeo", f"{watch}/{secret}", f"{embed}?h={secret}") if secret else Video("Vimeo", watch, embed)


def _tiktok(parts: SplitResult, steps: list[str]) -> Video:
    """/@name/video/ID, and /@name/live, which TikTok does not allow on other pages."""
    if steps and TIKTOK_NAME.fullmatch(steps[0]):
        if steps[1:] == ["live"]:
            return Video("TikTok", f"https://www.tiktok.com/{steps[0]}/live")
        if len(steps) == 3 and steps[1] == "video" and NUMBER.fullmatch(steps[2]):
            watch = f"https://www.tiktok.com/{steps[0]}/video/{steps[2]}"
            return Video("TikTok", watch, f"https://www.tiktok.com/player/v1/{steps[2]}")
    raise _no("This TikTok address is neither a live stream (@name/live) nor a video (@name/video/…).")


def _tiktok_short_link(parts: SplitResult, steps: list[str]) -> Video:
    """vm.tiktok.com/CODE could lead anywhere."""
    raise _no("This is a TikTok short link. Open it and copy the long address, tiktok.com/@name/….")


def _no(reason: str) -> UnknownVideo:
    return UnknownVideo(reason, field="video_url")


PLATFORMS: dict[str, Callable[[SplitResult, list[str]], Video]] = {
    "youtube.com": _youtube,
    "www.youtube.com": _youtube,
    "m.youtube.com": _youtube,
    "www.youtube-nocookie.com": _youtube,
    "youtu.be": _youtube_short_link,
    "twitch.tv": _twitch,
    "www.twitch.tv": _twitch,
    "m.twitch.tv": _twitch,
    "vimeo.com": _vimeo,
    "www.vimeo.com": _vimeo,
    "player.vimeo.com": _vimeo,
    "tiktok.com": _tiktok,
    "www.tiktok.com": _tiktok,
    "m.tiktok.com": _tiktok,
    "vm.tiktok.com": _tiktok_short_link,
    "vt.tiktok.com": _tiktok_short_link,
}
