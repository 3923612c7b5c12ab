"""Stock, and what reaches the buyer: rights to files and parcels."""

from typing import Final

GOODS: Final = {
    "stock is the sum of its moves": """
        select s.id, s.on_hand, coalesce(sum(m.delta), 0) from shop_stocklevel s
        left join shop_stockmove m on m.level_id = s.id
        group by s.id having s.on_hand <> coalesce(sum(m.delta), 0)""",
    "stock is kept only for payments that live": """
        select s.id, s.held, coalesce(sum(l.quantity), 0) from shop_stocklevel s
        left join (select l.variant_id, l.quantity from shop_orderline l join shop_attempt t on t.order_id = l.order_id
                   where l.piece_id is null and not l.is_digital and t.state in ('created', 'open')) l
            on l.variant_id = s.variant_id
        group by s.id having s.held <> coalesce(sum(l.quantity), 0)""",
    "units of an order line are sent once": """
        select i.order_line_id, sum(i.quantity), l.quantity from shop_parcelitem i
        join shop_orderline l on l.id = i.order_line_id
        group by 1, l.quantity having sum(i.quantity) > l.quantity""",
}

GOODS_IN_TIME: Final = {
    "each unit of a file that was paid for has one right": """
        select l.id, l.quantity - l.returned_quantity as kept, count(r.id) filter (where r.revoked_at is null)
        from shop_orderline l join shop_order o on o.id = l.order_id left join shop_right r on r.order_line_id = l.id
        where l.is_digital and o.state in ('paid', 'cancelled') and o.paid_at < stagedoor_now() - interval '60 s'
          and not exists (select 1 from shop_attempt t join shop_refund f on f.attempt_id = t.id
                          where t.order_id = o.id and f.asked_at > stagedoor_now() - interval '60 s')
        group by l.id having count(r.id) filter (where r.revoked_at is null) <> l.quantity - l.returned_quantity""",
    "everything paid that is sent is in a parcel": """
        select l.id from shop_orderline l join shop_order o on o.id = l.order_id
        where not l.is_digital and l.returned_quantity < l.quantity and o.state = 'paid'
          and o.paid_at < stagedoor_now() - interval '60 s'
          and not exists (select 1 from shop_parcelitem i where i.order_line_id = l.id)""",
    "a parcel that is still here holds what was not given back": """
        select i.id, i.quantity, l.quantity - l.returned_quantity as kept from shop_parcelitem i
        join shop_parcel p on p.id = i.parcel_id join shop_orderline l on l.id = i.order_line_id
        where p.state not in ('shipped', 'delivered') and i.quantity <> l.quantity - l.returned_quantity
          and not exists (select 1 from shop_refundline r join shop_refund f on f.id = r.refund_id
                          where r.order_line_id = l.id and f.asked_at > stagedoor_now() - interval '60 s')""",
}
