-- +goose Up

-- A row with its vector is just over 2 kB, where PostgreSQL begins to move columns out of the row: about half of the foods
-- had their tsvector elsewhere, and each search fetched hundreds of them. Up to a page, rows stay whole. Rows
-- that are there already follow with their next import.
ALTER TABLE food SET (toast_tuple_target = 8160);
ALTER TABLE exercise SET (toast_tuple_target = 8160);

-- +goose Down
ALTER TABLE exercise RESET (toast_tuple_target);
ALTER TABLE food RESET (toast_tuple_target);
