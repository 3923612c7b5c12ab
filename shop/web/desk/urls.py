"""The addresses of the desk."""

from django.urls import path

from shop.web.desk import parcels, refunds

urlpatterns = [
    path("", parcels.desk, name="desk"),
    path("<slug:store>/find/", refunds.find_order, name="desk_find"),
    path("<slug:store>/parcels/<int:parcel_id>/", parcels.parcel_page, name="desk_parcel"),
    path("<slug:store>/parcels/<int:parcel_id>/slip/", parcels.slip, name="desk_slip"),
    path("<slug:store>/parcels/<int:parcel_id>/<slug:step>/", parcels.move, name="desk_move"),
    path("<slug:store>/orders/<slug:number>/", refunds.order_page, name="desk_order"),
    path("<slug:store>/refunds/<uuid:refund_id>/again/", refunds.ask_again, name="desk_refund_again"),
    path("<slug:store>/<slug:kind>/", parcels.parcel_list, name="desk_list"),
]
