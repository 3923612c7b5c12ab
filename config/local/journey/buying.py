"""The money's side of the journey: a cart, a checkout, Stripe's page, its webhooks, a file to fetch."""

from collections import Counter
from typing import Final
from uuid import uuid4

from config.local.journey.show import PIECES
from config.local.journey.story import STORE, Story, digital_product, order_number
from config.local.world import buyer_address, is_paid, wait_until

DECLINED: Final = "4000000000000002"
WITH_3DS: Final = "4000000000003220"
GOOD: Final = "4242424242424242"


def add_a_file(story: Story) -> None:
    """The guest puts a digital product beside the piece."""
    address, title = digital_product(story.world)
    cart = story.guest.send(story.guest.get(address).form("/cart/add/"))
    story.saw("a digital product lies in the cart beside the piece", title in cart.text and "Piece " in cart.text)


def check_out(story: Story) -> None:
    """The guest gives address and e-mail, is declined once, proves themselves to the bank, and has paid."""
    world, guest = story.world, story.guest
    story.order_url = world.check_out(guest, STORE, email=story.email, address=buyer_address())
    story.number = order_number(guest.get(story.order_url))
    world.fault(kind="twice", metadata={"order": story.number})
    story.saw("nothing counts as paid before it is", guest.get(f"{story.order_url}receipt/").status == 404)
    declined = world.pay(guest, world.payment_page(guest, story.order_url), card=DECLINED, email=story.email)
    story.saw("a declined card is told so and may be tried again", "declined" in declined.text)
    bank = world.pay(guest, declined, card=WITH_3DS, email=story.email)
    back = guest.press(bank.form("/"), "outcome", "complete")
    story.saw("the bank sends the buyer back to the order", back.url == story.order_url)
    wait_until(lambda: is_paid(guest, story.order_url), "the order is paid")
    order, receipt = guest.get(story.order_url), guest.get(f"{story.order_url}receipt/")
    story.saw("the order page says paid", "Waiting for your payment" not in order.text and "Paid" in order.text)
    story.saw("it names the piece", f"Piece {story.piece} of {PIECES}" in order.text)
    story.saw("there is a receipt", receipt.status == 200 and story.number in receipt.text)


def count_webhooks(story: Story) -> None:
    """Every webhook about the payment was delivered twice, and each was answered."""

    def deliveries() -> list[dict[str, str]]:
        return story.world.webhooks_about(story.number)

    wait_until(lambda: {one["state"] for one in deliveries()} == {"delivered"}, "the webhooks are delivered")
    times = Counter(one["event"] for one in deliveries())
    story.saw("every webhook about the payment came twice", set(times.values()) == {2})
    story.saw("that it was paid was one of them", "checkout.session.completed" in {one["type"] for one in deliveries()})


def fetch_the_file(story: Story) -> None:
    """The file downloads at once, whole and in part, and its address is no secret kept for ever."""
    wait_until(lambda: "/files/" in story.guest.get(story.order_url).text, "the file may be fetched")
    link = story.guest.get(story.order_url).link("/files/")
    whole, part = story.guest.get(link), story.guest.get(link, Range="bytes=0-99")
    story.saw("the file downloads", whole.status == 200 and len(whole.body) > 1000)
    story.saw("a part of it too", part.status == 206 and part.body == whole.body[:100])
    story.saw("nobody learns where it lies", "x-accel-redirect" not in whole.headers)


def lose_a_webhook(story: Story) -> None:
    """Somebody pays, closes the browser, and Stripe's webhooks are lost: the sweep finishes the order."""
    world, buyer, email = story.world, story.world.visitor(), f"quiet-{uuid4().hex[:8]}@example.com"
    address, _ = digital_product(world)
    buyer.send(buyer.get(address).form("/cart/add/"))
    order_url = world.check_out(buyer, STORE, email=email)
    number = order_number(buyer.get(order_url))
    world.fault(kind="lost", metadata={"order": number})
    world.pay(buyer, world.payment_page(buyer, order_url), card=GOOD, email=email, follow=False)
    wait_until(lambda: world.mails(email), "the sweep finishes the order whose webhook was lost")
    story.saw("an order whose webhooks never came was finished by the sweep", is_paid(buyer, order_url))
    states = {one["state"] for one in world.webhooks_about(number)}
    story.saw("not one of its webhooks came", states == {"lost"})
    story.saw("its receipt was mailed once", len(world.mails(email)) == 1)
