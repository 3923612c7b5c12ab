"""Every address of the viewers' pages and of the studio."""

from django.urls import include, path

from liveevents.web import claims, home, record, watch

urlpatterns = [
    path("", home.home, name="home"),
    path("e/<slug:store>/next/", watch.next_show, name="next_show"),
    path("e/<slug:store>/<slug:slug>/", watch.watch, name="event"),
    path("e/<slug:store>/<slug:slug>/side/", watch.side, name="event_side"),
    path("e/<slug:store>/<slug:slug>/state/", watch.state, name="event_state"),
    path("e/<slug:store>/<slug:slug>/drops/<int:drop_id>/record/", record.record, name="drop_record"),
    path("drops/<int:drop_id>/claim/", claims.claim, name="claim"),
    path("drops/<int:drop_id>/line/", claims.line, name="line"),
    path("holds/<int:hold_id>/let-go/", claims.let_go, name="let_go"),
    path("studio/", include("liveevents.web.studio.urls")),
]
