-- +goose Up

-- A tenant keeps a bounded number of pictures: those that no version of its look, no draft and no link shows
-- make room for new ones.
GRANT DELETE ON images TO portico_app;
