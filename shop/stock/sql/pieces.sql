-- The life of a piece. States: 0 free, 1 held, 2 paying, 3 sold, 4 withdrawn, 5 written off.
-- Every function locks first, in the order allotment, stock level, hold, piece (each by id), and only
-- then reads the clock into t: the statements after that see everything committed before the lock.

-- Lock a sale and, once it has ended, the stock its pieces go back to.
create function lock_sale(sale_id bigint) returns shop_allotment language plpgsql as $$
declare sale shop_allotment;
begin
    select * into sale from shop_allotment where id = sale_id for no key update;
    if sale.ended_at is not null then
        perform 1 from shop_stocklevel where variant_id = sale.variant_id for no key update;
    end if;
    return sale;
end $$;

-- Every browser of a person, this one first known or not.
create function browsers_of(a_shopper uuid) returns setof uuid language sql stable as $$
    select a_shopper
    union
    select twin.id from shop_shopper me join shop_shopper twin on twin.user_id = me.user_id where me.id = a_shopper
$$;

-- How many pieces of a sale a person owns: held, paying and sold, over all of the person's browsers.
create function pieces_of_person(sale_id bigint, a_shopper uuid, t timestamptz) returns int language sql stable as $$
    select count(*)::int
    from shop_hold h join shop_piece p on p.hold_id = h.id
    where h.allotment_id = sale_id
      and h.shopper_id in (select browsers_of(a_shopper))
      and (p.state > 1 or h.held_until + interval '2 s' > t)
$$;

-- Make a hold of the first free pieces; null, and nothing changed, where there are too few or the key is taken.
create function give_pieces(sale_id bigint, a_shopper uuid, a_key uuid, wanted int, for_s int, t timestamptz)
returns shop_hold language plpgsql as $$
declare ids bigint[]; nos int[]; made shop_hold;
begin
    select array_agg(free.id), array_agg(free.number order by free.number) into ids, nos
    from (select id, number from shop_piece where allotment_id = sale_id and state = 0 order by place limit wanted) free;
    if coalesce(cardinality(ids), 0) < wanted then
        return null;
    end if;
    insert into shop_hold (allotment_id, shopper_id, key, quantity, numbers, taken_at, held_until, ending)
    values (sale_id, a_shopper, a_key, wanted, nos, t, t + for_s * interval '1 s', '')
    on conflict (shopper_id, key) do nothing
    returning * into made;
    if made.id is not null then
        update shop_piece set state = 1, hold_id = made.id where id = any(ids);
    end if;
    return made;
end $$;

-- Where free pieces go: back to stock once the sale has ended, before its closing to the first waiters they fit.
-- The caller holds the lock of lock_sale().
create function place_free_pieces(sale shop_allotment) returns void language plpgsql as $$
declare t timestamptz := stagedoor_now(); left_over int; lowest int; waiting shop_waiter; given int; made shop_hold;
begin
    if sale.ended_at is not null then
        with back as (update shop_piece set state = 4 where allotment_id = sale.id and state = 0 returning number)
        select count(*), min(number) into left_over, lowest from back;
        if left_over > 0 then
            insert into shop_stockmove (level_id, delta, reason, reference)
            select id, left_over, 'from_drop', format('allotment:%s:back:%s', sale.id, lowest)
            from shop_stocklevel where variant_id = sale.variant_id;
            update shop_stocklevel set on_hand = on_hand + left_over where variant_id = sale.variant_id;
        end if;
        return;
    end if;
    if t >= sale.closes_at then
        return;
    end if;
    for waiting in
        select * from shop_waiter where allotment_id = sale.id and left_at is null and hold_id is null order by id for update
    loop
        select count(*) into left_over from (
            select 1 from shop_piece where allotment_id = sale.id and state = 0 limit waiting.quantity) free;
        exit when left_over = 0;
        given := least(waiting.quantity, left_over, sale.per_person - pieces_of_person(sale.id, waiting.shopper_id, t));
        continue when given <= 0 or (given < waiting.quantity and not waiting.takes_fewer);
        made := give_pieces(sale.id, waiting.shopper_id, waiting.key, given, 90, t);
        update shop_waiter set hold_id = made.id where id = waiting.id;
    end loop;
end $$;

