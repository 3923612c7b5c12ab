"""The line, and that nothing lies free while somebody may have it. Held against `place_free_pieces()`."""

from typing import Final

# Somebody waited, and before their turn came a hold of at least as many pieces was taken, by a later place in the line
# or by a claim past it: the first of each is found by one walk from the end. Counting what they owned then is generous
# (whatever was taken by then and had not ended, and what was sold, also if it went back later), so that what the query
# names is wrong. It does not see who would have taken fewer (since when they do is not kept), nor who left within five
# seconds of it (they may have left before).
_PASSED_OVER = """
    with waits as materialized (
        select w.id, w.allotment_id, w.shopper_id, w.quantity, w.joined_at,
            coalesce(h.taken_at, w.left_at - interval '5 s', 'infinity') as until
        from shop_waiter w left join shop_hold h on h.id = w.hold_id),
    given as materialized (
        select h.allotment_id, wanted.quantity, h.taken_at, w.id as place
        from (select distinct allotment_id, quantity from waits) wanted
        join shop_hold h on h.allotment_id = wanted.allotment_id and h.quantity >= wanted.quantity
        left join shop_waiter w on w.hold_id = h.id),
    walk as (
        select id, allotment_id, quantity, joined_at as at, id as place, null::timestamptz as taken_at from waits
        union all
        select null, allotment_id, quantity, taken_at, place, taken_at from given),
    passed as materialized (
        select id, least(
            min(taken_at) filter (where place is null) over (
                partition by allotment_id, quantity order by at desc
                groups between unbounded preceding and 1 preceding),
            min(taken_at) filter (where place is not null) over (
                partition by allotment_id, quantity order by coalesce(place, 0) desc
                groups between unbounded preceding and 1 preceding)) as taken_at
        from walk)
    select w.id as waiter, p.taken_at from passed p
    join waits w on w.id = p.id and p.taken_at < w.until join shop_allotment a on a.id = w.allotment_id
    where w.quantity <= a.per_person - (
        select coalesce(sum(h.quantity), 0) from shop_hold h
        where h.allotment_id = w.allotment_id and h.shopper_id in (select browsers_of(w.shopper_id))
          and h.taken_at <= p.taken_at and (h.ended_at is null or h.ended_at > p.taken_at or h.ending = 'sold'))"""

LINE: Final = {
    "nobody was served before somebody earlier in the line whom it fitted": _PASSED_OVER,
    "who was served has what they waited for, or fewer by choice": """
        select w.id, w.quantity, h.quantity as given from shop_waiter w join shop_hold h on h.id = w.hold_id
        where (h.allotment_id, h.shopper_id, h.key, h.asked) <> (w.allotment_id, w.shopper_id, w.key, w.quantity)
           or (h.quantity < w.quantity and not w.takes_fewer)""",
    "nobody waits for a sale that ended": """
        select w.id from shop_waiter w join shop_allotment a on a.id = w.allotment_id
        where w.left_at is null and w.hold_id is null and a.ended_at is not null""",
}

# What a person may have grows when a hold of theirs runs out, which nobody does anything about until the next sweep.
LINE_IN_TIME: Final = {
    "no piece is free while somebody it fits waits for it": """
        with free as materialized (
            select a.id, a.per_person, count(*) as pieces
            from shop_piece p join shop_allotment a on a.id = p.allotment_id
            where p.state = 0 and a.ended_at is null and a.closes_at > stagedoor_now()
            group by a.id),
        waiting as materialized (
            select w.id, w.quantity, w.takes_fewer, f.pieces,
                f.per_person - pieces_of_person(f.id, w.shopper_id, stagedoor_now() - interval '2 s') as more
            from shop_waiter w join free f on f.id = w.allotment_id
            where w.left_at is null and w.hold_id is null and (w.takes_fewer or w.quantity <= f.pieces))
        select id, quantity, pieces, more from waiting where more >= case when takes_fewer then 1 else quantity end""",
    "a hold that ran out is over four seconds later": """
        select id, held_until from shop_hold
        where ended_at is null and pay_until is null and held_until + interval '4 s' < stagedoor_now()""",
}
