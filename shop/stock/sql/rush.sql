-- Claims in groups, who may claim, who sits out, and a line whose offers last as long as the sale says.
-- The rest of a piece's life is in pieces.sql; locks and clocks are as there.

drop function claim_pieces(bigint, uuid, uuid, int);
drop function unfence_holds(bigint[]);
drop function join_line(bigint, uuid, int, boolean);

-- Every browser of a person, this one first known or not: few, which the planner has to be told.
create or replace function browsers_of(a_shopper uuid) returns setof uuid language sql stable rows 2 as $$
    select a_shopper
    union
    select twin.id from shop_shopper me join shop_shopper twin on twin.user_id = me.user_id where me.id = a_shopper
$$;

-- How many pieces of a sale a person owns: held, paying and sold, over all of the person's browsers. "+ 0" makes the
-- planner come by the person, who has a few holds, and not by the sale, which has thousands.
create or replace function pieces_of_person(sale_id bigint, a_shopper uuid, t timestamptz)
returns int language sql stable as $$
    select count(*)::int
    from shop_hold h join shop_piece p on p.hold_id = h.id
    where h.allotment_id + 0 = sale_id
      and h.shopper_id = any(array(select browser from browsers_of(a_shopper) browser))
      and (p.state > 1 or h.held_until + interval '2 s' > t)
$$;

-- What a person has of a sale over all of their browsers, and until when they sit out: a minute from the second
-- hold that they let run out, and from each one after it.
create function standing(sale_id bigint, a_shopper uuid, t timestamptz)
returns table (pieces int, sits_until timestamptz) language sql stable as $$
    select
        count(p.id) filter (where p.state > 1 or h.held_until + interval '2 s' > t)::int,
        case when count(distinct h.id) filter (where lapsed) > 1
             then max(h.held_until) filter (where lapsed) + interval '62 s' end
    from shop_hold h
    left join shop_piece p on p.hold_id = h.id
    cross join lateral (select h.ending in ('expired', 'unpaid')
        or (h.ended_at is null and h.pay_until is null and h.held_until + interval '2 s' <= t) as lapsed) late
    where h.allotment_id + 0 = sale_id and h.shopper_id = any(array(select browser from browsers_of(a_shopper) browser))
$$;

-- Why somebody may not have pieces of a sale at all: sign_in, follow, code_word; null where they may.
create function kept_out(sale shop_allotment, an_account bigint, a_word text) returns text language sql stable as $$
    select case
        when sale.audience = 'everyone' then null
        when sale.audience = 'code_word' then case when a_word is distinct from sale.code_word then 'code_word' end
        when an_account is null then 'sign_in'
        when sale.audience = 'followers' and not exists (
            select 1 from shop_follow f
            join shop_product p on p.store_id = f.store_id join shop_variant v on v.product_id = p.id
            where v.id = sale.variant_id and f.user_id = an_account) then 'follow'
    end
$$;

-- What an ask hears while a sale is not open: unknown, over, not_yet; null while it is.
create function closed_because(sale shop_allotment, t timestamptz) returns text language sql immutable as $$
    select case
        when sale.id is null then 'unknown'
        when sale.ended_at is not null or t >= sale.closes_at then 'over'
        when sale.opens_at is null or t < sale.opens_at then 'not_yet'
    end
$$;

-- Claim pieces of one sale for many at once; the asks are in the order of their arrival, and each is one ask of one
-- shopper: ss the shoppers, ks their keys, qs how many, ws the code words they know, ns digests of their networks.
-- The same key and number get the same answer. Verdicts: held (with numbers, prices and ms_left), or how the hold of
-- that key ended (sold, let_go, expired, unpaid); and, when nothing moves: unknown, key_reused, not_yet (ms_left until
-- it opens, null while no opening is set), over, sign_in, follow, code_word, sits_out (ms_left until it is over),
-- limit, crowded (so many of their network hold unpaid pieces), too_few (left_over are free), sold_out.
-- "again": the person was given something in this very group, so that this ask belongs to the next.
create function claim_pieces(
    sale_id bigint, ss uuid[], ks uuid[], qs int[], ws text[], ns bigint[], most_of_a_network int)