-- End the holds of a sale whose clock ran out (with two seconds' grace) and place what they kept; how many pieces that was.
create function free_due_pieces(sale_id bigint) returns int language plpgsql as $$
declare sale shop_allotment := lock_sale(sale_id); t timestamptz := stagedoor_now(); freed int;
begin
    with due as (
        update shop_hold set ended_at = t, ending = 'expired'
        where allotment_id = sale_id and ended_at is null and pay_until is null and held_until + interval '2 s' <= t
        returning id),
    back as (update shop_piece p set state = 0, hold_id = null from due where p.hold_id = due.id returning 1)
    select count(*) into freed from back;
    perform place_free_pieces(sale);
    return freed;
end $$;

-- Claim pieces of an open sale. The same key and body get the same answer; verdicts other than 'held' move nothing:
-- unknown, key_reused, not_yet (ms_left until it opens, null while no opening is set), over, limit, sold_out;
-- a repeated key may also hear how its hold ended: sold, let_go, expired, unpaid.
create function claim_pieces(sale_id bigint, a_shopper uuid, a_key uuid, wanted int)
returns table (verdict text, hold_id bigint, numbers int[], ms_left bigint) language plpgsql as $$
declare sale shop_allotment; t timestamptz; mine shop_hold;
begin
    insert into shop_shopper (id) values (a_shopper) on conflict do nothing;
    sale := lock_sale(sale_id);
    t := stagedoor_now();
    select h.* into mine from shop_hold h where h.shopper_id = a_shopper and h.key = a_key;
    if mine.id is not null and (mine.allotment_id, mine.quantity) <> (sale_id, wanted) then
        return query select 'key_reused', null::bigint, null::int[], null::bigint;
    elsif mine.id is not null then
        return query select coalesce(nullif(mine.ending, ''), 'held'), mine.id, mine.numbers,
            greatest(0, coalesce(mine.kept_s, extract(epoch from mine.held_until - t)) * 1000)::bigint;
    elsif sale.id is null then
        return query select 'unknown', null::bigint, null::int[], null::bigint;
    elsif sale.ended_at is not null or t >= sale.closes_at then
        return query select 'over', null::bigint, null::int[], null::bigint;
    elsif sale.opens_at is null or t < sale.opens_at then
        return query select 'not_yet', null::bigint, null::int[], (extract(epoch from sale.opens_at - t) * 1000)::bigint;
    elsif wanted > sale.per_person - pieces_of_person(sale_id, a_shopper, t) then
        return query select 'limit', null::bigint, null::int[], null::bigint;
    else
        mine := give_pieces(sale_id, a_shopper, a_key, wanted, sale.hold_s, t);
        if mine.id is null and free_due_pieces(sale_id) > 0 then
            mine := give_pieces(sale_id, a_shopper, a_key, wanted, sale.hold_s, t);
        end if;
        if mine.id is null then
            return query select
                case when exists (select 1 from shop_hold h where h.shopper_id = a_shopper and h.key = a_key)
                     then 'key_reused' else 'sold_out' end,
                null::bigint, null::int[], null::bigint;
        else
            return query select 'held', mine.id, mine.numbers, sale.hold_s * 1000::bigint;
        end if;
    end if;
end $$;

-- Stop the clock of holds for a payment of at most for_s seconds; how many holds were still there to fence.
create function fence_holds(hold_ids bigint[], for_s int) returns int language plpgsql as $$
declare t timestamptz; fenced int;
begin
    perform 1 from shop_hold where id = any(hold_ids) order by id for update;
    t := stagedoor_now();
    with live as (
        update shop_hold
        set pay_until = t + for_s * interval '1 s', kept_s = greatest(0, extract(epoch from held_until - t))
        where id = any(hold_ids) and ended_at is null and pay_until is null and held_until + interval '2 s' > t
        returning id),
    moved as (update shop_piece p set state = 2 from live where p.hold_id = live.id and p.state = 1)
    select count(*) into fenced from live;
    return fenced;
end $$;

-- The payment was authorised: the fenced holds end as sold; how many there were.
create function sell_holds(hold_ids bigint[]) returns int language plpgsql as $$
declare t timestamptz; sold int;
begin
    perform 1 from shop_hold where id = any(hold_ids) order by id for update;
    t := stagedoor_now();
    with paid as (
        update shop_hold set ended_at = t, ending = 'sold', pay_until = null, kept_s = null
        where id = any(hold_ids) and ended_at is null and pay_until is not null
        returning id),
    moved as (update shop_piece p set state = 3 from paid where p.hold_id = paid.id and p.state = 2)
    select count(*) into sold from paid;
    return sold;
end $$;

-- Stripe says the payment is dead: the clock goes on with the seconds it kept, or the pieces are free.
create function unfence_holds(hold_ids bigint[]) returns void language plpgsql as $$
declare t timestamptz; sale_id bigint;
begin
    for sale_id in select distinct allotment_id from shop_hold where id = any(hold_ids) order by 1 loop
        perform lock_sale(sale_id);
    end loop;
    perform 1 from shop_hold where id = any(hold_ids) order by id for update;
    t := stagedoor_now();
    with dead as (
        update shop_hold
        set held_until = t + kept_s * interval '1 s', pay_until = null, kept_s = null,
            ended_at = case when kept_s > 0 then null else t end,
            ending = case when kept_s > 0 then '' else 'unpaid' end
        where id = any(hold_ids) and ended_at is null and pay_until is not null
        returning id, ended_at)
    update shop_piece p
    set state = case when dead.ended_at is null then 1 else 0 end,
        hold_id = case when dead.ended_at is null then p.hold_id end
    from dead where p.hold_id = dead.id and p.state = 2;
    for sale_id in select distinct allotment_id from shop_hold where id = any(hold_ids) order by 1 loop
        perform place_free_pieces(lock_sale(sale_id));
    end loop;
end $$;

-- The shopper does not want it any more; false where it is being paid or is over.
create function let_go_hold(a_hold bigint) returns boolean language plpgsql as $$
declare sale shop_allotment; gone bigint;
begin
    sale := lock_sale((select allotment_id from shop_hold where id = a_hold));
    update shop_hold set ended_at = stagedoor_now(), ending = 'let_go'
    where id = a_hold and ended_at is null and pay_until is null
    returning id into gone;
    update shop_piece set state = 0, hold_id = null where hold_id = gone;
    perform place_free_pieces(sale);
    return gone is not null;
end $$;

-- Sold pieces come back after a refund, to the line, the floor or the stock; how many did.
create function take_back_pieces(piece_ids bigint[]) returns int language plpgsql as $$
declare sale_id bigint; back int;
begin
    for sale_id in select distinct allotment_id from shop_piece where id = any(piece_ids) order by 1 loop
        perform lock_sale(sale_id);
    end loop;
    update shop_piece set state = 0, hold_id = null where id = any(piece_ids) and state = 3;
    get diagnostics back = row_count;
    for sale_id in select distinct allotment_id from shop_piece where id = any(piece_ids) order by 1 loop
        perform place_free_pieces(lock_sale(sale_id));
    end loop;
    return back;
end $$;

-- Sold pieces that were refunded and do not come back; how many there were.
create function write_off_pieces(piece_ids bigint[]) returns int language sql as $$
    with gone as (
        update shop_piece set state = 5, hold_id = null where id = any(piece_ids) and state = 3 returning 1)
    select count(*)::int from gone
$$;

-- The sale is over: the line goes home and free pieces return to stock; held ones run their course.
create function end_allotment(sale_id bigint) returns boolean language plpgsql as $$
declare ended bigint;
begin
    perform lock_sale(sale_id);
    update shop_allotment set ended_at = stagedoor_now() where id = sale_id and ended_at is null returning id into ended;
    update shop_waiter set left_at = stagedoor_now() where allotment_id = ended and left_at is null and hold_id is null;
    perform place_free_pieces(lock_sale(sale_id));
    return ended is not null;
end $$;

-- Join the line of a sale that has nothing free; verdicts: unknown, over, not_yet, limit, claimable (nothing to wait
-- for), waiting (place is 1 for the next to be served, 0 for who was served; joining again keeps the place).
create function join_line(sale_id bigint, a_shopper uuid, wanted int, fewer boolean)
returns table (verdict text, place int) language plpgsql as $$
declare sale shop_allotment; t timestamptz; mine bigint;
begin
    insert into shop_shopper (id) values (a_shopper) on conflict do nothing;
    perform free_due_pieces(sale_id);
    sale := lock_sale(sale_id);
    t := stagedoor_now();
    select w.id into mine from shop_waiter w
    where w.allotment_id = sale_id and w.left_at is null and w.hold_id is null
      and w.shopper_id in (select browsers_of(a_shopper))
    order by w.id limit 1;
    if sale.id is null then
        return query select 'unknown', null::int;
    elsif sale.ended_at is not null or t >= sale.closes_at then
        return query select 'over', null::int;
    elsif sale.opens_at is null or t < sale.opens_at then
        return query select 'not_yet', null::int;
    elsif mine is null and wanted > sale.per_person - pieces_of_person(sale_id, a_shopper, t) then
        return query select 'limit', null::int;
    elsif mine is null and (select count(*) from (
            select 1 from shop_piece where allotment_id = sale_id and state = 0 limit wanted) free) = wanted then
        return query select 'claimable', null::int;
    else
        if mine is null then
            insert into shop_waiter (allotment_id, shopper_id, key, quantity, takes_fewer)
            values (sale_id, a_shopper, gen_random_uuid(), wanted, fewer) returning id into mine;
            perform place_free_pieces(sale);
        end if;
        return query select 'waiting', (
            select count(*)::int from shop_waiter me join shop_waiter w on w.allotment_id = sale_id and w.id <= me.id
            where me.id = mine and me.hold_id is null and w.left_at is null and w.hold_id is null);
    end if;
end $$;
