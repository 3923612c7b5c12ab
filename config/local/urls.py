"""Addresses that exist in the demo only: the people's doors and their mail."""

from django.urls import path

from config.local import design, entrance, mailbox

urlpatterns = [
    path("", entrance.people_page, name="demo"),
    path("enter/<str:pass_>/", entrance.enter, name="demo_enter"),
    path("design/", design.design, name="demo_design"),
    path("mail/", mailbox.mailbox_page, name="demo_mail"),
    path("mail/<str:key>/", mailbox.letter_page, name="demo_letter"),
    path("mail/<str:key>/html/", mailbox.letter_html, name="demo_letter_html"),
]
