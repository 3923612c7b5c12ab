"""What must always be true, each as one query that finds the rows where it is not."""

from django.db import connection

INVARIANTS = {
    "a held piece has a running hold, a piece being paid a fenced one, a sold piece a sold one": """
        select p.id, p.state, h.id as hold from shop_piece p join shop_hold h on h.id = p.hold_id
        where (p.state = 1) <> (h.ended_at is null and h.pay_until is null)
           or (p.state = 2) <> (h.pay_until is not null)
           or (p.state = 3) <> (h.ending = 'sold')""",
    "a live hold owns as many pieces as it says": """
        select h.id, h.quantity, count(p.id) from shop_hold h left join shop_piece p on p.hold_id = h.id
        where h.ended_at is null group by h.id having count(p.id) <> h.quantity""",
    "the pieces of a sale are numbered from 1 without a gap": """
        select allotment_id, count(*), max(number) from shop_piece group by 1
        having count(*) <> max(number) or min(number) <> 1""",
    "nobody owns more pieces of a sale than a person may": """
        select h.allotment_id, h.shopper_id, count(*) from shop_piece p join shop_hold h on h.id = p.hold_id
        join shop_allotment a on a.id = h.allotment_id
        where p.state > 1 or h.held_until + interval '2 s' > stagedoor_now()
        group by 1, 2, a.per_person having count(*) > a.per_person""",
    "nothing was taken outside a sale's window": """
        select h.id, h.taken_at from shop_hold h join shop_allotment a on a.id = h.allotment_id
        where h.taken_at < a.opens_at or h.taken_at >= a.closes_at or a.opens_at is null""",
    "no piece is free while somebody it fits waits for it": """
        select w.id from shop_waiter w join shop_allotment a on a.id = w.allotment_id
        where w.left_at is null and w.hold_id is null and a.ended_at is null and a.closes_at > stagedoor_now()
          and pieces_of_person(a.id, w.shopper_id, stagedoor_now()) + w.quantity <= a.per_person
          and w.quantity <= (select count(*) from shop_piece p where p.allotment_id = a.id and p.state = 0)""",
    "a paid order has one paid attempt, of its amount and currency": """
        select o.id from shop_order o
        left join shop_attempt t on t.order_id = o.id and t.state = 'paid'
            and t.amount_minor = o.total_minor and t.currency = o.currency
        where o.state in ('paid', 'cancelled') group by o.id having count(t.id) <> 1""",
    "a paid attempt has a paid order": """
        select t.id from shop_attempt t join shop_order o on o.id = t.order_id
        where t.state = 'paid' and o.state not in ('paid', 'cancelled')""",
    "the pieces of a live payment are being paid, or sold once it is authorised": """
        select t.id, p.id as piece, p.state from shop_attempt t join shop_orderline l on l.order_id = t.order_id
        join shop_piece p on p.id = l.piece_id
        where t.state in ('created', 'open', 'authorised')
          and (p.hold_id is distinct from l.hold_id
               or p.state <> case when t.state = 'authorised' then 3 else 2 end)""",
    "the pieces of a paid order are sold to it until they are given back": """
        select l.id, p.state from shop_orderline l join shop_order o on o.id = l.order_id
        join shop_piece p on p.id = l.piece_id
        where o.state = 'paid' and l.returned_quantity = 0 and (p.state <> 3 or p.hold_id <> l.hold_id)""",
    "a sold piece is paid for, or its payment is authorised": """
        select p.id from shop_piece p where p.state = 3 and not exists (
            select 1 from shop_orderline l join shop_order o on o.id = l.order_id
            where l.piece_id = p.id and l.hold_id = p.hold_id and l.returned_quantity = 0
              and (o.state = 'paid' or exists (
                  select 1 from shop_attempt t where t.order_id = o.id and t.state = 'authorised')))""",
    "a piece being paid has a live payment": """
        select p.id from shop_piece p where p.state = 2 and not exists (
            select 1 from shop_orderline l join shop_attempt t on t.order_id = l.order_id
            where l.hold_id = p.hold_id and t.state in ('created', 'open'))""",
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
    "every entry of the ledger balances": """
        select entry_id, sum(amount_minor) from shop_posting group by 1 having sum(amount_minor) <> 0""",
    "the books say what was paid, less what went back": """
        select currency, sum(amount_minor) from (
            select currency, amount_minor from shop_attempt where state = 'paid'
            union all select currency, -amount_minor from shop_refund where state = 'done'
            union all select a.currency, -p.amount_minor from shop_posting p
            join shop_account a on a.id = p.account_id where a.name = 'stripe') moved
        group by 1 having sum(amount_minor) <> 0""",
    "no more is refunded than was paid": """
        select t.id, t.amount_minor, sum(r.amount_minor) from shop_attempt t join shop_refund r on r.attempt_id = t.id
        where r.state <> 'failed' group by t.id having sum(r.amount_minor) > t.amount_minor or t.state <> 'paid'""",
    "given back units are those of its refunds": """
        select l.id, l.returned_quantity, coalesce(sum(r.quantity), 0) from shop_orderline l
        left join shop_refundline r on r.order_line_id = l.id
        group by l.id having l.returned_quantity <> coalesce(sum(r.quantity), 0)""",
    "every fact was relayed within 60 s": """
        select id, kind from shop_fact where relayed_at is null and recorded_at < stagedoor_now() - interval '60 s'""",
    "every reaction happened within 60 s of its fact, or waits for a payment of an order that was called off": """
        select d.id, d.reaction, d.last_error from shop_delivery d join shop_fact f on f.id = d.fact_id
        where d.done_at is null and f.recorded_at < stagedoor_now() - interval '60 s' and not exists (
            select 1 from shop_attempt t where f.kind = 'order.called_off' and t.order_id::text = f.subject
              and coalesce(t.ended_at, stagedoor_now()) > stagedoor_now() - interval '600 s')""",
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


def broken_invariants(most: int = 20) -> dict[str, list[tuple[object, ...]]]:
    """The rows, at most so many each, where an invariant does not hold; empty when all is well. One query each."""
    broken = {}
    with connection.cursor() as cursor:
        for name, sql in INVARIANTS.items():
            cursor.execute(sql)
            if rows := cursor.fetchmany(most):
                broken[name] = rows
    return broken
