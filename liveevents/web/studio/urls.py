"""Every address of the studio."""

from django.urls import path

from liveevents.web.studio import changes, drops, events

urlpatterns = [
    path("", events.shows, name="studio"),
    path("new/<slug:store>/", events.new_event, name="studio_new_event"),
    path("<int:event_id>/", events.event_page, name="studio_event"),
    path("<int:event_id>/edit/", events.edit_event, name="studio_edit_event"),
    path("<int:event_id>/state/", events.state, name="studio_state"),
    path("<int:event_id>/move/<slug:move>/", events.move, name="studio_move"),
    path("<int:event_id>/cancel/", events.cancel, name="studio_cancel"),
    path("<int:event_id>/drops/new/", drops.new_drop, name="studio_new_drop"),
    path("drops/<int:drop_id>/open/", drops.open_now, name="studio_open_drop"),
    path("drops/<int:drop_id>/schedule/", drops.schedule, name="studio_schedule_drop"),
    path("drops/<int:drop_id>/extend/", changes.extend, name="studio_extend_drop"),
    path("drops/<int:drop_id>/price/", changes.lower, name="studio_lower_price"),
    path("drops/<int:drop_id>/pieces/", changes.add, name="studio_add_pieces"),
    path("drops/<int:drop_id>/end/", drops.end, name="studio_end_drop"),
]
