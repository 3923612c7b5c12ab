-- An entry balances when its transaction commits, and postings are for ever.
create function entry_balances() returns trigger language plpgsql as $$
begin
    if (select sum(p.amount_minor) <> 0 or count(distinct a.currency) > 1
        from shop_posting p join shop_account a on a.id = p.account_id where p.entry_id = new.entry_id) then
        raise exception 'entry % does not balance', new.entry_id using errcode = 'check_violation';
    end if;
    return null;
end $$;

create constraint trigger entry_balances after insert on shop_posting
    deferrable initially deferred for each row execute function entry_balances();

create function never_changed() returns trigger language plpgsql as $$
begin
    raise exception '% rows are never changed', tg_table_name using errcode = 'check_violation';
end $$;

create trigger posting_never_changed before update or delete on shop_posting
    for each row execute function never_changed();
create trigger stockmove_never_changed before update or delete on shop_stockmove
    for each row execute function never_changed();