returns table (ask int, verdict text, hold_id bigint, numbers int[], prices bigint[], ms_left bigint, left_over int)
language plpgsql as $$
declare
    sale shop_allotment := lock_sale(sale_id);
    t timestamptz := stagedoor_now();
    closed text := closed_because(sale, t);
    wanted int := (select sum(q) from unnest(qs) q);
    ids bigint[] := '{}'; taken int := 0; given int;
    slots int[] := '{}'; served text[] := '{}';
    a record;
begin
    if closed is null then
        -- What ran out ends before anybody is counted: it may just have been fenced, and then it counts.
        if exists (select 1 from shop_hold due where due.allotment_id = sale_id and due.ended_at is null
                   and due.pay_until is null and due.held_until <= t - interval '2 s')
            and free_due_pieces(sale_id) > 0 then
            -- What was freed and offered to the line just now came before what is taken here.
            t := stagedoor_now();
            closed := closed_because(sale, t);
        end if;
        ids := first_free(sale_id, wanted);
    end if;
    for a in
        select asked.*, h.id as old, h.allotment_id as old_sale, h.asked as old_asked, h.ending, h.numbers as nos,
            coalesce(h.kept_s, extract(epoch from h.held_until - t)) as left_s,
            me.user_id, coalesce(me.user_id::text, asked.s::text) as person, has.pieces, has.sits_until,
            (select count(*) from shop_hold u
             where u.network = asked.n and u.ended_at is null and u.pay_until is null) as of_network
        from unnest(ss, ks, qs, ws, ns) with ordinality asked(s, k, q, w, n, o)
        left join shop_hold h on h.shopper_id = asked.s and h.key = asked.k
        left join shop_shopper me on me.id = asked.s
        cross join lateral standing(sale_id, asked.s, t) has
        order by asked.o
    loop
        ask := a.o; hold_id := null; numbers := null; prices := null; ms_left := null; left_over := null;
        if a.old is not null and (a.old_sale, a.old_asked) = (sale_id, a.q) then
            verdict := coalesce(nullif(a.ending, ''), 'held');
            hold_id := a.old; numbers := a.nos; ms_left := greatest(0, a.left_s * 1000);
            prices := (select array_agg(p.price_minor order by p.number) from shop_piece p
                       where p.allotment_id = sale_id and p.number = any(a.nos));
        else
            given := least(a.q, cardinality(ids) - taken);
            verdict := case
                when a.old is not null then 'key_reused'
                when closed is not null then closed
                else coalesce(kept_out(sale, a.user_id, a.w), case
                    when a.sits_until > t then 'sits_out'
                    when a.person = any(served) then 'again'
                    when a.q > sale.per_person - a.pieces then 'limit'
                    when a.of_network >= most_of_a_network then 'crowded'
                    when given = 0 then 'sold_out'
                    when given < a.q and not sale.takes_fewer then 'too_few'
                end)
            end;
            if verdict is null then
                slots := slots || array_fill(ask, array[given]);
                served := served || a.person;
                taken := taken + given;
                continue;
            end if;
            ms_left := case verdict when 'not_yet' then ceil(extract(epoch from sale.opens_at - t) * 1000)
                                    when 'sits_out' then ceil(extract(epoch from a.sits_until - t) * 1000) end;
            left_over := case verdict when 'too_few' then given end;
        end if;
        return next;
    end loop;
    if taken > 0 then
        return query select * from give_pieces(sale, ids[:taken], slots, ss, ks, qs, ns, t);
    end if;
end $$;

-- The first free pieces of a sale, at most so many, in the order of handing out.
create function first_free(sale_id bigint, at_most int) returns bigint[] language sql stable as $$
    select array(select id from shop_piece where allotment_id = sale_id and state = 0 order by place limit at_most)
$$;

-- Hold pieces for the asks of a group: the piece ids[i] goes to the ask slots[i]. An ask whose key was taken
-- meanwhile, in another sale, gets none and hears key_reused; keys are written in their own order, so that two sales
-- with the same keys do not wait for each other in a circle. The caller holds the lock of lock_sale().
create function give_pieces(
    sale shop_allotment, ids bigint[], slots int[], ss uuid[], ks uuid[], qs int[], ns bigint[], t timestamptz)
