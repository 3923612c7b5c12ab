-- The clock that decides: the wall clock, or the instant a test set for its session.
create function stagedoor_now() returns timestamptz language sql volatile as $$
    select coalesce(nullif(current_setting('stagedoor.now', true), '')::timestamptz, clock_timestamp())
$$;
