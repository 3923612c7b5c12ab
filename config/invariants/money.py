"""Orders, payments, refunds and the ledger."""

from typing import Final

MONEY: Final = {
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
}
