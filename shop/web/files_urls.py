"""The addresses of downloads."""

from django.urls import path

from shop.web import files

urlpatterns = [
    path("orders/<slug:token>/files/<int:right>/<int:file>/", files.fetch_file, name="fetch_file"),
    path("files/<str:signed>/<str:name>", files.send_file, name="send_file"),
]
