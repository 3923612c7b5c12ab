-- Sales that change while they run: cheaper, larger, over before their time. The rest of a piece's life is in pieces.sql
-- and rush.sql; locks and clocks are as there.

-- Free pieces cost no more than this from now on, and neither do those that come back; how many became cheaper.
-- Held pieces keep their price for as long as they are held, sold ones for ever.
create function lower_price(sale_id bigint, to_minor bigint) returns int language plpgsql as $$
declare cheaper int;
begin
    perform lock_sale(sale_id);
    update shop_allotment set lowered_to_minor = least(lowered_to_minor, to_minor) where id = sale_id;
    update shop_piece set price_minor = to_minor
    where allotment_id = sale_id and state = 0 and price_minor > to_minor;
    get diagnostics cheaper = row_count;
    return cheaper;
end $$;

-- Whatever lets a piece come back, it costs no more than the sale's price by then. Whoever frees pieces has locked
-- their sale, so that its price stands still.
create function cost_no_more() returns trigger language plpgsql as $$
begin
    new.price_minor := least(new.price_minor,
        (select lowered_to_minor from shop_allotment where id = new.allotment_id));
    return new;
end $$;

create trigger a_piece_that_comes_back_costs_no_more before update of state on shop_piece
    for each row when (new.state = 0 and old.state <> 0) execute function cost_no_more();

-- So many more pieces, numbered on and handed out last, at the price of the last one; the line is served with them.
-- Answers the first new number. The caller took them from the stock.
create function add_pieces(sale_id bigint, more int) returns int language plpgsql as $$
declare sale shop_allotment := lock_sale(sale_id); last_one shop_piece;
begin
    select * into last_one from shop_piece where allotment_id = sale_id order by number desc limit 1;
    insert into shop_piece (allotment_id, number, place, price_minor, state)
    select sale_id, last_one.number + n, (select max(place) from shop_piece where allotment_id = sale_id) + n,
        least(last_one.price_minor, sale.lowered_to_minor), 0
    from generate_series(1, more) n;
    perform place_free_pieces(sale);
    return last_one.number + 1;
end $$;

-- End a sale whose window is over, by the clock as it stands when nobody else can move the window any more.
create function end_if_over(sale_id bigint) returns boolean language plpgsql as $$
declare sale shop_allotment := lock_sale(sale_id);
begin
    if sale.closes_at <= stagedoor_now() then
        return end_allotment(sale_id);
    end if;
    return false;
end $$;

-- End an open sale of which nothing is free, held or being paid.
create function end_if_sold(sale_id bigint) returns boolean language plpgsql as $$
declare sale shop_allotment := lock_sale(sale_id);
begin
    if sale.opens_at <= stagedoor_now()
        and not exists (select 1 from shop_piece where allotment_id = sale_id and state in (0, 1, 2)) then
        return end_allotment(sale_id);
    end if;
    return false;
end $$;

-- Who waits for several together takes fewer after all, from any browser of the person; false where nobody waits.
create function take_fewer(sale_id bigint, a_shopper uuid) returns boolean language plpgsql as $$
declare sale shop_allotment; waits boolean;
begin
    perform free_due_pieces(sale_id);
    sale := lock_sale(sale_id);
    update shop_waiter set takes_fewer = true
    where allotment_id = sale_id and left_at is null and hold_id is null
      and shopper_id in (select browsers_of(a_shopper));
    waits := found;
    perform place_free_pieces(sale);
    return waits;
end $$;
