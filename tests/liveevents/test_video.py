"""Addresses that people paste, and what becomes of them."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from liveevents.events.video import PLATFORMS, UnknownVideo, recognise

YOUTUBE = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?playsinline=1&rel=0"


@pytest.mark.parametrize(
    ("pasted", "platform", "embed_url"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=4s", "YouTube", YOUTUBE),
        ("https://youtube.com/watch?app=desktop&v=dQw4w9WgXcQ", "YouTube", YOUTUBE),
        ("https://youtu.be/dQw4w9WgXcQ?si=abc", "YouTube", YOUTUBE),
        ("https://www.youtube.com/live/dQw4w9WgXcQ?feature=share", "YouTube", YOUTUBE),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "YouTube", YOUTUBE),
        ("https://www.youtube.com/embed/dQw4w9WgXcQ", "YouTube", YOUTUBE),
        ("  https://YOUTU.BE/dQw4w9WgXcQ  ", "YouTube", YOUTUBE),
        ("https://www.twitch.tv/some_channel", "Twitch", "https://player.twitch.tv/?channel=some_channel"),
        ("https://www.twitch.tv/videos/123456", "Twitch", "https://player.twitch.tv/?video=123456"),
        ("https://vimeo.com/76979871", "Vimeo", "https://player.vimeo.com/video/76979871"),
        ("https://vimeo.com/76979871/abcdef1234", "Vimeo", "https://player.vimeo.com/video/76979871?h=abcdef1234"),
        ("https://player.vimeo.com/video/76979871", "Vimeo", "https://player.vimeo.com/video/76979871"),
        (
            "https://www.tiktok.com/@some.one/video/7106594312292453675",
            "TikTok",
            "https://www.tiktok.com/player/v1/7106594312292453675",
        ),
    ],
)
def test_a_video_is_embedded_from_its_platform(pasted: str, platform: str, embed_url: str) -> None:
    video = recognise(pasted)

    assert (video.platform, video.embed_url) == (platform, embed_url)
    assert f"https://{urlsplit(embed_url).hostname}" in settings.VIDEO_HOSTS


@pytest.mark.parametrize(
    ("pasted", "platform"),
    [("https://www.tiktok.com/@some.one/live", "TikTok"), ("https://vimeo.com/event/4242", "Vimeo")],
)
def test_what_a_platform_keeps_to_its_own_pages_is_linked(pasted: str, platform: str) -> None:
    video = recognise(pasted)

    assert video.platform == platform
    assert video.watch_url == pasted
    assert video.embedded_on("shop.example") is None


def test_twitch_hears_on_whose_page_it_is() -> None:
    video = recognise("https://www.twitch.tv/some_channel")

    assert video.embedded_on("shop.example") == "https://player.twitch.tv/?channel=some_channel&parent=shop.example"


def test_a_playlist_is_played_from_wherever_it_is() -> None:
    video = recognise("https://cdn.example/show/index.m3u8?token=1")

    assert (video.platform, video.hls_url) == ("HLS", "https://cdn.example/show/index.m3u8?token=1")
    assert video.embed_url is None


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        ("http://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://"),
        ("javascript:alert(1)", "https://"),
        ("data:text/html,hello", "https://"),
        ("//www.youtube.com/watch?v=dQw4w9WgXcQ", "https://"),
        ("", "https://"),
        ("not an address", "web address"),
        ("https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ", "do not know videos at youtube.com.evil.example"),
        ("https://evil.example/watch?v=dQw4w9WgXcQ", "do not know videos at evil.example"),
        ("https://notyoutube.com/watch?v=dQw4w9WgXcQ", "do not know"),
        ("https://www.youtube.com@evil.example/watch?v=dQw4w9WgXcQ", "name, a password"),
        ("https://www.youtube.com:8443/watch?v=dQw4w9WgXcQ", "port"),
        ("https://www.youtube.com:x/watch?v=dQw4w9WgXcQ", "web address"),
        ("https://www.youtube.com\\@evil.example/", "web address"),
        ("https://www.youtube.com/\nwatch?v=dQw4w9WgXcQ", "web address"),
        ("https://уoutube.com/watch?v=dQw4w9WgXcQ", "web address"),
        ("https://localhost/live.m3u8", "no host"),
        ("https://[::1]/live.m3u8", "no host"),
        ("https:///watch?v=dQw4w9WgXcQ", "no host"),
        ("https://www.youtube.com/watch?v=short", "names no video"),
        ("https://www.youtube.com/@somebody", "names no video"),
        ("https://www.youtube.com/watch?v=%22%3E%3Cscript", "names no video"),
        ("https://www.twitch.tv/directory", "neither a channel nor a video"),
        ("https://www.twitch.tv/some/where/else", "neither a channel nor a video"),
        ("https://vimeo.com/channels/staffpicks", "names no video"),
        ("https://www.tiktok.com/@some.one", "neither a live stream"),
        ("https://vm.tiktok.com/ZM123/", "short link"),
        ("https://cdn.example/show/index.mp4", "do not know videos at cdn.example"),
        ("https://www.youtube.com/live/dQw4w9WgXcQ/" + "x" * 500, "web address"),
    ],
)
def test_anything_else_is_refused_with_the_reason(pasted: str, reason: str) -> None:
    with pytest.raises(UnknownVideo) as refused:
        recognise(pasted)

    assert reason in refused.value.said
    assert refused.value.details["field"] == "video_url"


@given(st.sampled_from(sorted(PLATFORMS)), st.text(max_size=40), st.text(max_size=40))
def test_whatever_follows_a_known_host_only_its_platform_is_embedded(host: str, path: str, query: str) -> None:
    try:
        video = recognise(f"https://{host}/{path}?{query}")
    except UnknownVideo:
        return

    assert recognise(video.watch_url) == video
    for address in (video.embed_url, video.watch_url):
        assert address is None or not set(address) & set("\"'<> \\")
    assert video.embed_url is None or video.embed_url.startswith(tuple(f"{host}/" for host in settings.VIDEO_HOSTS))
