-- +goose Up
-- Notices about what a file changed for people who were here leave one after another: until when, in real
-- time.
ALTER TABLE imports ADD COLUMN told_until timestamptz;

-- figure_of, as before: an account that its owner opened at the end of a recovery counts apart from one that
-- somebody or a mailed link unlocked, since it ends the recovery as a new password does.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION figure_of(kind text, outcome text, reason text, details jsonb) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE kind
    WHEN 'signin.ok' THEN 'signin.ok'
    WHEN 'signin.failed' THEN 'signin.failed'
    WHEN 'signin.factor_failed' THEN 'signin.factor_failed'
    WHEN 'signin.blocked' THEN 'signin.blocked'
    WHEN 'account.locked' THEN 'locked'
    WHEN 'reset.blocked' THEN 'reset.blocked'
    WHEN 'reset.requested' THEN 'asked.' || reason
    WHEN 'reset.completed' THEN 'set'
    WHEN 'account.unlocked' THEN CASE WHEN details ? 'flow' THEN 'unlocked.recovery' ELSE 'unlocked' END
    WHEN 'reset.step' THEN CASE WHEN outcome = 'success' AND reason = '' AND details ? 'flow' THEN 'gate.' || (details->>'gate') END
  END
$$;
-- +goose StatementEnd
