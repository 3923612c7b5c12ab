"""The public record of a drop, held against the rows that it tells of."""

from typing import Final

RECORD: Final = {
    "a drop's record is numbered from 1 without a gap": """
        select drop_id, count(*), max(sequence) from liveevents_dropentry group by 1
        having count(*) <> max(sequence) or min(sequence) <> 1""",
    "an entry counts no more pieces than there are": """
        select id, numbers from liveevents_dropentry
        where (numbers->>'free')::int + (numbers->>'held')::int + (numbers->>'paying')::int
            + (numbers->>'sold')::int + (numbers->>'returned')::int > (numbers->>'pieces')::int""",
    "what a drop was planned with, and what was added, is what it has": """
        with told as (
            select e.drop_id, sum(case e.kind when 'planned' then (e.numbers->>'pieces')::int
                                              when 'pieces_added' then (e.numbers->>'added')::int else 0 end) as pieces
            from liveevents_dropentry e group by 1)
        select d.id, t.pieces, count(p.id) from told t join liveevents_drop d on d.id = t.drop_id
        join shop_piece p on p.allotment_id = d.allotment_id
        group by d.id, t.pieces having count(p.id) <> t.pieces""",
    "a drop closes when its record said last": """
        select d.id, a.closes_at, e.closes_at from liveevents_drop d
        join shop_allotment a on a.id = d.allotment_id
        join lateral (select (numbers->>'closes_at')::timestamptz as closes_at from liveevents_dropentry
                      where drop_id = d.id and kind in ('announced', 'opened', 'extended')
                      order by sequence desc limit 1) e on true
        where e.closes_at <> a.closes_at""",
    "no record says that a running sale has closed": """
        select e.drop_id from liveevents_dropentry e
        join liveevents_drop d on d.id = e.drop_id join shop_allotment a on a.id = d.allotment_id
        where e.kind in ('closed', 'settled') and a.ended_at is null""",
}

# Refunds of long ago are looked for once a minute. Money that moves now has three minutes to be told.
RECORD_IN_TIME: Final = {
    "the record of a drop that ended says so within 60 s": """
        select d.id, a.ended_at from liveevents_drop d join shop_allotment a on a.id = d.allotment_id
        where a.ended_at < stagedoor_now() - interval '60 s'
          and exists (select 1 from liveevents_dropentry e where e.drop_id = d.id and e.kind = 'planned')
          and not exists (select 1 from liveevents_dropentry e where e.drop_id = d.id and e.kind = 'closed')""",
    "the record of a drop that is settled says how many are sold": """
        select d.id, (e.numbers->>'sold')::int as told, s.sold from liveevents_drop d
        join liveevents_dropentry settled on settled.drop_id = d.id and settled.kind = 'settled'
        join lateral (select numbers from liveevents_dropentry
                      where drop_id = d.id order by sequence desc limit 1) e on true
        join lateral (select count(*) as sold from shop_piece p
                      where p.allotment_id = d.allotment_id and p.state = 3) s on true
        where (e.numbers->>'sold')::int <> s.sold and not exists (
            select 1 from shop_piece p join shop_orderline l on l.piece_id = p.id
            left join shop_attempt t on t.order_id = l.order_id
            left join shop_refund r on r.attempt_id = t.id
            where p.allotment_id = d.allotment_id
              and greatest(t.ended_at, r.asked_at) > stagedoor_now() - interval '180 s')""",
}