returns table (ask int, verdict text, hold_id bigint, numbers int[], prices bigint[], ms_left bigint, left_over int)
language plpgsql as $$
begin
    insert into shop_shopper (id) select distinct ss[o] from unnest(slots) o order by 1 on conflict do nothing;
    return query
    with slot as materialized (
        select given.o, p.id, p.number, p.price_minor
        from unnest(ids, slots) given(id, o) join shop_piece p on p.id = given.id),
    share as materialized (
        select o, array_agg(number order by number) as nos, array_agg(price_minor order by number) as minors
        from slot group by o),
    made as (
        insert into shop_hold
            (allotment_id, shopper_id, key, asked, quantity, numbers, network, taken_at, held_until, ending)
        select sale.id, ss[o], ks[o], qs[o], cardinality(nos), nos, ns[o], t, t + sale.hold_s * interval '1 s', ''
        from share order by ss[o], ks[o]
        on conflict (shopper_id, key) do nothing
        returning id, shopper_id, key),
    moved as (
        update shop_piece p set state = 1, hold_id = made.id
        from slot join made on made.shopper_id = ss[slot.o] and made.key = ks[slot.o]
        where p.id = slot.id)
    select share.o, case when made.id is null then 'key_reused' else 'held' end, made.id,
        case when made.id is not null then share.nos end, case when made.id is not null then share.minors end,
        sale.hold_s * 1000::bigint, null::int
    from share left join made on made.shopper_id = ss[share.o] and made.key = ks[share.o];
end $$;

-- Where free pieces go: back to stock once the sale has ended, before its closing to the first waiters they fit.
-- The caller holds the lock of lock_sale().
create or replace function place_free_pieces(sale shop_allotment) returns void language plpgsql as $$
declare t timestamptz := stagedoor_now(); left_over int; lowest int; waiting shop_waiter; given int;
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
        left_over := cardinality(first_free(sale.id, waiting.quantity));
        exit when left_over = 0;
        given := least(waiting.quantity, left_over, sale.per_person - pieces_of_person(sale.id, waiting.shopper_id, t));
        continue when given <= 0 or (given < waiting.quantity and not waiting.takes_fewer);
        perform offer_pieces(sale, waiting, given, t);
    end loop;
end $$;

-- A waiter's turn: a hold of the first free pieces, for as long as the sale's offers last.
create function offer_pieces(sale shop_allotment, waiting shop_waiter, given int, t timestamptz)
returns void language plpgsql as $$
declare ids bigint[] := first_free(sale.id, given); made bigint;
begin
    insert into shop_hold (allotment_id, shopper_id, key, asked, quantity, numbers, taken_at, held_until, ending)
    select sale.id, waiting.shopper_id, waiting.key, waiting.quantity, given, array_agg(number order by number),
        t, t + sale.offer_s * interval '1 s', ''
    from shop_piece where id = any(ids)
    returning id into made;
    update shop_piece set state = 1, hold_id = made where id = any(ids);
    update shop_waiter set hold_id = made where id = waiting.id;
end $$;

drop function give_pieces(bigint, uuid, uuid, int, int, timestamptz);

