"""Facts and what follows them."""

from typing import Final

FACTS: Final = {
    "a reaction to a fact is owed once": """
        select fact_id, reaction, count(*) from shop_delivery group by 1, 2 having count(*) > 1""",
    "what was done once is told once": """
        select kind, subject, count(*) from shop_fact
        where kind in ('order.placed', 'order.paid', 'order.lapsed', 'order.cancelled', 'refund.asked', 'drop.ended')
        group by 1, 2 having count(*) > 1""",
    "only what was relayed has deliveries": """
        select f.id, f.kind from shop_fact f where f.relayed_at is null
        and exists (select 1 from shop_delivery d where d.fact_id = f.id)""",
}

FACTS_IN_TIME: Final = {
    "every fact was relayed within 60 s": """
        select id, kind from shop_fact where relayed_at is null and recorded_at < stagedoor_now() - interval '60 s'""",
    "every reaction happened within 60 s of its fact, or waits for a payment of an order that was called off": """
        select d.id, d.reaction, d.last_error from shop_delivery d join shop_fact f on f.id = d.fact_id
        where d.done_at is null and f.recorded_at < stagedoor_now() - interval '60 s' and not exists (
            select 1 from shop_attempt t where f.kind = 'order.called_off' and t.order_id::text = f.subject
              and coalesce(t.ended_at, stagedoor_now()) > stagedoor_now() - interval '600 s')""",
}
