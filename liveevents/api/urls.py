"""The addresses of the live side's API, below /api/v1/."""

from django.urls import path

from liveevents.api import claims, shows

urlpatterns = [
    path("events/", shows.events, name="api-events"),
    path("events/<slug:store>/<slug:slug>/", shows.event, name="api-event"),
    path("drops/<int:drop_id>/", shows.drop, name="api-drop"),
    path("drops/<int:drop_id>/record/", shows.record, name="api-record"),
    path("drops/<int:drop_id>/claims/", claims.claims, name="api-claims"),
    path("drops/<int:drop_id>/line/", claims.line, name="api-line"),
    path("holds/", claims.holds, name="api-holds"),
    path("holds/<int:hold_id>/", claims.hold, name="api-hold"),
]