-- Stripe says the payment is dead: the clock goes on with the seconds it kept, at least with least_s, or the pieces
-- are free. least_s is for somebody whose bank said no, and who may try another card.
create function unfence_holds(hold_ids bigint[], least_s int) returns void language plpgsql as $$
declare t timestamptz; sale_id bigint;
begin
    for sale_id in select distinct allotment_id from shop_hold where id = any(hold_ids) order by 1 loop
        perform lock_sale(sale_id);
    end loop;
    perform 1 from shop_hold where id = any(hold_ids) order by id for update;
    t := stagedoor_now();
    with dead as (
        update shop_hold
        set held_until = t + greatest(kept_s, least_s) * interval '1 s', pay_until = null, kept_s = null,
            ended_at = case when greatest(kept_s, least_s) > 0 then null else t end,
            ending = case when greatest(kept_s, least_s) > 0 then '' else 'unpaid' end
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

-- Sold pieces that were refunded and do not come back; how many there were. Who had them may have others: the line
-- is served.
create or replace function write_off_pieces(piece_ids bigint[]) returns int language plpgsql as $$
declare sale_id bigint; gone int;
begin
    for sale_id in select distinct allotment_id from shop_piece where id = any(piece_ids) order by 1 loop
        perform lock_sale(sale_id);
    end loop;
    update shop_piece set state = 5, hold_id = null where id = any(piece_ids) and state = 3;
    get diagnostics gone = row_count;
    for sale_id in select distinct allotment_id from shop_piece where id = any(piece_ids) order by 1 loop
        perform place_free_pieces(lock_sale(sale_id));
    end loop;
    return gone;
end $$;

-- A payment under way may last longer: Stripe had no time to open its page yet. Never shorter.
create function extend_fence(hold_ids bigint[], until timestamptz) returns void language sql as $$
    update shop_hold set pay_until = greatest(pay_until, until)
    where id = any(hold_ids) and ended_at is null and pay_until is not null
$$;

-- Join the line of a sale that has nothing free; verdicts: unknown, over, not_yet, sign_in, follow, code_word, limit,
-- sits_out (ms_left until it is over), claimable (nothing to wait for), waiting (place is 1 for the next to be served,
-- 0 for who was served; joining again, from any browser of the person, keeps the place).
create function join_line(sale_id bigint, a_shopper uuid, wanted int, fewer boolean, a_word text)
returns table (verdict text, place int, ms_left bigint) language plpgsql as $$
declare sale shop_allotment; t timestamptz; mine bigint; account bigint; has record;
begin
    perform free_due_pieces(sale_id);
    sale := lock_sale(sale_id);
    t := stagedoor_now();
    select user_id into account from shop_shopper where id = a_shopper;
    select * into has from standing(sale_id, a_shopper, t);
    select w.id into mine from shop_waiter w
    where w.allotment_id = sale_id and w.left_at is null and w.hold_id is null
      and w.shopper_id in (select browsers_of(a_shopper))
    order by w.id limit 1;
    verdict := closed_because(sale, t);
    if verdict is null and mine is null then
        verdict := coalesce(kept_out(sale, account, a_word), case
            when has.sits_until > t then 'sits_out'
            when wanted > sale.per_person - has.pieces then 'limit'
            when cardinality(first_free(sale_id, wanted)) = wanted then 'claimable'
        end);
        ms_left := case when verdict = 'sits_out' then ceil(extract(epoch from has.sits_until - t) * 1000) end;
    end if;
    if verdict is null and mine is null then
        -- As in give_pieces(), after the sale was locked: a claim of the same new shopper would wait in a circle.
        insert into shop_shopper (id) values (a_shopper) on conflict do nothing;
        insert into shop_waiter (allotment_id, shopper_id, key, quantity, takes_fewer)
        values (sale_id, a_shopper, gen_random_uuid(), wanted, fewer) returning id into mine;
        perform place_free_pieces(sale);
    end if;
    if verdict is null then
        verdict := 'waiting';
        place := (
            select count(*) from shop_waiter me join shop_waiter w on w.allotment_id = sale_id and w.id <= me.id
            where me.id = mine and me.hold_id is null and w.left_at is null and w.hold_id is null);
    end if;
    return next;
end $$;

-- A drop fills its tables within seconds, and a connection keeps a plan from when they were small: whoever moves pieces
-- comes by an index, always. And a claim is planned once a connection, not each time: planning costs more than claiming.
alter function claim_pieces(bigint, uuid[], uuid[], int[], text[], bigint[], int) set enable_seqscan = off;
alter function claim_pieces(bigint, uuid[], uuid[], int[], text[], bigint[], int) set enable_hashjoin = off;
alter function claim_pieces(bigint, uuid[], uuid[], int[], text[], bigint[], int) set enable_mergejoin = off;
alter function claim_pieces(bigint, uuid[], uuid[], int[], text[], bigint[], int)
    set plan_cache_mode = force_generic_plan;
alter function join_line(bigint, uuid, int, boolean, text) set enable_seqscan = off;
alter function free_due_pieces(bigint) set enable_seqscan = off;
alter function fence_holds(bigint[], int) set enable_seqscan = off;
alter function sell_holds(bigint[]) set enable_seqscan = off;
alter function unfence_holds(bigint[], int) set enable_seqscan = off;
alter function let_go_hold(bigint) set enable_seqscan = off;
