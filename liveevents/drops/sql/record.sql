-- The record of a drop is for ever: never_changed() refuses to rewrite what the public was told.
create trigger entry_never_changed before update or delete on liveevents_dropentry
    for each row execute function never_changed();
create trigger record_never_emptied before truncate on liveevents_dropentry
    for each statement execute function never_changed();

-- Drops that are not over begin their record with what they were planned with.
insert into liveevents_dropentry (drop_id, sequence, kind, at, numbers)
select d.id, 1, 'planned', d.created_at, jsonb_build_object(
    'pieces', count(*), 'free', count(*), 'held', 0, 'paying', 0, 'sold', 0, 'returned', 0,
    'per_person', a.per_person, 'audience', a.audience,
    'prices', jsonb_build_array(jsonb_build_object('price_minor', min(p.price_minor), 'pieces', count(*))))
from liveevents_drop d
join shop_allotment a on a.id = d.allotment_id
join shop_piece p on p.allotment_id = a.id
where a.ended_at is null
group by d.id, a.id;
