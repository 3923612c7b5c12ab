"""Pieces, holds and the window of a sale. Held against `shop/stock/sql/`.

Who may claim is not among these: an account may have followed then and not now, and no row keeps the code word said.
"""

from typing import Final

# A browser whose account is named by user_since became that person's then; one without it was theirs from the start.
# Five seconds: signing in and claiming at once may be written in another order than they were decided.
PIECES: Final = {
    "a held piece has a running hold, a piece being paid a fenced one, a sold piece a sold one": """
        select p.id, p.state, h.id as hold from shop_piece p join shop_hold h on h.id = p.hold_id
        where (p.state = 1) <> (h.ended_at is null and h.pay_until is null)
           or (p.state = 2) <> (h.pay_until is not null)
           or (p.state = 3) <> (h.ending = 'sold')""",
    "a live hold owns the pieces that it names": """
        select h.id, h.numbers, array_agg(p.number order by p.number) as owned
        from shop_hold h left join shop_piece p on p.hold_id = h.id and p.allotment_id = h.allotment_id
        where h.ended_at is null group by h.id having array_agg(p.number order by p.number) <> h.numbers""",
    "a piece has one owner": """
        select h.allotment_id, named.number, array_agg(h.id) as holds
        from shop_hold h cross join unnest(h.numbers) named(number)
        where h.ended_at is null group by 1, 2 having count(*) > 1
        union all
        select p.allotment_id, p.number, array_agg(l.id) as order_lines
        from shop_orderline l join shop_order o on o.id = l.order_id join shop_piece p on p.id = l.piece_id
        where o.state = 'paid' and l.returned_quantity = 0 group by 1, 2 having count(*) > 1""",
    "a hold has as many pieces as it says, and fewer than asked for only where that is wanted": """
        select h.id, h.asked, h.quantity, h.numbers from shop_hold h join shop_allotment a on a.id = h.allotment_id
        where h.quantity <> cardinality(h.numbers) or h.quantity not between 1 and h.asked
           or (h.quantity < h.asked and not a.takes_fewer
               and not exists (select 1 from shop_waiter w where w.hold_id = h.id and w.takes_fewer))""",
    "the pieces of a sale are numbered from 1 without a gap": """
        select allotment_id, count(*), max(number) from shop_piece group by 1
        having count(*) <> max(number) or min(number) <> 1""",
    "every piece is in one state, and all of them together are those that left the stock": """
        select a.id, pieces.known, moved.out from shop_allotment a
        left join (select allotment_id, count(*) filter (where state between 0 and 5) as known
                   from shop_piece group by 1) pieces on pieces.allotment_id = a.id
        left join (select split_part(reference, ':', 2) as sale, -sum(delta) as out
                   from shop_stockmove where reason = 'to_drop' group by 1) moved on moved.sale = a.id::text
        where coalesce(pieces.known, 0) <> coalesce(moved.out, 0)""",
    "the withdrawn pieces of a sale are those that came back to the stock": """
        select a.id, pieces.withdrawn, moved.back from shop_allotment a
        left join (select allotment_id, count(*) as withdrawn
                   from shop_piece where state = 4 group by 1) pieces on pieces.allotment_id = a.id
        left join (select split_part(reference, ':', 2) as sale, sum(delta) as back
                   from shop_stockmove where reason = 'from_drop' group by 1) moved on moved.sale = a.id::text
        where coalesce(pieces.withdrawn, 0) <> coalesce(moved.back, 0)""",
    "nothing of a sale that ended is free": """
        select p.id from shop_piece p join shop_allotment a on a.id = p.allotment_id
        where p.state = 0 and a.ended_at is not null""",
    "nobody owns more pieces of a sale than a person may": """
        with owned as materialized (
            select h.id, h.allotment_id, h.shopper_id, h.taken_at, a.per_person, count(*) as pieces, s.user_id,
                coalesce(s.user_id::text, s.id::text) as person, coalesce(s.user_since, '-infinity') as known_since
            from shop_piece p join shop_hold h on h.id = p.hold_id
            join shop_allotment a on a.id = h.allotment_id join shop_shopper s on s.id = h.shopper_id
            where p.state > 1 or h.held_until + interval '2 s' > stagedoor_now()
            group by h.id, a.id, s.id),
        many as materialized (
            select o.* from owned o join (
                select allotment_id, person from owned group by 1, 2, per_person having sum(pieces) > per_person
            ) over_now using (allotment_id, person))
        select o.allotment_id, o.person, o.id as hold, sum(e.pieces)
        from many o join many e on e.allotment_id = o.allotment_id and e.person = o.person
            and (e.taken_at, e.id) <= (o.taken_at, o.id)
            and (e.shopper_id = o.shopper_id
                 or greatest(e.known_since, o.known_since) + interval '5 s' <= o.taken_at)
        group by 1, 2, 3, o.per_person having sum(e.pieces) > o.per_person""",
    "nothing was taken outside a sale's window": """
        select h.id, h.taken_at from shop_hold h join shop_allotment a on a.id = h.allotment_id
        where h.taken_at < a.opens_at or h.taken_at >= a.closes_at or h.taken_at > a.ended_at or a.opens_at is null""",
}
