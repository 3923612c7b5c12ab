"""Every address of the shop's pages."""

from django.urls import include, path

from shop.web import account, cart, checkout, find_order, following, health, orders, payment, store

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("s/<slug:store>/", store.store_page, name="store"),
    path("s/<slug:store>/p/<slug:product>/", store.product_page, name="product"),
    path("s/<slug:store>/legal/<slug:page>/", store.legal_page, name="legal"),
    path("s/<slug:store>/follow/", following.follow, name="follow"),
    path("s/<slug:store>/cart/", cart.cart_page, name="cart"),
    path("s/<slug:store>/cart/add/", cart.put_in, name="put_in"),
    path("s/<slug:store>/cart/<int:line>/", cart.change_line, name="change_line"),
    path("s/<slug:store>/cart/<int:line>/remove/", cart.remove_line, name="remove_line"),
    path("s/<slug:store>/holds/<int:hold>/let-go/", cart.let_go, name="let_go"),
    path("s/<slug:store>/checkout/", checkout.checkout, name="checkout"),
    path("orders/<slug:token>/", orders.order_page, name="order"),
    path("orders/<slug:token>/receipt/", orders.receipt, name="receipt"),
    path("orders/<slug:token>/cancel/", orders.cancel, name="cancel_order"),
    path("orders/<slug:token>/pay/", payment.pay, name="pay"),
    path("orders/<slug:token>/payment/", payment.payment_progress, name="payment_progress"),
    path("orders/<slug:token>/give-up/", payment.give_up, name="give_up"),
    path("find-order/", find_order.find_order, name="find_order"),
    path("find-order/sent/", find_order.order_links_sent, name="order_links_sent"),
    path("account/", account.orders, name="account"),
    path("account/library/", account.library, name="library"),
    path("account/following/", following.following, name="following"),
    path("", include("shop.web.files_urls")),
    path("desk/", include("shop.web.desk.urls")),
]
