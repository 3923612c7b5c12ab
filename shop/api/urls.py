"""The addresses of the shop's API, below /api/v1/."""

from django.urls import path

from shop.api import carts, desk, following, orders, products, webhooks

urlpatterns = [
    path("stores/<slug:store>/products/", products.products, name="api-products"),
    path("stores/<slug:store>/products/<slug:handle>/", products.product, name="api-product"),
    path("stores/<slug:store>/cart/", carts.cart, name="api-cart"),
    path("stores/<slug:store>/cart/lines/", carts.lines, name="api-cart-lines"),
    path("following/", following.following, name="api-following"),
    path("stores/<slug:store>/follow/", following.follow, name="api-follow"),
    path("cart/lines/<int:line_id>/", carts.line, name="api-cart-line"),
    path("stores/<slug:store>/checkout/", orders.check_out, name="api-checkout"),
    path("orders/", orders.orders, name="api-orders"),
    path("orders/<slug:token>/", orders.order, name="api-order"),
    path("orders/<slug:token>/payment/", orders.payment, name="api-payment"),
    path("orders/<slug:token>/cancellation/", orders.cancellation, name="api-cancellation"),
    path("desk/<slug:store>/parcels/", desk.parcels, name="api-parcels"),
    path("desk/parcels/<int:parcel_id>/", desk.parcel, name="api-parcel"),
    path("desk/parcels/<int:parcel_id>/<slug:step>/", desk.move, name="api-parcel-move"),
    path("webhooks/stripe/", webhooks.stripe, name="api-stripe-webhook"),
]
